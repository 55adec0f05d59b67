#include "daemon/watchdog.h"

#include <gtest/gtest.h>

#include "tests/fake/fake_clock.h"

namespace specd::daemon {
namespace {

using std::chrono::seconds;

TEST(WatchdogTest, WhoGivesNoSignForHalfOfTheLimitIsNotAlive) {
  FakeClock clock;
  SteadyTime sync = clock.steady(), desk = clock.steady();
  bool is_sync_stuck = false;
  Watchdog watchdog(clock, seconds(40),
                    {{"sync",
                      [&] {
                        if (!is_sync_stuck) sync = clock.steady();
                      },
                      [&] { return sync; }},
                     {"desk", [&] { desk = clock.steady(); }, [&] { return desk; }}});
  EXPECT_EQ(watchdog.interval(), seconds(10));
  const auto tick = [&] {
    clock.advance(seconds(10));
    return watchdog.tick();
  };
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(tick());
  is_sync_stuck = true;
  EXPECT_TRUE(tick()) << "it may be busy";
  EXPECT_TRUE(tick());
  EXPECT_FALSE(tick());
  sync = clock.steady();  // got on with a long job
  EXPECT_TRUE(tick());
  EXPECT_FALSE((tick(), tick()));
  is_sync_stuck = false;
  EXPECT_FALSE(tick()) << "asked only now";
  EXPECT_TRUE(tick());
}

}  // namespace
}  // namespace specd::daemon
