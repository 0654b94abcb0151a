namespace MessageBus.Access;

/// <summary>
/// One entry of <see cref="AccessOptions.Channels"/>: who may do what on the channels of a pattern. The first rule whose pattern matches decides.
/// <code>
/// who       = admission *( "|" admission )
/// admission = "none" | "anyone" | "authenticated" | "user" | "role:" NAME | "claim:" TYPE "=" VALUE
/// </code>
/// <c>user</c> is whoever the placeholders of the pattern match, and needs one; <c>authenticated</c> is everybody who has shown who they are.
/// Placeholders hold for all of them: a pattern with <c>{user}</c> matches the caller's own channels only, whoever the rule admits.
/// </summary>
public sealed class ChannelRule
{
    /// <summary>Which channels, as <see cref="ChannelPattern"/> says it. Required.</summary>
    public string? Pattern { get; set; }

    /// <summary>Who may subscribe. Default <c>none</c>.</summary>
    public string? Subscribe { get; set; }

    /// <summary>Who may publish. Default <c>none</c>.</summary>
    public string? Publish { get; set; }
}
