#include "spec/text.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/path.h"

namespace specd::spec {
namespace {

std::string utf8(char32_t c) {
  const auto byte = [](char32_t value) { return static_cast<char>(value); };
  if (c < 0x80) return {byte(c)};
  if (c < 0x800) return {byte(0xc0 | c >> 6), byte(0x80 | (c & 0x3f))};
  return {byte(0xe0 | c >> 12), byte(0x80 | (c >> 6 & 0x3f)), byte(0x80 | (c & 0x3f))};
}

// ECMAScript 2024, 12.2 and 12.3: WhiteSpace and LineTerminator.
const std::set<char32_t> kJavaScriptSpace = {0x09,   0x0a,   0x0b,   0x0c,   0x0d,   0x20,   0xa0,
                                             0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005,
                                             0x2006, 0x2007, 0x2008, 0x2009, 0x200a, 0x2028, 0x2029,
                                             0x202f, 0x205f, 0x3000, 0xfeff};

TEST(Text, WhiteSpaceIsWhatJavaScriptSays) {
  for (char32_t c = 0; c <= 0xffff; ++c) {
    if (c >= 0xd800 && c <= 0xdfff) continue;
    const std::string text = utf8(c) + "x";
    const size_t expected = kJavaScriptSpace.contains(c) ? text.size() - 1 : 0;
    ASSERT_EQ(space_length(text, 0), expected) << std::hex << static_cast<uint32_t>(c);
  }
}

TEST(Text, ASpaceThatIsCutOffIsNone) {
  for (const char* cut : {"\xc2", "\xe2", "\xe2\x80", "\xef\xbb", "\xe3\x80", ""}) {
    EXPECT_EQ(space_length(cut, 0), 0u) << cut;
  }
}

TEST(Text, TrimTakesEveryKindFromBothEnds) {
  for (const char32_t c : kJavaScriptSpace) {
    EXPECT_EQ(trim(utf8(c) + " a b\t" + utf8(c)), "a b");
  }
  EXPECT_EQ(trim(" \xc2\xa0\xef\xbb\xbf"), "");
  EXPECT_EQ(trim("\xc2\x85x\xc2\x85"), "\xc2\x85x\xc2\x85");
  EXPECT_EQ(trim("\x80\xa8"), "\x80\xa8");
}

TEST(Text, CharactersAreCountedAsUtf16) {
  const struct {
    std::string_view text;
    size_t bytes;
    size_t units;
  } table[] = {
      {"a", 1, 1},
      {"\xc3\xa4", 2, 1},
      {"\xe2\x9c\x93", 3, 1},
      {"\xf0\x9f\x9a\xa7", 4, 2},
      {"\xf4\x8f\xbf\xbf", 4, 2},
      {"\xff", 1, 1},
      {"\xc0\x80", 1, 1},
      {"\xe2\x9c]", 2, 1},  // the longest good beginning
      {"\xf0\x9f\x9a]", 3, 1},
      {"\xed\xa0\x80", 1, 1},      // a surrogate
      {"\xe0\x80\x80", 1, 1},      // overlong
      {"\xf4\x90\x80\x80", 1, 1},  // past U+10FFFF
      {"\xf0\x9f", 2, 1},
  };
  for (const auto& row : table) {
    const Character character = first_character(row.text);
    EXPECT_EQ(character.bytes, row.bytes) << printable_utf8(row.text);
    EXPECT_EQ(character.units, row.units) << printable_utf8(row.text);
  }
}

TEST(Text, CaseIsIgnoredInAscii) {
  EXPECT_TRUE(equal_ignoring_case("Added", "aDDED"));
  EXPECT_FALSE(equal_ignoring_case("Added", "Adde"));
  EXPECT_FALSE(equal_ignoring_case("[", "{"));
  EXPECT_TRUE(starts_ignoring_case("CHANGE: x", "Change:"));
  EXPECT_FALSE(starts_ignoring_case("Chang", "Change:"));
}

}  // namespace
}  // namespace specd::spec
