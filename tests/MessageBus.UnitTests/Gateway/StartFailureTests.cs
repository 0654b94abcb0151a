using System.Net.Sockets;
using MessageBus.Gateway.Configuration;
using Microsoft.Extensions.Options;

namespace MessageBus.UnitTests.Gateway;

public sealed class StartFailureTests
{
    public static TheoryData<Exception, string> Mendable => new()
    {
        { new ConfigurationProblem("There is no setting 'MessageBus:X'."), "There is no setting 'MessageBus:X'." },
        { new OptionsValidationException("", typeof(MessageBusOptions), ["One is wrong.", "Two is wrong."]), "One is wrong. Two is wrong." },
        { new IOException("Failed to bind to address http://127.0.0.1:80: address already in use."), "address already in use" },
        { new SocketException((int)SocketError.AccessDenied), "'urls'" },
        { new FormatException("Invalid url: 'x'"), "Invalid url: 'x'" },
    };

    [Theory]
    [MemberData(nameof(Mendable))]
    public void What_an_operator_can_mend_is_said_in_one_line(Exception exception, string expected)
    {
        Assert.True(StartFailure.TryExplain(exception, out var explanation));
        Assert.Contains(expected, explanation, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void Fault_of_our_own_keeps_its_stack_trace()
    {
        Assert.False(StartFailure.TryExplain(new InvalidOperationException("a fault"), out var explanation));
        Assert.Null(explanation);
    }
}
