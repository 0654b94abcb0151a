using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.KeyPerFile;
using Microsoft.Extensions.FileProviders;

namespace MessageBus.Gateway.Configuration;

/// <summary>
/// Settings as files, as Docker and Kubernetes mount secrets: a file is named like the environment variable would be (<c>MessageBus__Jwt__Secret</c>), and
/// holds the value. They count less than the environment and more than appsettings.json, and are read again when they change.
/// </summary>
internal static class SecretFiles
{
    private const string FolderKey = $"{GatewayOptions.Section}:{nameof(GatewayOptions.SecretsFolder)}";

    /// <exception cref="ConfigurationProblem">The folder that is named is not there, or a file in it cannot be read.</exception>
    public static void AddSecretFiles(this ConfigurationManager configuration)
    {
        var named = configuration[FolderKey];
        var folder = string.IsNullOrEmpty(named) ? GatewayOptions.DefaultSecretsFolder : Path.GetFullPath(named);
        if (!Directory.Exists(folder))
        {
            if (!string.IsNullOrEmpty(named))
            {
                throw new ConfigurationProblem($"'{FolderKey}' names a folder that is not there: {folder}");
            }

            return;
        }

        try
        {
            IList<IConfigurationSource> sources = configuration.Sources;
            var environment = sources.OfType<EnvironmentVariablesConfigurationSource>().LastOrDefault(source => string.IsNullOrEmpty(source.Prefix));
            sources.Insert(
                environment is null ? sources.Count : sources.IndexOf(environment),
                new KeyPerFileConfigurationSource { FileProvider = new PhysicalFileProvider(folder), Optional = true, ReloadOnChange = true });
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new ConfigurationProblem($"A file in {folder} ('{FolderKey}') cannot be read: {e.Message}", e);
        }
    }
}
