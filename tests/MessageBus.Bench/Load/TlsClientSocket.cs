using MessageBus.Bench.Native;

namespace MessageBus.Bench.Load;

/// <summary>A <see cref="ClientSocket"/> with TLS. A returning client presents the session of its last connection, as browsers do.</summary>
internal sealed unsafe class TlsClientSocket : ClientSocket
{
    private readonly nint _ssl;

    public TlsClientSocket(int fd, nint context, nint session) : base(fd)
    {
        _ssl = OpenSsl.SSL_new(context);
        _ = OpenSsl.SSL_set_fd(_ssl, fd);
        if (session != 0)
            _ = OpenSsl.SSL_set_session(_ssl, session);
    }

    public override bool ShortReadIsLast => false;

    public bool Resumed => OpenSsl.SSL_session_reused(_ssl) != 0;

    /// <summary>The session for the next connection; the caller owns it.</summary>
    public nint TakeSession() => OpenSsl.SSL_get1_session(_ssl);

    public override bool Continue()
    {
        OpenSsl.ERR_clear_error();
        var result = OpenSsl.SSL_connect(_ssl);
        if (result == 1)
            return true;
        var error = OpenSsl.SSL_get_error(_ssl, result);
        return error is OpenSsl.WantRead or OpenSsl.WantWrite ? false : throw new IOException($"TLS handshake failed ({error})");
    }

    public override int Receive(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            var count = OpenSsl.SSL_read(_ssl, start, buffer.Length);
            if (count > 0)
                return count;
            var error = OpenSsl.SSL_get_error(_ssl, count);
            if (error is OpenSsl.WantRead or OpenSsl.WantWrite)
                return NothingNow;
            OpenSsl.ERR_clear_error();
            return Ended;
        }
    }

    public override void Send(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            if (OpenSsl.SSL_write(_ssl, start, bytes.Length) != bytes.Length)
                throw new IOException("TLS write failed");
        }
    }

    public override void Close()
    {
        OpenSsl.SSL_set_shutdown(_ssl, OpenSsl.ShutDown);
        OpenSsl.SSL_free(_ssl);
        base.Close();
    }
}
