using System.Diagnostics.CodeAnalysis;

namespace MessageBus.Access;

/// <summary>Who a rule admits. The grammar stands at <see cref="ChannelRule"/>.</summary>
internal sealed class Audience
{
    private const string Right =
        "Right is 'none', 'anyone', 'authenticated', 'user', 'role:NAME' or 'claim:NAME=VALUE', or several of them with '|' between.";

    private readonly Admission[] _admissions;

    private Audience(Admission[] admissions) => _admissions = admissions;

    private enum AdmissionKind
    {
        None,
        Anyone,
        Authenticated,
        Role,
        Claim,
    }

    /// <summary>Takes <paramref name="text"/>, or <c>none</c> where there is none.</summary>
    public static bool TryParse(
        string? text, ChannelPattern pattern, [NotNullWhen(true)] out Audience? audience, [NotNullWhen(false)] out string? problem)
    {
        audience = null;
        var admissions = new List<Admission>();
        foreach (var part in (text ?? "none").Split('|', StringSplitOptions.TrimEntries))
        {
            if (Read(part) is not { } admission)
            {
                problem = Right;
                return false;
            }

            if (part is "user" && !pattern.HasPlaceholders)
            {
                problem = $"'user' is whom the placeholders match, and '{pattern}' has none: write {{user}} or {{claim:NAME}} into it, "
                    + "or 'authenticated' for everybody who has shown who they are.";
                return false;
            }

            admissions.Add(admission);
        }

        problem = null;
        audience = new Audience([.. admissions]);
        return true;
    }

    /// <summary>Whether a caller whom the pattern matches is admitted.</summary>
    public bool Admits(Caller caller)
    {
        foreach (var (kind, name, value) in _admissions)
        {
            var isAdmitted = kind switch
            {
                AdmissionKind.Anyone => true,
                AdmissionKind.Authenticated => caller.IsAuthenticated,
                AdmissionKind.Role => caller.IsInRole(name),
                AdmissionKind.Claim => caller.HasClaim(name, value),
                _ => false,
            };
            if (isAdmitted)
            {
                return true;
            }
        }

        return false;
    }

    private static Admission? Read(string text) => text switch
    {
        "none" => new Admission(AdmissionKind.None),
        "anyone" => new Admission(AdmissionKind.Anyone),

        // The placeholders have been compared with the pattern already; what is left is that there is somebody.
        "authenticated" or "user" => new Admission(AdmissionKind.Authenticated),
        _ when text.StartsWith("role:", StringComparison.Ordinal) && text.Length > "role:".Length =>
            new Admission(AdmissionKind.Role, text["role:".Length..]),
        _ when text.StartsWith("claim:", StringComparison.Ordinal) => ReadClaim(text["claim:".Length..]),
        _ => null,
    };

    private static Admission? ReadClaim(string text) =>
        text.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals && equals < text.Length - 1
            ? new Admission(AdmissionKind.Claim, text[..equals], text[(equals + 1)..])
            : null;

    private readonly record struct Admission(AdmissionKind Kind, string Name = "", string Value = "");
}
