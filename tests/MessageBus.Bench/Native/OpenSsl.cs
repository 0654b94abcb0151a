using System.Runtime.InteropServices;

namespace MessageBus.Bench.Native;

/// <summary>
/// The client half of OpenSSL 3, called directly: an SslStream a connection would cost the load generator a task and a copy a read,
/// and it has to be faster than every server it measures.
/// </summary>
internal static partial class OpenSsl
{
    public const int WantRead = 2;
    public const int WantWrite = 3;

    /// <summary>For <see cref="SSL_set_shutdown"/>: both sides have said that they close. Without it OpenSSL would not resume the session.</summary>
    public const int ShutDown = 3;

    private const string Library = "libssl.so.3";
    private const int ModeControl = 33;
    private const int ReleaseBuffers = 0x10;
    private const int ReadAheadControl = 41;

    /// <summary>A context that verifies nothing (the certificate is made by the bench) and reads as much as the socket has in one call.</summary>
    public static nint ClientContext()
    {
        var context = SSL_CTX_new(TLS_client_method());
        if (context == 0)
            throw new IOException("SSL_CTX_new failed");
        _ = SSL_CTX_ctrl(context, ModeControl, ReleaseBuffers, 0);
        _ = SSL_CTX_ctrl(context, ReadAheadControl, 1, 0);
        return context;
    }

    /// <summary>Why TLS clients cannot run here, or null.</summary>
    public static string? Missing() => NativeLibrary.TryLoad(Library, out _) ? null : $"{Library} is missing";

    [LibraryImport(Library)]
    public static partial nint SSL_new(nint context);

    [LibraryImport(Library)]
    public static partial void SSL_free(nint ssl);

    [LibraryImport(Library)]
    public static partial int SSL_set_fd(nint ssl, int fd);

    [LibraryImport(Library)]
    public static partial int SSL_connect(nint ssl);

    [LibraryImport(Library)]
    public static unsafe partial int SSL_read(nint ssl, byte* buffer, int length);

    [LibraryImport(Library)]
    public static unsafe partial int SSL_write(nint ssl, byte* buffer, int length);

    [LibraryImport(Library)]
    public static partial int SSL_get_error(nint ssl, int result);

    [LibraryImport(Library)]
    public static partial nint SSL_get1_session(nint ssl);

    [LibraryImport(Library)]
    public static partial int SSL_set_session(nint ssl, nint session);

    [LibraryImport(Library)]
    public static partial void SSL_SESSION_free(nint session);

    [LibraryImport(Library)]
    public static partial int SSL_session_reused(nint ssl);

    [LibraryImport(Library)]
    public static partial void SSL_set_shutdown(nint ssl, int mode);

    [LibraryImport("libcrypto.so.3")]
    public static partial void ERR_clear_error();

    [LibraryImport(Library)]
    private static partial nint TLS_client_method();

    [LibraryImport(Library)]
    private static partial nint SSL_CTX_new(nint method);

    [LibraryImport(Library)]
    private static partial nint SSL_CTX_ctrl(nint context, int command, nint number, nint pointer);
}
