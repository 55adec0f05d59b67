#include "base/id.h"

#include <gtest/gtest.h>

#include <set>

#include "base/clock.h"
#include "base/rng.h"

namespace specd {
namespace {

class FixedClock final : public Clock {
 public:
  WallTime wall() const override { return now; }
  SteadyTime steady() const override { return {}; }
  WallTime now = from_us(1469918176385000);
};

TEST(Ulid, TheFirstTenCharactersAreTheTime) {
  FixedClock clock;
  SeededRandom random(1);
  // The time of the example in the ULID specification.
  EXPECT_EQ(Ulid::make(clock, random).text.substr(0, 10), "01ARYZ6S41");
  EXPECT_EQ(Ulid::make(clock, random).made_at_ms(), 1469918176385);
  EXPECT_EQ(Ulid::parse("7ZZZZZZZZZ0000000000000000")->made_at_ms(), (int64_t{1} << 48) - 1);
}

TEST(Ulid, LaterOnesSortAfterAndNoneRepeats) {
  FixedClock clock;
  SeededRandom random(2);
  std::set<Ulid> seen;
  Ulid last = Ulid::make(clock, random);
  for (int i = 0; i < 1000; ++i) {
    clock.now += std::chrono::milliseconds(1);
    Ulid next = Ulid::make(clock, random);
    EXPECT_LT(last, next);
    EXPECT_TRUE(seen.insert(next).second);
    last = std::move(next);
  }
}

TEST(Ulid, ParseFoldsCaseAndRefusesWhatIsNone) {
  EXPECT_EQ(Ulid::parse("01aryz6s41tsv4rrffq69g5fav")->text, "01ARYZ6S41TSV4RRFFQ69G5FAV");
  for (const char* bad :
       {"", "01ARYZ6S41", "81ARYZ6S41TSV4RRFFQ69G5FAV", "01ARYZ6S41TSV4RRFFQ69G5FAI"}) {
    EXPECT_FALSE(Ulid::parse(bad)) << bad;
  }
}

}  // namespace
}  // namespace specd
