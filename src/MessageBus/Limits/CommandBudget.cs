namespace MessageBus.Limits;

/// <summary>What one connection has used of the <see cref="CommandRates"/>. Used by one thread at a time: commands come one after the other.</summary>
internal struct CommandBudget
{
    private TokenBucket _commands;
    private TokenBucket _publishes;
    private TokenBucket _subscribes;

    /// <summary>For each command, whatever becomes of it.</summary>
    public Payment ChargeCommand(CommandRates rates, out TimeSpan wait) => _commands.Charge(rates.Commands, out wait);

    /// <summary>Whether it may publish; where not, when it may.</summary>
    public bool TryPublish(CommandRates rates, out TimeSpan wait) => _publishes.TryTake(rates.Publishes, out wait);

    /// <summary>Whether it may subscribe; where not, when it may.</summary>
    public bool TrySubscribe(CommandRates rates, out TimeSpan wait) => _subscribes.TryTake(rates.Subscribes, out wait);
}
