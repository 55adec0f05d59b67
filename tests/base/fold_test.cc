#include "base/fold.h"

#include <gtest/gtest.h>

namespace specd {
namespace {

TEST(Fold, NamesThatOtherFileSystemsTakeForOne) {
  EXPECT_EQ(folded("README.md"), folded("readme.MD"));
  EXPECT_EQ(folded("caf\xc3\xa9"), folded("cafe\xcc\x81")) << "composed and decomposed";
  EXPECT_EQ(folded("\xc3\x89"), folded("\xc3\xa9")) << "upper and lower case";
  EXPECT_NE(folded("a"), folded("b"));
  EXPECT_EQ(folded("\xff\xfe"), "\xff\xfe") << "not UTF-8: as it is";
  EXPECT_EQ(folded(""), "");
}

TEST(Fold, LettersWithoutTheirMarks) {
  EXPECT_EQ(without_marks("Größe"), "grosse");
  EXPECT_EQ(without_marks("Crème BRU\xcc\x82LÉE"), "creme brulee") << "composed and decomposed";
  EXPECT_EQ(without_marks("Žluťoučký İğde"), "zlutoucky igde");
  EXPECT_EQ(without_marks("日本 ② ﬁn"), "日本 2 fin");
  EXPECT_EQ(without_marks("\xff"
                          "É"),
            "\xff"
            "É")
      << "not UTF-8: as it is";
  EXPECT_EQ(without_marks(""), "");
}

TEST(Fold, WhereATextIsCutMakesNoDifference) {
  EXPECT_EQ(folded("Cafe\xcc\x81S"), "caf\xc3\xa9s") << "a mark composes with the ASCII before it";
  EXPECT_EQ(folded("\xc3\x84nderE die Gr\xc3\x96\xc3\x9f"
                   "E"),
            "\xc3\xa4ndere die gr\xc3\xb6sse");
  EXPECT_EQ(folded("A\xcc\x81\xcc\xa3z"), folded("\xe1\xba\xa0\xcc\x81z"))
      << "two marks in either order";
  EXPECT_EQ(folded("A\xff"), "A\xff") << "as it is, all of it";
  EXPECT_EQ(folded("\xe2\x84\xaa"), "k") << "the sign for Kelvin";
}

TEST(Fold, APartIsFoundInAnyCase) {
  for (const char* part : {"", "GRO", "gr\xc3\x96\xc3\x9f", "GROSS", "Grosse des", "s"})
    EXPECT_EQ(holds_folded("Gr\xc3\xb6\xc3\x9f"
                           "e, gross",
                           folded(part)),
              std::string(part) != "Grosse des")
        << part;
  EXPECT_TRUE(holds_folded("README", "adm"));
  EXPECT_TRUE(holds_folded("", ""));
  EXPECT_TRUE(holds_folded("README", ""));
  EXPECT_FALSE(holds_folded("", "a"));
  EXPECT_FALSE(holds_folded("README", "\xc3\xa9"));
  EXPECT_TRUE(holds_folded("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", "\xe6\x9c\xac"));
}

}  // namespace
}  // namespace specd
