using MessageBus.Access;

namespace MessageBus.UnitTests.Access;

public sealed class ApiKeysTests
{
    // Sha256 is what this prints: printf %s this-is-a-key-of-the-tests-0123456789 | sha256sum
    private const string Key = "this-is-a-key-of-the-tests-0123456789";
    private const string Sha256 = "e0f7cf741a982e65e28cdbbbfc9d66eb7dc7009ac066ae6de11e44a6b13de133";

    [Fact]
    public void Key_is_found_by_itself_or_by_its_hash()
    {
        var keys = Read(
            new ApiKeyOptions { Name = "backend", Key = "another-key-of-the-tests-0123456789", Scopes = "publish" },
            new ApiKeyOptions { Sha256 = Sha256, Scopes = "read | admin" });

        var found = keys.Find(Key);

        Assert.Equal("backend", keys.Find("another-key-of-the-tests-0123456789")?.Name);
        Assert.Equal("1", found?.Name);
        Assert.Equal([false, true, true], new[] { ApiKeyScope.Publish, ApiKeyScope.Read, ApiKeyScope.Admin }.Select(scope => found!.IsGoodFor(scope)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("this-is-a-key-of-the-tests-012345678")]
    [InlineData("this-is-a-key-of-the-tests-01234567890")]
    [InlineData("THIS-IS-A-KEY-OF-THE-TESTS-0123456789")]
    [InlineData(Sha256)]
    public void Anything_else_is_no_key(string presented)
    {
        Assert.Null(Read(new ApiKeyOptions { Key = Key, Scopes = "read" }).Find(presented));
    }

    [Fact]
    public void Endless_text_is_no_key()
    {
        Assert.Null(Read(new ApiKeyOptions { Key = Key, Scopes = "read" }).Find(new string('x', 10_000_000)));
    }

    [Theory]
    [InlineData(null, null, "read", "'Keys:0' needs either 'Key' or 'Sha256'")]
    [InlineData(Key, Sha256, "read", "'Keys:0' needs either 'Key' or 'Sha256'")]
    [InlineData("short", null, "read", "'Keys:0:Key' has 5 characters")]
    [InlineData("a key with spaces in it, 32 characters", null, "read", "printable characters")]
    [InlineData("ein-schlüssel-mit-umlauten-0123456789", null, "read", "printable characters")]
    [InlineData(null, "abc", "read", "'Keys:0:Sha256' is not 64 hexadecimal digits")]
    [InlineData(null, Key + Key, "read", "'Keys:0:Sha256' is not 64 hexadecimal digits")]
    [InlineData(Key, null, null, "'Keys:0:Scopes' is ''")]
    [InlineData(Key, null, "root", "'Keys:0:Scopes' is 'root'")]
    [InlineData(Key, null, "read,admin", "'Keys:0:Scopes' is 'read,admin'")]
    [InlineData(Key, null, "read|", "'Keys:0:Scopes' is 'read|'")]
    public void Wrong_setting_is_named_and_the_key_is_not_said(string? key, string? sha256, string? scopes, string problem)
    {
        var problems = new List<string>();

        ApiKeys.Read([new ApiKeyOptions { Key = key, Sha256 = sha256, Scopes = scopes }], "Keys", problems);

        Assert.Contains(problem, Assert.Single(problems), StringComparison.Ordinal);
        Assert.DoesNotContain(Key, problems[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Key_stands_in_the_list_once()
    {
        var problems = new List<string>();

        ApiKeys.Read([new ApiKeyOptions { Key = Key, Scopes = "read" }, new ApiKeyOptions { Sha256 = Sha256, Scopes = "admin" }], "Keys", problems);

        Assert.Contains("'Keys:1'", Assert.Single(problems), StringComparison.Ordinal);
    }

    private static ApiKeys Read(params ApiKeyOptions[] options)
    {
        var problems = new List<string>();
        var keys = ApiKeys.Read(options, "Keys", problems);
        Assert.Empty(problems);
        return keys;
    }
}
