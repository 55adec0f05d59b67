#include "base/day.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace specd {
namespace {

TEST(Day, IsThatOfTheTimeZone) {
  const char* before = std::getenv("TZ");
  const std::string kept = before == nullptr ? "" : before;
  const WallTime evening{std::chrono::microseconds{1'795'303'800'000'000}};  // 2026-11-21T23:30Z
  setenv("TZ", "UTC0", 1);
  tzset();
  EXPECT_EQ(local_day(evening), "2026-11-21");
  setenv("TZ", "CET-1", 1);
  tzset();
  EXPECT_EQ(local_day(evening), "2026-11-22");
  if (before == nullptr) unsetenv("TZ");
  if (before != nullptr) setenv("TZ", kept.c_str(), 1);
  tzset();
}

}  // namespace
}  // namespace specd
