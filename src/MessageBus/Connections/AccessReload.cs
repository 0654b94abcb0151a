using System.Threading.Channels;
using MessageBus.Access;
using MessageBus.Protocol;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace MessageBus.Connections;

/// <summary>
/// Takes over changed rules, automatic subscriptions, origins and API keys while the gateway runs: all of them, or none where anything is wrong.
/// Then the rights of every live connection are looked at again, on threads of the pool.
/// </summary>
internal sealed partial class AccessReload(
    AccessSource source, ChannelAccess access, ConnectionRegistry registry, ILogger<AccessReload> logger) : BackgroundService
{
    private const int ReviewsAtOnce = 8;

    private readonly ILogger _logger = logger;

    // Changes that come while one is being taken over are taken over together.
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private List<IDisposable> _listening = [];

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _listening = [.. source.Changes.Select(change => ChangeToken.OnChange(change, () => _changes.Writer.TryWrite(true)))];
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _listening.ForEach(one => one.Dispose());
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var _ in _changes.Reader.ReadAllAsync(stoppingToken))
            {
                if (TryTakeOver())
                {
                    await ReviewAllAsync(stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The gateway stops.
        }
    }

    private bool TryTakeOver()
    {
        try
        {
            // Validates too, with everything that the host has to say about its options.
            var options = source.Read();

            // What is subscribed is divided by the one of the start.
            options.ChannelSeparator = access.Policy.Separator;
            var policy = AccessPolicy.Read(options, new List<string>());
            if (access.Policy.HasRules && !policy.HasRules)
            {
                // A file that is being written looks like this. What it would mean, all channels open or all closed, is for a start to say.
                LogRulesMissing();
                return false;
            }

            if (access.Policy.ApiKeys.Count > 0 && policy.ApiKeys.Count is 0)
            {
                // The same: without keys the API would be open in Development, and closed elsewhere.
                LogKeysMissing();
                return false;
            }

            access.Policy = policy;
            LogTakenOver(policy.RuleCount, policy.ApiKeys.Count);
            return true;
        }
        catch (Exception e) when (e is OptionsValidationException or InvalidOperationException)
        {
            LogRefused(e is OptionsValidationException wrong ? string.Join(' ', wrong.Failures) : e.Message);
            return false;
        }
        catch (Exception e)
        {
            LogFailed(e);
            return false;
        }
    }

    private async Task ReviewAllAsync(CancellationToken stoppingToken)
    {
        var limits = new ParallelOptions { MaxDegreeOfParallelism = ReviewsAtOnce, CancellationToken = stoppingToken };
        await Parallel.ForEachAsync(registry.All, limits, async (connection, _) =>
        {
            try
            {
                await connection.Subscriptions.ReviewAsync();
            }
            catch (Exception e)
            {
                // Rights that could not be looked at are no rights.
                LogReviewFailed(e, connection.Identity.Id);
                connection.Close(CloseReason.Internal);
            }
        });
    }
}
