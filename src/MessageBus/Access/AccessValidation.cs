using Microsoft.Extensions.Options;

namespace MessageBus.Access;

/// <summary>Rules, automatic subscriptions and origins that cannot be read stop the start, and a reload.</summary>
internal sealed class AccessValidation : IValidateOptions<MessageBusOptions>
{
    public ValidateOptionsResult Validate(string? name, MessageBusOptions options)
    {
        var problems = new List<string>();
        AccessPolicy.Read(options, problems);
        return problems.Count is 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}
