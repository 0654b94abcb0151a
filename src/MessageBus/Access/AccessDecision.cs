namespace MessageBus.Access;

/// <summary>The answer to whether a caller may do something.</summary>
internal enum AccessDecision
{
    /// <summary>Go on.</summary>
    Allowed,

    /// <summary>No; the same whether or not the channel exists.</summary>
    Forbidden,

    /// <summary>The app's own code failed to say, so no.</summary>
    Failed,
}
