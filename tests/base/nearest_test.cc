#include "base/nearest.h"

#include <gtest/gtest.h>

#include <array>

namespace specd {
namespace {

const std::array<std::string, 4> kWords{"list", "history", "--version", "SPECD_LISTEN"};

TEST(NearestTest, ASlipOfAKeyIsForgiven) {
  EXPECT_EQ(nearest("lst", kWords), "list");
  EXPECT_EQ(nearest("liste", kWords), "list");
  EXPECT_EQ(nearest("histroy", kWords), "history");
  EXPECT_EQ(nearest("--versio", kWords), "--version");
  EXPECT_EQ(nearest("SPECD_LISTN", kWords), "SPECD_LISTEN");
  EXPECT_EQ(nearest("list", kWords), "list");
}

TEST(NearestTest, NothingIsGuessed) {
  EXPECT_EQ(nearest("frobnicate", kWords), "");
  EXPECT_EQ(nearest("li", kWords), "");
  EXPECT_EQ(nearest("", kWords), "");
  EXPECT_EQ(nearest("list", {}), "");
  EXPECT_EQ(nearest(std::string(10'000, 'l'), kWords), "");
}

}  // namespace
}  // namespace specd
