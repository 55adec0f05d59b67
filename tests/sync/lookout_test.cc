#include "sync/lookout.h"

#include <gtest/gtest.h>

#include "sqlite/database.h"
#include "tests/fake/fake_clock.h"
#include "tests/support/must.h"
#include "tests/support/temp_dir.h"

namespace specd::sync {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using test::must;
using Writer = Lookout::Writer;

/// A lookout whose time is moved by hand, and another client of its database.
class LookoutTest : public testing::Test {
 protected:
  LookoutTest() {
    store_ = must(store::Store::open({.folder = dir_.path(), .now = clock_.wall(), .boot_id = "b"}))
                 .store;
    other_.emplace(must(sqlite::Database::open(store_->path(), {})));
    notice(Writer::perhaps_ours);
    EXPECT_TRUE(look_once()) << "the first look ever cannot know";
    EXPECT_FALSE(lookout_.next());
  }

  void notice(Writer writer) { lookout_.notice(writer, clock_.steady()); }
  bool look_once() { return must(lookout_.look(*store_, clock_.steady())); }
  /// Looks until none is due any more or one has seen something; how often.
  int look(bool& found, int at_most = 10'000) {
    found = false;
    int looks = 0;
    while (lookout_.next() && !found && looks < at_most) {
      pass_to_next();
      found = look_once();
      ++looks;
    }
    return looks;
  }
  void pass_to_next() {
    const auto by = *lookout_.next() - clock_.steady();
    longest_ = std::max(longest_, by);
    if (by.count() > 0) clock_.advance(std::chrono::ceil<microseconds>(by));
  }
  void commit_of_another() { must(other_->run("UPDATE counter SET rev = rev + 1")); }
  void commit_of_ours() {
    auto tx = must(store_->begin());
    must(store_->tables.projects.add({.uuid = "u", .slug = "s", .root = "/r", .source = "folder"}));
    must(tx.commit());
  }

  test::TempDir dir_;
  FakeClock clock_;
  std::unique_ptr<store::Store> store_;
  std::optional<sqlite::Database> other_;
  Lookout lookout_;
  SteadyTime::duration longest_{};
};

TEST_F(LookoutTest, NothingIsDueWithoutANotice) {
  EXPECT_FALSE(lookout_.next());
  commit_of_another();
  EXPECT_FALSE(lookout_.next());
}

TEST_F(LookoutTest, ACommitThatCanBeSeenAlreadyIsSeenAtOnce) {
  commit_of_another();
  notice(Writer::others);
  EXPECT_EQ(*lookout_.next(), clock_.steady());
  EXPECT_TRUE(look_once());
}

TEST_F(LookoutTest, AfterANoticeThatCameToNothingItSleepsAgainSoon) {
  notice(Writer::others);
  const SteadyTime began = clock_.steady();
  bool found = false;
  EXPECT_LE(look(found), 6);
  EXPECT_FALSE(found);
  EXPECT_LE(clock_.steady() - began, milliseconds(1));
  EXPECT_FALSE(lookout_.next());
}

TEST_F(LookoutTest, ACommitThatCanBeSeenOnlyHalfASecondLaterIsSeen) {
  const SteadyTime began = clock_.steady();
  {
    auto tx = must(other_->begin());
    must(other_->run("UPDATE counter SET rev = rev + 1"));
    notice(Writer::others);
    while (clock_.steady() - began < milliseconds(500)) {
      ASSERT_TRUE(lookout_.next());
      pass_to_next();
      EXPECT_FALSE(look_once());
    }
    must(tx.commit());
  }
  const SteadyTime committed = clock_.steady();
  bool found = false;
  look(found);
  EXPECT_TRUE(found);
  EXPECT_LE(clock_.steady() - committed, milliseconds(20));
  EXPECT_LE(longest_, milliseconds(20));
  look(found);
  EXPECT_FALSE(lookout_.next()) << "and then it sleeps";
}

TEST_F(LookoutTest, ACommitBehindTheOneThatWasSeenIsSeenToo) {
  commit_of_another();
  std::optional<sqlite::Transaction> next(must(other_->begin()));
  must(other_->run("UPDATE counter SET rev = rev + 1"));
  notice(Writer::others);
  EXPECT_TRUE(look_once());
  ASSERT_TRUE(lookout_.next());
  must(next->commit());
  bool found = false;
  look(found);
  EXPECT_TRUE(found);
}

TEST_F(LookoutTest, OurOwnCommitTakesOneLook) {
  commit_of_ours();
  notice(Writer::perhaps_ours);
  bool found = false;
  EXPECT_EQ(look(found), 1);
  EXPECT_FALSE(found);
  EXPECT_FALSE(lookout_.next());
}

TEST_F(LookoutTest, BehindOurOwnCommitThatOfAnotherIsSeenThoughItIsNotDoneYet) {
  commit_of_ours();
  std::optional<sqlite::Transaction> next(must(other_->begin()));
  must(other_->run("UPDATE counter SET rev = rev + 1"));
  notice(Writer::perhaps_ours);
  EXPECT_FALSE(look_once());
  ASSERT_TRUE(lookout_.next());
  must(next->commit());
  bool found = false;
  look(found);
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace specd::sync
