#include "base/path.h"

#include <gtest/gtest.h>

namespace specd {
namespace {

TEST(Path, OnlyCleanRelativePathsAreAccepted) {
  for (const char* good : {"a", "a/b", ".a", "a b/C", "..a", "a/...", "\xff/x"}) {
    EXPECT_TRUE(path::is_relative(good)) << good;
  }
  for (const char* bad : {"", "/", "/a", "a/", "a//b", ".", "..", "a/..", "../a", "a/./b"}) {
    EXPECT_FALSE(path::is_relative(bad)) << bad;
  }
  EXPECT_FALSE(path::is_relative(std::string_view("a\0b", 3)));
}

TEST(Path, PartsOfAPath) {
  EXPECT_EQ(path::parent("a/b/c"), "a/b");
  EXPECT_EQ(path::parent("a"), "");
  EXPECT_EQ(path::name("a/b/c"), "c");
  EXPECT_EQ(path::name("a"), "a");
  EXPECT_EQ(path::first("a/b"), "a");
  EXPECT_EQ(path::join("", "a"), "a");
  EXPECT_EQ(path::join("a", "b"), "a/b");
  EXPECT_EQ(path::join("a", ""), "a");
}

TEST(Path, WithinIsByWholeParts) {
  EXPECT_TRUE(path::is_within("a/b", "a"));
  EXPECT_TRUE(path::is_within("a", "a"));
  EXPECT_TRUE(path::is_within("a", ""));
  EXPECT_FALSE(path::is_within("ab", "a"));
  EXPECT_FALSE(path::is_within("a", "a/b"));
  EXPECT_EQ(path::below("a/b/c", "a"), "b/c");
  EXPECT_EQ(path::below("a", "a"), "");
  EXPECT_EQ(path::below("a", ""), "a");
}

TEST(Utf8, TheLimitsOfTableThreeSevenHold) {
  for (const char* good : {"", "a", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
                           "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(is_utf8(good)) << good;
  }
  for (const char* bad :
       {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xc2", "\xe1\x80", "\xff"}) {
    EXPECT_FALSE(is_utf8(bad)) << bad;
  }
}

TEST(Utf8, EveryBadByteIsShownAsOneReplacement) {
  EXPECT_EQ(printable_utf8("a\xff\xfe z\xc3\xa4"), "a\xef\xbf\xbd\xef\xbf\xbd z\xc3\xa4");
}

}  // namespace
}  // namespace specd
