#include "merge/text3.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "merge/lines.h"
#include "tests/support/must.h"

namespace specd::merge {
namespace {

using test::must;
using testing::HasSubstr;

std::string merged(const Sides& sides, Markers markers = Markers::none) {
  return must(text3(sides, markers)).content;
}
size_t conflicts(const Sides& sides) {
  return must(text3(sides, Markers::none)).conflicts;
}
std::string why(const Sides& sides) {
  const auto result = text3(sides, Markers::none);
  return result ? "" : result.error().message;
}

TEST(Text3, EditsOfDifferentLinesAreBothThere) {
  const Sides sides{"a\nb\nc\nd\n", "A\nb\nc\nd\n", "a\nb\nc\nD\n"};
  EXPECT_EQ(merged(sides), "A\nb\nc\nD\n");
  EXPECT_EQ(conflicts(sides), 0u);
}

TEST(Text3, TheSameEditOnBothSidesIsNoConflict) {
  const Sides sides{"a\nb\nc\n", "a\nB\nc\n", "a\nB\nc\n"};
  EXPECT_EQ(merged(sides), "a\nB\nc\n");
  EXPECT_EQ(conflicts(sides), 0u);
}

TEST(Text3, WhereBothChangedALineTheDisksStaysOrMarkersShowBoth) {
  const Sides sides{"a\nb\nc\n", "a\nof the disk\nc\n", "a\nof the row\nc\n"};
  EXPECT_EQ(conflicts(sides), 1u);
  EXPECT_EQ(merged(sides), "a\nof the disk\nc\n");
  EXPECT_EQ(merged(sides, Markers::git),
            "a\n<<<<<<< what is on disk\nof the disk\n=======\nof the row\n>>>>>>> the edit\nc\n");
}

TEST(Text3, ASideThatOnlyOneChangedIsTakenWhole) {
  for (const char* other : {"", "x\n", "a\nb\nc\nd\n", "b\nc",
                            "\xef\xbb\xbf"
                            "a\r\nz\r\n"}) {
    EXPECT_EQ(merged({"a\nb\nc\n", other, "a\nb\nc\n"}), other) << "byte for byte";
    EXPECT_EQ(conflicts({"a\nb\nc\n", "a\nb\nc\n", other}), 0u);
  }
  EXPECT_EQ(merged({"a\nb\nc\n", "a\nb\nc\n", ""}), "");
}

TEST(Text3, TheDisksLineEndsSurviveAnEditThatHasOthers) {
  EXPECT_EQ(merged({"a\r\nb\r\nc\r\n", "A\r\nb\r\nc\r\n", "a\nb\nC\nd\n"}), "A\r\nb\r\nC\r\nd\r\n");
  EXPECT_EQ(merged({"a\nb\nc\n", "A\nb\nc\n", "a\r\nb\r\nC\r\n"}), "A\nb\nC\n");
}

TEST(Text3, ALineEndUnlikeTheOthersStaysWhereItIsOnDisk) {
  EXPECT_EQ(merged({"a\nb\r\nc\nd\n", "a\nb\r\nc\nd\n", "a\nb\nc\nD\n"}), "a\nb\r\nc\nD\n");
}

TEST(Text3, AByteOrderMarkOnDiskSurvives) {
  EXPECT_EQ(merged({"\xef\xbb\xbf"
                    "a\nb\n",
                    "\xef\xbb\xbf"
                    "a\nb\n",
                    "a\nB\n"}),
            "\xef\xbb\xbf"
            "a\nB\n");
  EXPECT_EQ(merged({"a\nb\n", "a\nb\n",
                    "\xef\xbb\xbf"
                    "a\nB\n"}),
            "a\nB\n");
}

TEST(Text3, AMissingLineEndAtTheEndOnDiskSurvives) {
  EXPECT_EQ(merged({"a\nb", "a\nb", "A\nb\n"}), "A\nb");
  EXPECT_EQ(merged({"a\nb", "a\nb", "a\nb\nc\n"}), "a\nb\nc");
  EXPECT_EQ(merged({"a\nb\n", "a\nb\n", "A\nb"}), "A\nb\n");
}

TEST(Text3, MarkersHaveTheDisksLineEndsAndStandOnLinesOfTheirOwn) {
  EXPECT_EQ(merged({"a\r\nb", "a\r\nx", "a\r\ny"}, Markers::git),
            "a\r\n<<<<<<< what is on disk\r\nx\r\n=======\r\ny\r\n>>>>>>> the edit\r\n");
}

TEST(Text3, LettersOfAnyScriptKeepConflictsApart) {
  std::string base, disk, row;
  for (int i = 0; i < 6; ++i) {
    const bool is_edge = i == 0 || i == 5;
    base += is_edge ? "a\n" : "\xe8\xaf\x8d\n";
    disk += is_edge ? "b\n" : "\xe8\xaf\x8d\n";
    row += is_edge ? "c\n" : "\xe8\xaf\x8d\n";
  }
  EXPECT_EQ(conflicts({base, disk, row}), 2u);
}

TEST(Text3, WhatIsNoTextIsRefusedAndSaysWhichSide) {
  using namespace std::string_view_literals;
  EXPECT_THAT(why({"a\n", "b\0\n"sv, "c\n"}), HasSubstr("what is on disk: it is no UTF-8 text"));
  EXPECT_THAT(why({"a\n", "b\n", "\xff\n"}), HasSubstr("the edit: it is no UTF-8 text"));
}

TEST(Text3, WhatIsTooLargeIsRefused) {
  const std::string large(kMaxBytes + 1, 'x');
  EXPECT_THAT(why({large, "a\n", "b\n"}), HasSubstr("more than 16 MB"));
  const std::string long_text(kMaxLines + 1, '\n');
  EXPECT_THAT(why({"a\n", "b\n", long_text}), HasSubstr("more than 100000 lines"));
}

TEST(Text3, AsManyLinesAsAreAllowedAreMerged) {
  std::string base, disk, row;
  for (size_t i = 0; i < kMaxLines; ++i) {
    const std::string line = std::to_string(i) + "\n";
    base += line;
    disk += i % 10 == 0 ? "disk " + line : line;
    row += i % 10 == 5 ? "row " + line : line;
  }
  EXPECT_EQ(conflicts({base, disk, row}), 0u);
}

}  // namespace
}  // namespace specd::merge
