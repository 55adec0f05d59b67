#include "store/retention.h"

#include <gtest/gtest.h>

#include "tests/store/store_fixture.h"

namespace specd::store {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// A minute and a day begin at kNow - 20 min, so that ages below mean what they say.
constexpr WallTime kEnd = WallTime(days(20000) + minutes(20));

Candidate aged(int64_t id, seconds age, int64_t bytes = 1, bool pinned = false, int64_t file = 1) {
  return {.id = VersionId{id}, .file = file, .at = kEnd - age, .bytes = bytes, .pinned = pinned};
}

struct Row {
  const char* name;
  std::vector<Candidate> versions;
  int64_t max_bytes;
  std::vector<int64_t> gone;
};

class Retention : public testing::TestWithParam<Row> {};

TEST_P(Retention, LetsGoOf) {
  RetentionPolicy policy;
  policy.max_bytes = GetParam().max_bytes;
  std::vector<int64_t> gone;
  for (const VersionId id : expired(GetParam().versions, policy, kEnd)) gone.push_back(id.value);
  EXPECT_EQ(gone, GetParam().gone);
}

const Row kRows[] = {
    {"Nothing", {}, 100, {}},
    {"NoneOfTheLastHour",
     {aged(1, seconds(3599)), aged(2, seconds(3598)), aged(3, seconds(1))},
     100,
     {}},
    {"AllButTheNewestOfAMinute",
     {aged(1, hours(2)), aged(2, hours(2) - seconds(30)), aged(3, hours(2) - seconds(59)),
      aged(4, hours(2) - seconds(60))},
     100,
     {1, 2}},
    {"AllButTheNewestOfADayAfterAMonth",
     {aged(1, days(40)), aged(2, days(40) - hours(1)), aged(3, days(40) - hours(23)),
      aged(4, days(40) - hours(24))},
     100,
     {1, 2}},
    {"FilesDoNotStandForEachOther",
     {aged(1, hours(2), 1, false, 1), aged(2, hours(2) - seconds(1), 1, false, 2)},
     100,
     {}},
    {"ThePinnedNeverGoesAndStandsForNothing",
     {aged(1, days(9000), 1, true), aged(2, hours(2)), aged(3, hours(2) - seconds(1), 1, true)},
     100,
     {}},
    {"TheOldestPastTheBudget",
     {aged(1, seconds(30), 60), aged(2, seconds(20), 30), aged(3, seconds(10), 30)},
     70,
     {1}},
    {"EverythingOlderThanTheFirstThatDoesNotFit",
     {aged(1, seconds(30), 1), aged(2, seconds(20), 90), aged(3, seconds(10), 30)},
     70,
     {1, 2}},
    {"PinnedBytesDoNotCount", {aged(1, seconds(30), 60, true), aged(2, seconds(20), 60)}, 70, {}},
    {"PastEveryLimit", {aged(1, days(4000))}, 100, {1}},
    {"TheFutureIsYoung", {aged(1, -days(400)), aged(2, -days(400))}, 100, {}},
};
INSTANTIATE_TEST_SUITE_P(Table, Retention, testing::ValuesIn(kRows),
                         [](const auto& row) { return std::string(row.param.name); });

class VersionsTest : public StoreTest {
 protected:
  VersionId put(const std::string& content, Reason reason, WallTime at) {
    return must(tables().versions.put({.project = project_,
                                       .path = "p",
                                       .spec = key("a"),
                                       .content = content,
                                       .reason = reason,
                                       .source = {},
                                       .now = at}));
  }
  int64_t apply() { return must(tables().versions.apply({}, kNow)); }
  bool there(const std::string& content) {
    return tables().versions.content(sha256(content)).has_value();
  }
};

constexpr WallTime kLongAgo = kNow - days(5000);

TEST_F(VersionsTest, TheSameContentIsHeldOnce) {
  writing([&] {
    const VersionId one = put("same", Reason::superseded, kNow);
    EXPECT_EQ(put("same", Reason::superseded, kNow), one);
    EXPECT_NE(put("same", Reason::displaced, kNow), one);
    put("other", Reason::superseded, kNow);
    put("same", Reason::superseded, kNow);
  });
  EXPECT_EQ(must(tables().versions.list(project_, "p", 9)).size(), 4u);
  EXPECT_EQ(must(tables().versions.content(sha256("same"))), "same");
}

TEST_F(VersionsTest, WhatWeDisplacedStaysUntilDismissed) {
  VersionId id;
  writing([&] {
    id = put("displaced", Reason::displaced, kLongAgo);
    put("superseded", Reason::superseded, kLongAgo);
    EXPECT_EQ(apply(), 1);
  });
  EXPECT_TRUE(there("displaced"));
  EXPECT_FALSE(there("superseded"));
  writing([&] {
    must(tables().versions.dismiss(id, kNow));
    must(tables().versions.keep(id));
    EXPECT_EQ(apply(), 0);
    must(tables().versions.dismiss(id, kNow));
    EXPECT_EQ(apply(), 1);
  });
  EXPECT_FALSE(there("displaced"));
}

TEST_F(VersionsTest, TheLastCopyOfABaseOrOfAnOpenConflictNeverGoes) {
  ConflictId conflict;
  writing([&] {
    pull("f", "base one");
    pull("f", "base two");
    must(tables().rescued.move_to_versions(tables().versions, 9));
    put("base one", Reason::superseded, kLongAgo);
    put("theirs", Reason::superseded, kLongAgo);
    put("loose", Reason::superseded, kLongAgo);
    Conflict found;
    found.project = project_;
    found.spec = key("a");
    found.path = "p";
    found.row = sha256("theirs");
    found.detected_at = kNow;
    conflict = must(tables().conflicts.add(found));
    apply();
  });
  EXPECT_TRUE(there("base one"));
  EXPECT_TRUE(there("theirs"));
  EXPECT_FALSE(there("loose"));
  writing([&] {
    EXPECT_TRUE(must(tables().conflicts.resolve(conflict, Resolution::dismissed, "ann", kNow)));
    EXPECT_FALSE(must(tables().conflicts.resolve(conflict, Resolution::merged, "bob", kNow)));
    apply();
  });
  EXPECT_FALSE(there("theirs"));
  EXPECT_TRUE(there("base one"));
}

}  // namespace
}  // namespace specd::store
