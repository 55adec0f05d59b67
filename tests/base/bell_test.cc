#include "base/bell.h"

#include <gtest/gtest.h>
#include <poll.h>

#include "base/thread.h"

namespace specd {
namespace {

bool rings(const Bell& bell, int patience_ms = 0) {
  pollfd waiting{.fd = bell.fd(), .events = POLLIN, .revents = 0};
  return ::poll(&waiting, 1, patience_ms) == 1;
}

TEST(Bell, RingsUntilItIsCleared) {
  const Bell bell;
  EXPECT_FALSE(rings(bell));
  bell.clear();
  EXPECT_FALSE(rings(bell));
  bell.ring();
  bell.ring();
  EXPECT_TRUE(rings(bell));
  EXPECT_TRUE(rings(bell));
  bell.clear();
  EXPECT_FALSE(rings(bell));
}

TEST(Bell, WakesAnotherThread) {
  const Bell bell;
  Thread ringer("ringer", [&] { bell.ring(); });
  EXPECT_TRUE(rings(bell, 10'000));
  ringer.join();
}

}  // namespace
}  // namespace specd
