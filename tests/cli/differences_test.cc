#include "cli/differences.h"

#include <gtest/gtest.h>

#include "tests/support/must.h"

namespace specd::cli {
namespace {

std::string told(const std::string& before, const std::string& after) {
  return test::must(differences(before, after));
}

TEST(Differences, AChangeStandsBetweenThreeLinesOnEitherSide) {
  EXPECT_EQ(told("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n"),
            "@@ line 2 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
}

TEST(Differences, NeighbouringChangesShareTheLinesBetweenThem) {
  EXPECT_EQ(told("1\n2\n3\n4\n5\n", "one\n2\n3\n4\nfive\n"),
            "@@ line 1 @@\n-1\n+one\n 2\n 3\n 4\n-5\n+five\n");
  EXPECT_EQ(told("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "2\n3\n4\n5\n6\n7\n8\n9\n10\n"),
            "@@ line 1 @@\n-1\n 2\n 3\n 4\n@@ line 7 @@\n 7\n 8\n 9\n+10\n");
}

TEST(Differences, LineEndsAreNone) {
  EXPECT_EQ(told("a\r\nb", "a\nb\n"), "");
}

TEST(Differences, ATerminalIsNotGivenWhatItWouldObey) {
  EXPECT_EQ(told("", "\x1b[2J\tx\n"), "@@ line 1 @@\n+?[2J    x\n");
}

}  // namespace
}  // namespace specd::cli
