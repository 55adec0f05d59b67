#include "base/time.h"

#include <gtest/gtest.h>

namespace specd {
namespace {

TEST(Rfc3339, HasMicroseconds) {
  EXPECT_EQ(rfc3339(from_us(0)), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(rfc3339(from_us(1'800'000'000'000'001)), "2027-01-15T08:00:00.000001Z");
  EXPECT_EQ(rfc3339(from_us(-1)), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(rfc3339(from_us(INT64_MAX)), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(rfc3339(from_us(INT64_MIN)), "0001-01-01T00:00:00.000000Z");
}

TEST(Rfc3339, WhatIsWrittenIsReadBack) {
  for (const int64_t us : {int64_t{0}, int64_t{-1}, int64_t{1'800'000'000'123'456},
                           int64_t{951'782'400'000'000}, int64_t{253'402'300'799'999'999}}) {
    EXPECT_EQ(parse_rfc3339(rfc3339(from_us(us))), from_us(us)) << us;
  }
}

TEST(Rfc3339, ReadsOffsetsAndAnyFraction) {
  const WallTime noon = *parse_rfc3339("2027-01-15T12:00:00Z");
  EXPECT_EQ(parse_rfc3339("2027-01-15T13:30:00+01:30"), noon);
  EXPECT_EQ(parse_rfc3339("2027-01-15t07:00:00-05:00"), noon);
  EXPECT_EQ(parse_rfc3339("2027-01-15T12:00:00.5Z"), noon + std::chrono::milliseconds(500));
  EXPECT_EQ(parse_rfc3339("2027-01-15T12:00:00.0000019z"), noon + std::chrono::microseconds(1));
  EXPECT_EQ(parse_rfc3339("2027-01-15T11:59:60Z"), noon);
}

TEST(Rfc3339, RefusesAllElse) {
  for (const char* text :
       {"", "2027-01-15", "2027-01-15T12:00:00", "2027-02-29T00:00:00Z", "2027-13-01T00:00:00Z",
        "2027-01-15T24:00:00Z", "2027-01-15T12:60:00Z", "2027-01-15T12:00:00.Z",
        "2027-01-15T12:00:00Zx", "2027-01-15T12:00:00+24:00", "27-01-15T12:00:00Z",
        "2027-01-15T12:00:00+0100", "2027-01-15X12:00:00Z"}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

}  // namespace
}  // namespace specd
