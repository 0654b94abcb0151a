using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using MessageBus.Gateway.Jwt;
using Microsoft.Extensions.Logging.Abstractions;

namespace MessageBus.Gateway.CommandLine;

/// <summary><c>token inspect</c>: what a token says, and in words why this gateway would refuse it. Exit code 0 where it would be accepted.</summary>
internal sealed class TokenInspectCommand
{
    // Control characters stay escaped, so that a token cannot steer the terminal.
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Argument<string> _token = new("token") { Description = "The token; - reads it from the standard input, which leaves no trace in the shell's history" };

    public Command Build()
    {
        var command = new Command("inspect", "Show what a token says and whether the gateway would accept it") { _token };
        command.SetConfiguredAction(InspectAsync);
        return command;
    }

    private async Task<int> InspectAsync(ParseResult parsed, WebApplicationBuilder builder)
    {
        var given = parsed.GetRequiredValue(_token);
        var token = (given is "-" ? await Console.In.ReadToEndAsync() : given).Trim();
        if (CompactToken.TryParse(token, out var parts, out _))
        {
            await Console.Out.WriteLineAsync($"Header: {JsonSerializer.Serialize(parts.Header, Readable)}");
            await Console.Out.WriteLineAsync($"Claims: {JsonSerializer.Serialize(parts.Payload, Readable)}");
        }

        if (builder.Configuration.ReadJwtPolicy() is null)
        {
            return await RefusedAsync([$"This gateway accepts no tokens: '{JwtOptions.Section}' is not set."]);
        }

        using var ring = new JwtKeyRing(
            builder.Configuration, source => JwtConfiguration.OpenJwks(source, TimeProvider.System, NullLogger.Instance), NullLogger<JwtKeyRing>.Instance);
        var validator = new JwtValidator(ring, TimeProvider.System, NullLogger<JwtValidator>.Instance);
        var problems = await validator.ExplainAsync(token, CancellationToken.None);
        if (problems.Count > 0)
        {
            return await RefusedAsync(problems.Select(problem => problem.Words));
        }

        var accepted = await validator.ValidateAsync(token, CancellationToken.None);
        await Console.Out.WriteLineAsync($"Accepted. It counts for {Duration.Words(accepted!.Expires!.Value - TimeProvider.System.GetUtcNow())}, until {accepted.Expires:u}.");
        return 0;
    }

    private static async Task<int> RefusedAsync(IEnumerable<string> reasons)
    {
        await Console.Out.WriteLineAsync("Refused:");
        foreach (var reason in reasons)
        {
            await Console.Out.WriteLineAsync($"- {reason}");
        }

        return 1;
    }
}
