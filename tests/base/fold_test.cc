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

}  // namespace
}  // namespace specd
