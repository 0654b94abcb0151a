using System.Globalization;
using System.Text;

namespace MessageBus.Protocol;

/// <summary>
/// Characters that make two different names look the same to the person who writes a rule or reads a log: those that show nothing
/// (Unicode's Default_Ignorable_Code_Point, DerivedCoreProperties.txt, and the blank Braille pattern), and those that pass for the signs that structure
/// a name (after confusables.txt of Unicode Technical Standard 39). Letters of other scripts are not among them: names are compared exactly, in any
/// script, and a letter that looks like another is another channel.
/// </summary>
internal static class DeceptiveCharacters
{
    public static bool IsInvisible(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format
        || rune.Value is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or (>= 0x180B and <= 0x180F) or 0x2065 or 0x2800 or 0x3164
            or (>= 0xFE00 and <= 0xFE0F) or 0xFFA0 or (>= 0xFFF0 and <= 0xFFF8) or (>= 0xE0000 and <= 0xE0FFF);

    public static bool LooksLikePunctuation(Rune rune) => rune.Value is
        0x02D0 or 0x02F8 or 0xA789 or 0x2236 // :
        or 0x066D or 0x204E or 0x2217 or 0x2731 // *
        or 0x2044 or 0x2215 or 0x2571 or 0x29F8 // /
        or 0x2216 or 0x29F5 or 0x29F9 or 0x2572 // \
        or 0x2772 or 0x2773 // [ ]
        or (>= 0xFE10 and <= 0xFE19) or (>= 0xFE30 and <= 0xFE6F) // forms of signs for vertical text, and small ones
        or (>= 0xFF01 and <= 0xFF5E); // all of ASCII in full width
}
