#include "sync/crew.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <vector>

namespace specd::sync {
namespace {

class CrewTest : public testing::TestWithParam<int> {};

TEST_P(CrewTest, DoesEachThingOnce) {
  Crew crew(GetParam());
  std::vector<std::atomic<int>> done(1000);
  crew.run(done.size(), [&](size_t i) { ++done[i]; });
  EXPECT_TRUE(std::all_of(done.begin(), done.end(), [](const auto& times) { return times == 1; }));
}

TEST_P(CrewTest, DoesManyJobsAtOnceAndEachIsWhollyDoneWhenItWasWaitedFor) {
  Crew crew(GetParam());
  for (int round = 0; round < 200; ++round) {
    std::atomic<int> early = 0, late = 0;
    Crew::Job first = crew.start(20, [&](size_t) { ++early; });
    Crew::Job second = crew.start(20, [&](size_t) { ++late; });
    second.wait();
    EXPECT_EQ(late, 20);
    first.wait();
    EXPECT_EQ(early, 20);
  }
}

TEST_P(CrewTest, AJobThatIsDroppedIsDoneToTheEnd) {
  Crew crew(GetParam());
  std::atomic<int> done = 0;
  {
    const Crew::Job job = crew.start(50, [&](size_t) { ++done; });
  }
  EXPECT_EQ(done, 50);
}

TEST_P(CrewTest, AJobThatIsReplacedIsDoneBefore) {
  Crew crew(GetParam());
  std::atomic<int> done = 0;
  Crew::Job job = crew.start(50, [&](size_t) { ++done; });
  job = crew.start(0, [](size_t) {});
  EXPECT_EQ(done, 50);
  job.wait();
  job.wait();  // nothing more to wait for
}

INSTANTIATE_TEST_SUITE_P(Threads, CrewTest, testing::Values(0, 1, 3));

}  // namespace
}  // namespace specd::sync
