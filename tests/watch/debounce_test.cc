#include "watch/debounce.h"

#include <gtest/gtest.h>

namespace specd::watch {
namespace {

using std::chrono::milliseconds;

constexpr ProjectId kProject{1};

class DebounceTest : public ::testing::Test {
 protected:
  std::vector<std::string> due(int ms) {
    std::vector<std::string> paths;
    for (const Hint& hint : debounce.take_due(at(ms))) paths.push_back(hint.path);
    return paths;
  }
  static SteadyTime at(int ms) { return SteadyTime(milliseconds(ms)); }
  using Paths = std::vector<std::string>;

  Debounce debounce{{.calm = milliseconds(100), .at_most = milliseconds(1000)}};
};

TEST_F(DebounceTest, AFileIsDueOnceItHasHeldStill) {
  debounce.wrote(kProject, "f", at(0));
  debounce.wrote(kProject, "f", at(60));
  EXPECT_EQ(debounce.waiting(), 1u);
  EXPECT_EQ(due(159), Paths{});
  EXPECT_EQ(debounce.next(), at(160));
  EXPECT_EQ(due(160), Paths{"f"});
  EXPECT_EQ(debounce.waiting(), 0u);
  EXPECT_EQ(due(1000), Paths{});
  EXPECT_EQ(debounce.next(), std::nullopt);
}

TEST_F(DebounceTest, F34AWriterThatNeverHoldsStillIsLookedAtFromTimeToTime) {
  int looks = 0;
  for (int ms = 0; ms < 60'000; ms += 50) {
    debounce.wrote(kProject, "f", at(ms));
    looks += static_cast<int>(due(ms).size());
  }
  EXPECT_GE(looks, 50);
  EXPECT_LE(looks, 60);
}

TEST_F(DebounceTest, AClosedFileNoLongerWaits) {
  debounce.wrote(kProject, "f", at(0));
  debounce.wrote(kProject, "g", at(0));
  debounce.done(kProject, "f");
  EXPECT_EQ(due(1000), Paths{"g"});
}

TEST_F(DebounceTest, ProjectsWithTheSamePathsDoNotMix) {
  debounce.wrote(kProject, "f", at(0));
  debounce.wrote(ProjectId{2}, "f", at(0));
  debounce.forget(kProject);
  const std::vector<Hint> hints = debounce.take_due(at(1000));
  ASSERT_EQ(hints.size(), 1u);
  EXPECT_EQ(hints[0].project, ProjectId{2});
}

}  // namespace
}  // namespace specd::watch
