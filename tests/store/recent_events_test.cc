#include "store/recent_events.h"

#include "tests/store/store_fixture.h"

namespace specd::store {
namespace {

/// Whatever the tail of the outbox says must be what the table says.
class RecentEventsTest : public StoreTest {
 protected:
  RecentEventsTest() { begin_ = must(tables().events.latest()); }

  void append(const std::string& payload = "{}") {
    must(tables().events.append({.type = "spec.updated",
                                 .project = project_,
                                 .spec = key("a"),
                                 .origin = "disk",
                                 .payload = payload,
                                 .at = kNow}));
  }
  void commit(int events, const std::string& payload = "{}") {
    writing([&] {
      for (int i = 0; i < events; ++i) append(payload);
    });
  }
  [[nodiscard]] EventCursor at(int64_t seq) const { return {begin_.epoch, Seq{seq}}; }
  [[nodiscard]] std::optional<EventPage> after(int64_t seq, int64_t limit = 100) const {
    return store_->recent_events().after(at(seq), limit);
  }
  void expect_as_the_table(int64_t seq, int64_t limit = 100) {
    const auto here = after(seq, limit);
    ASSERT_TRUE(here) << seq;
    const EventPage there = must(tables().events.after(at(seq), limit));
    EXPECT_FALSE(here->resync || there.resync);
    EXPECT_EQ(here->latest, there.latest);
    ASSERT_EQ(here->events.size(), there.events.size());
    for (size_t i = 0; i < here->events.size(); ++i) {
      const Event& mine = here->events[i];
      const Event& other = there.events[i];
      EXPECT_EQ(mine.epoch, other.epoch);
      EXPECT_EQ(mine.seq, other.seq);
      EXPECT_EQ(mine.type, other.type);
      EXPECT_EQ(mine.project, other.project);
      EXPECT_EQ(mine.spec, other.spec);
      EXPECT_EQ(mine.origin, other.origin);
      EXPECT_EQ(mine.actor, other.actor);
      EXPECT_EQ(mine.payload, other.payload);
      EXPECT_EQ(mine.at, other.at);
    }
  }

  EventCursor begin_;
};

TEST_F(RecentEventsTest, AreThoseOfTheTable) {
  commit(1, R"({"id":"x"})");
  commit(4);
  for (int64_t seq = 0; seq < 5; ++seq) expect_as_the_table(seq);
  expect_as_the_table(1, 2);
  EXPECT_FALSE(after(5)) << "nothing new: the table knows whether that is so";
  EXPECT_FALSE(after(6)) << "ahead";
  EXPECT_FALSE(store_->recent_events().after({Epoch{begin_.epoch.value + 1}, Seq{2}}, 9));
}

TEST_F(RecentEventsTest, AreNoneBeforeTheirCommitAndNoneOfWhatWasRolledBack) {
  {
    auto transaction = must(store_->begin());
    append();
    EXPECT_FALSE(after(0));
  }
  EXPECT_FALSE(after(0));
  commit(1, R"({"id":"next"})");
  expect_as_the_table(0);
  auto transaction = must(store_->begin());
  append();
  EXPECT_EQ(after(0)->events.size(), 1u);
  must(transaction.commit());
  expect_as_the_table(0);
}

TEST_F(RecentEventsTest, AreTheLatestWithoutAGap) {
  commit(50);
  commit(50);
  EXPECT_FALSE(after(0)) << "only the table has the first ones";
  expect_as_the_table(99);
  expect_as_the_table(40);
  commit(1, std::string(size_t{1} << 20, ' '));
  EXPECT_FALSE(after(99)) << "too much to keep";
  commit(2);
  expect_as_the_table(101);
  EXPECT_FALSE(after(100));
}

TEST_F(RecentEventsTest, OfAnotherEpochAreNotOfOneRun) {
  commit(2);
  writing([&] { must(tables().events.renew(kNow + std::chrono::seconds(9))); });
  commit(1);
  EXPECT_FALSE(after(0));
  EXPECT_FALSE(after(2)) << "of the old epoch: a resync, says the table";
  begin_ = must(tables().events.latest());
  expect_as_the_table(2);
}

}  // namespace
}  // namespace specd::store
