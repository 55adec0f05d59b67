#include "realtime/broadcaster.h"

#include <gmock/gmock.h>

#include "tests/realtime/fakes.h"

namespace specd::realtime {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// The ids of the events in `bytes`: "7-1"; a resync as "resync 7-1".
std::vector<std::string> events_in(const std::string& bytes) {
  std::vector<std::string> events;
  for (size_t at = 0; at < bytes.size();) {
    const size_t end = bytes.find("\n\n", at);
    if (end == std::string::npos) {
      ADD_FAILURE() << "a torn frame: " << bytes.substr(at);
      break;
    }
    const std::string frame = bytes.substr(at, end - at);
    at = end + 2;
    if (frame.find("data: ") == std::string::npos) continue;
    std::string id = frame.substr(4, frame.find('\n') - 4);
    if (frame.find("event: resync") != std::string::npos) id.insert(0, "resync ");
    events.push_back(id);
  }
  return events;
}

class BroadcasterTest : public testing::Test {
 protected:
  std::shared_ptr<FakeStream> open(const net::Fields& query = {}, const std::string& last_id = "",
                                   size_t capacity = 1 << 20) {
    auto stream = std::make_shared<FakeStream>(capacity);
    net::Request request{.method = "GET", .query = query};
    if (!last_id.empty()) request.headers.add("last-event-id", last_id);
    refusal_ = broadcaster_.open(request, stream);
    return stream;
  }
  void commit(const std::string& spec = "k") {
    outbox_.commit(spec);
    broadcaster_.notify();
  }

  FakeLoop loop_;
  FakeOutbox outbox_;
  std::optional<net::Response> refusal_;
  Broadcaster broadcaster_{loop_, outbox_.feed(), {.max_sessions = 3, .page = 10}};
};

TEST_F(BroadcasterTest, CommittedEventReachesEverySession) {
  const auto first = open();
  const auto second = open();
  commit();
  loop_.run();
  EXPECT_THAT(events_in(first->drain()), ElementsAre("7-1"));
  EXPECT_THAT(events_in(second->drain()), ElementsAre("7-1"));
}

TEST_F(BroadcasterTest, IdleMeansNoReadAndNoTimer) {
  commit();
  EXPECT_EQ(loop_.run(), 0);
  EXPECT_EQ(outbox_.reads(), 0);
  EXPECT_EQ(loop_.timers(), 0u);
  const auto stream = open();
  EXPECT_EQ(loop_.timers(), 1u);
  stream->hang_up();
  EXPECT_EQ(loop_.timers(), 0u);
  EXPECT_EQ(broadcaster_.sessions(), 0u);
  commit();
  EXPECT_EQ(loop_.run(), 0);
}

TEST_F(BroadcasterTest, ManyNotificationsBecomeOneRead) {
  const auto stream = open();
  for (int i = 0; i < 5; ++i) commit();
  EXPECT_EQ(loop_.run(), 1);
  EXPECT_EQ(outbox_.reads(), 1);
  EXPECT_EQ(events_in(stream->drain()).size(), 5u);
}

TEST_F(BroadcasterTest, NewSessionHearsOnlyWhatComes) {
  commit();
  const auto stream = open();
  EXPECT_THAT(stream->drain(), HasSubstr("id: 7-1\n\n"));
  commit();
  loop_.run();
  EXPECT_THAT(events_in(stream->drain()), ElementsAre("7-2"));
}

TEST_F(BroadcasterTest, ReturningSessionMissesNothingAndSeesNothingTwice) {
  for (int i = 0; i < 35; ++i) commit();
  const auto other = open();
  const auto stream = open({{"since", "7-1"}}, "7-3");
  commit();  // while pages of the past are still on their way
  loop_.run();
  std::vector<std::string> expected;
  for (int seq = 4; seq <= 36; ++seq) expected.push_back("7-" + std::to_string(seq));
  EXPECT_EQ(events_in(stream->drain()), expected);
  EXPECT_THAT(events_in(other->drain()), ElementsAre("7-36"));
}

TEST_F(BroadcasterTest, ResumesFromTheQueryToo) {
  for (int i = 0; i < 3; ++i) commit();
  const auto stream = open({{"since", "7-1"}});
  EXPECT_THAT(events_in(stream->drain()), ElementsAre("7-2", "7-3"));
}

TEST_F(BroadcasterTest, ResyncWhenTheLogWasTrimmedOrTheIdIsNotOurs) {
  for (int i = 0; i < 5; ++i) commit();
  outbox_.trim(3);
  for (const char* id : {"7-1", "6-5", "7-6", "nonsense"}) {
    const auto stream = open({}, id);
    EXPECT_THAT(events_in(stream->drain()), ElementsAre("resync 7-5")) << id;
    stream->hang_up();
  }
  const auto stream = open({}, "7-3");
  EXPECT_THAT(events_in(stream->drain()), ElementsAre("7-4", "7-5"));
}

TEST_F(BroadcasterTest, OpenSessionsHearOfANewEpochOnce) {
  const auto stream = open();
  commit();
  loop_.run();
  stream->drain();
  outbox_.renew();
  commit();
  loop_.run();
  EXPECT_THAT(events_in(stream->drain()), ElementsAre("resync 8-2"));
  commit();
  loop_.run();
  EXPECT_THAT(events_in(stream->drain()), ElementsAre("8-3"));
}

TEST_F(BroadcasterTest, FiltersHoldForTheLiveAndThePast) {
  commit("other");
  commit("mine");
  const auto stream = open({{"spec", "mine"}}, "7-0");
  commit("other");
  commit("mine");
  loop_.run();
  EXPECT_THAT(events_in(stream->drain()), ElementsAre("7-2", "7-4"));
}

TEST_F(BroadcasterTest, SlowClientIsBoundedDelaysNobodyAndLosesNothing) {
  constexpr size_t kCapacity = 3000;
  const auto slow = open({}, "", kCapacity);
  const auto quick = open();
  slow->drain();
  std::vector<std::string> seen_by_quick;
  std::vector<std::string> expected;
  for (int i = 1; i <= 500; ++i) {
    commit();
    loop_.run();
    for (auto& id : events_in(quick->drain())) seen_by_quick.push_back(id);
    expected.push_back("7-" + std::to_string(i));
  }
  EXPECT_EQ(seen_by_quick, expected);
  std::vector<std::string> seen_by_slow;
  for (int rounds = 0; seen_by_slow.size() < 500 && rounds < 500; ++rounds) {
    for (auto& id : events_in(slow->drain())) seen_by_slow.push_back(id);
    loop_.run();
  }
  EXPECT_EQ(seen_by_slow, expected);
  EXPECT_LE(slow->largest(), kCapacity);
  commit();
  loop_.run();
  EXPECT_THAT(events_in(slow->drain()), ElementsAre("7-501"));
}

TEST_F(BroadcasterTest, SlowClientThatFallsOutOfTheLogIsToldToResync) {
  const auto slow = open({}, "", 100);
  for (int i = 0; i < 20; ++i) {
    commit();
    loop_.run();
  }
  outbox_.trim(15);
  slow->drain();
  loop_.run();
  EXPECT_THAT(events_in(slow->drain()), ElementsAre("resync 7-20"));
}

TEST_F(BroadcasterTest, BurstIsReadPageByPage) {
  const auto stream = open();
  outbox_.commit_many(95);
  broadcaster_.notify();
  EXPECT_EQ(loop_.run(), 10);
  EXPECT_EQ(events_in(stream->drain()).size(), 95u);
}

TEST_F(BroadcasterTest, HeartbeatCarriesTheCursorWhileSomebodyListens) {
  const auto stream = open({{"spec", "mine"}});
  stream->drain();
  commit("other");
  loop_.run();
  EXPECT_EQ(stream->drain(), "");
  loop_.advance(milliseconds(14'999));
  EXPECT_EQ(stream->drain(), "");
  loop_.advance(milliseconds(1));
  EXPECT_EQ(stream->drain(), ":\nid: 7-1\n\n");
  loop_.advance(milliseconds(15'000));
  EXPECT_EQ(stream->drain(), ":\nid: 7-1\n\n");
}

TEST_F(BroadcasterTest, UnreadableOutboxIsTriedAgain) {
  const auto live = open();
  outbox_.break_down(true);
  commit();
  loop_.run();
  EXPECT_THAT(events_in(live->drain()), IsEmpty());
  open();
  ASSERT_TRUE(refusal_);
  EXPECT_EQ(refusal_->status, 503);
  EXPECT_EQ(broadcaster_.sessions(), 1u);
  outbox_.break_down(false);
  loop_.advance(milliseconds(15'000));
  EXPECT_THAT(events_in(live->drain()), ElementsAre("7-1"));
}

TEST_F(BroadcasterTest, SessionsAreLimited) {
  for (int i = 0; i < 3; ++i) {
    open();
    EXPECT_FALSE(refusal_);
  }
  open();
  ASSERT_TRUE(refusal_);
  EXPECT_EQ(refusal_->status, 503);
  EXPECT_THAT(refusal_->body, HasSubstr("too_many_subscribers"));
  EXPECT_EQ(broadcaster_.sessions(), 3u);
}

TEST_F(BroadcasterTest, BadFilterIsAProblem) {
  open({{"types", ""}});
  ASSERT_TRUE(refusal_);
  EXPECT_EQ(refusal_->status, 400);
}

}  // namespace
}  // namespace specd::realtime
