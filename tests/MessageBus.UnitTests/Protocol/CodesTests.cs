using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using MessageBus.Protocol;
using MessageBus.UnitTests.Fakes;

namespace MessageBus.UnitTests.Protocol;

public sealed class CodesTests
{
    private static readonly Lazy<string> Documentation = new(() => File.ReadAllText(Repository.Path("src", "MessageBus", "Protocol", "PROTOCOL.md")));

    public static TheoryData<ErrorCode> ErrorCodes => [.. Enum.GetValues<ErrorCode>()];

    public static TheoryData<CloseReason> CloseReasons => [.. Enum.GetValues<CloseReason>()];

    [Theory]
    [MemberData(nameof(ErrorCodes))]
    public void Error_code_stands_in_the_protocol(ErrorCode code)
    {
        AssertDocumented(code.WireName());
    }

    [Theory]
    [MemberData(nameof(CloseReasons))]
    public void Close_code_stands_in_the_protocol(CloseReason reason)
    {
        if (reason is CloseReason.Lost)
        {
            // 1006 never travels (RFC 6455 section 7.4.1), so the protocol need not name it.
            return;
        }

        AssertDocumented(((int)reason).ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Gap_reasons_stand_in_the_protocol()
    {
        Assert.All(Enum.GetValues<GapReason>(), reason => AssertDocumented(reason.WireName()));
    }

    [Fact]
    public void Names_on_the_wire_are_different_from_each_other()
    {
        var errors = Enum.GetValues<ErrorCode>().Select(code => code.WireName()).ToList();
        var gaps = Enum.GetValues<GapReason>().Select(reason => reason.WireName()).ToList();

        Assert.Equal(errors.Count, errors.Distinct().Count());
        Assert.Equal(gaps.Count, gaps.Distinct().Count());
        Assert.All(errors.Concat(gaps), name => Assert.Matches("^[a-z]+(_[a-z]+)*$", name));
    }

    [Theory]
    [MemberData(nameof(CloseReasons))]
    public void Text_of_a_close_reason_fits_a_close_frame(CloseReason reason)
    {
        Assert.InRange(Encoding.UTF8.GetByteCount(reason.Text()), 0, 123);
    }

    [Fact]
    public void Texts_of_close_reasons_are_different_from_each_other()
    {
        var texts = Enum.GetValues<CloseReason>().Select(reason => reason.Text()).ToList();

        Assert.Equal(texts.Count, texts.Distinct().Count());
    }

    private static void AssertDocumented(string code)
    {
        Assert.True(
            Regex.IsMatch(Documentation.Value, $@"(?<![\w-]){Regex.Escape(code)}(?![\w-])"),
            $"src/MessageBus/Protocol/PROTOCOL.md does not name {code}.");
    }
}
