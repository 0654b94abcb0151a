using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using MessageBus.Redis.Settings;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.KeyPerFile;

namespace MessageBus.Gateway.Configuration;

/// <summary>Every setting of the gateway with its value and where it comes from. Secrets are masked: what is printed ends up in tickets.</summary>
internal static class EffectiveSettings
{
    private const string Masked = "********";
    private const string None = "(none)";
    private const string RedisKey = "ConnectionStrings:Redis";

    public static IEnumerable<EffectiveSetting> Of(WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        var redis = configuration[RedisKey];
        yield return string.IsNullOrEmpty(redis)
            ? new EffectiveSetting(RedisKey, "(none: the embedded broker)", SourceOf(configuration, RedisKey))
            : new EffectiveSetting(RedisKey, MaskedConnectionString.Of(redis), SourceOf(configuration, RedisKey));
        yield return new EffectiveSetting("urls", configuration["urls"] ?? "(those of the environment)", SourceOf(configuration, "urls"));

        var section = configuration.GetSection(GatewayOptions.Section);
        var anonymous = new MessageBusOptions { AllowAnonymous = builder.Environment.IsDevelopment() };
        foreach (var setting in Below(configuration, section, anonymous).Concat(Below(configuration, section, new GatewayOptions())))
        {
            yield return setting;
        }
    }

    /// <summary>A setting for each property of <paramref name="defaults"/>, and for those of its own sections.</summary>
    private static IEnumerable<EffectiveSetting> Below(IConfigurationRoot configuration, IConfigurationSection section, object defaults)
    {
        foreach (var property in defaults.GetType().GetProperties().Where(property => property.CanWrite || KnownKeys.IsSection(property.PropertyType) || ElementType(property.PropertyType) is not null))
        {
            var child = section.GetSection(property.Name);
            var value = property.GetValue(defaults);
            IEnumerable<EffectiveSetting> settings = property.PropertyType switch
            {
                var type when ElementType(type) is { } element => OfList(configuration, child, element),
                var type when type.IsClass && type != typeof(string) && value is not null => Below(configuration, child, value),
                _ => [OfValue(configuration, child, value, IsSecret(property))],
            };
            foreach (var setting in settings)
            {
                yield return setting;
            }
        }
    }

    private static EffectiveSetting OfValue(IConfigurationRoot configuration, IConfigurationSection setting, object? byDefault, bool isSecret)
    {
        var text = setting.Value ?? Convert.ToString(byDefault, CultureInfo.InvariantCulture);
        var shown = string.IsNullOrEmpty(text) ? None : isSecret ? Masked : text;
        return new EffectiveSetting(setting.Path, shown, SourceOf(configuration, setting.Path));
    }

    private static IEnumerable<EffectiveSetting> OfList(IConfigurationRoot configuration, IConfigurationSection list, Type element)
    {
        var elements = list.GetChildren().ToList();
        return elements.Count is 0
            ? [new EffectiveSetting(list.Path, None, "default")]
            : elements.SelectMany(child => element.IsClass && element != typeof(string)
                ? Below(configuration, child, Activator.CreateInstance(element)!)
                : [OfValue(configuration, child, byDefault: null, isSecret: false)]);
    }

    private static Type? ElementType(Type type) =>
        type == typeof(string) || !typeof(IEnumerable).IsAssignableFrom(type) ? null : type.GetElementType() ?? type.GenericTypeArguments.FirstOrDefault();

    private static bool IsSecret(PropertyInfo property) => property.GetCustomAttribute<DataTypeAttribute>() is { DataType: DataType.Password };

    /// <summary>The last provider that has the key is the one that counts.</summary>
    private static string SourceOf(IConfigurationRoot configuration, string key)
    {
        foreach (var provider in configuration.Providers.Reverse())
        {
            if (provider.TryGet(key, out _))
            {
                return provider switch
                {
                    RenamedKeys => $"{SourceOf(configuration, RenamedKeys.OldNameOf(key)!)}, old name",
                    ChainedConfigurationProvider { Configuration: IConfigurationRoot inner } => SourceOf(inner, key),
                    FileConfigurationProvider file => file.Source.Path ?? "a file",
                    EnvironmentVariablesConfigurationProvider => $"environment variable {EnvironmentName(key)}",
                    KeyPerFileConfigurationProvider => $"secret file {EnvironmentName(key)}",
                    CommandLineConfigurationProvider => "command line",
                    _ => "the host",
                };
            }
        }

        return "default";
    }

    /// <summary>ASP.NET's own have a prefix that is cut off.</summary>
    private static string EnvironmentName(string key) => key is "urls" ? "ASPNETCORE_URLS" : key.Replace(":", "__", StringComparison.Ordinal);
}

/// <summary>A setting as it would be used.</summary>
/// <param name="Key">Its full key.</param>
/// <param name="Value">Its value, or a mask where it is secret.</param>
/// <param name="Source">Where the value comes from, for people.</param>
internal sealed record EffectiveSetting(string Key, string Value, string Source);
