#include "realtime/broadcaster.h"

#include <gmock/gmock.h>

#include "tests/realtime/fakes.h"

namespace specd::realtime {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// The cursors of the messages in `bytes`: "7-1"; a resync as "resync 7-1", a batch as "batch 7-1".
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
    if (frame.find("event: specs.batch") != std::string::npos) id.insert(0, "batch ");
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
    refusal_ = broadcaster_.open(request, stream, sse());
    return stream;
  }
  void commit(const std::string& spec = "k") {
    outbox_.commit(spec);
    broadcaster_.notify();
  }

  FakeLoop loop_;
  FakeOutbox outbox_;
  std::optional<net::Response> refusal_;
  Broadcaster broadcaster_{
      loop_,
      outbox_.feed(),
      {.max_sessions = 3, .page = 10, .messages_per_second = 100, .message_burst = 1'000}};
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
  for (const char* id : {"7-1", "6-5", "7-6", "7-5.6", "7-4.9223372036854775807", "nonsense"}) {
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

TEST_F(BroadcasterTest, SlowClientIsBoundedDelaysNobodyAndHearsTheLatestOfEachSpec) {
  constexpr size_t kCapacity = 3000;
  const auto slow = open({}, "", kCapacity);
  const auto quick = open();
  std::vector<std::string> seen_by_quick, expected;
  for (int i = 1; i <= 500; ++i) {
    commit("spec-" + std::to_string(i % 5));
    loop_.run();
    for (auto& id : events_in(quick->drain())) seen_by_quick.push_back(id);
    expected.push_back("7-" + std::to_string(i));
    loop_.advance(milliseconds(20));
  }
  EXPECT_EQ(seen_by_quick, expected);
  EXPECT_LE(slow->largest(), kCapacity);
  const std::vector<std::string> before = events_in(slow->drain());
  ASSERT_LT(before.size(), 100u);
  EXPECT_EQ(before, std::vector(expected.begin(),
                                expected.begin() + static_cast<ptrdiff_t>(before.size())));
  std::vector<std::string> after;
  for (int round = 0; round < 100; ++round) {
    loop_.run();
    for (auto& id : events_in(slow->drain())) after.push_back(id);
  }
  EXPECT_EQ(after.back(), "batch 7-500");
  EXPECT_LE(after.size(), 50u) << "a page of the past is one message";
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

TEST_F(BroadcasterTest, ManyAtOnceAreBatches) {
  Broadcaster broadcaster(loop_, outbox_.feed(), {.page = 100, .max_single = 20});
  auto stream = std::make_shared<FakeStream>();
  ASSERT_FALSE(broadcaster.open({.method = "GET", .target = "/"}, stream, sse()));
  outbox_.commit_many(20);
  broadcaster.notify();
  loop_.run();
  EXPECT_EQ(events_in(stream->drain()).size(), 20u);
  outbox_.commit_many(230);
  broadcaster.notify();
  loop_.run();
  const std::string bytes = stream->drain();
  EXPECT_THAT(events_in(bytes), ElementsAre("batch 7-120", "batch 7-220", "batch 7-250"));
  EXPECT_THAT(bytes, HasSubstr("\"count\":100,\"events\":[{\"type\":\"spec.updated\",\"seq\":21,"));
}

TEST_F(BroadcasterTest, WhoAskedForARestHearsTheLatestAfterIt) {
  const auto stream = open({{"throttle_ms", "500"}});
  stream->drain();
  commit("a");
  loop_.run();
  EXPECT_THAT(events_in(stream->drain()), ElementsAre("7-1")) << "the first one at once";
  for (const char* key : {"a", "b", "a", "b"}) {
    commit(key);
    loop_.run();
  }
  EXPECT_EQ(stream->drain(), "");
  loop_.advance(milliseconds(499));
  EXPECT_EQ(stream->drain(), "");
  loop_.advance(milliseconds(1));
  const std::string bytes = stream->drain();
  EXPECT_THAT(events_in(bytes), ElementsAre("batch 7-5"));
  EXPECT_THAT(bytes, HasSubstr("\"count\":2,"));
  EXPECT_THAT(bytes, HasSubstr("\"seq\":4,"));
  EXPECT_THAT(bytes, HasSubstr("\"seq\":5,"));
  commit("c");
  loop_.run();
  EXPECT_EQ(stream->drain(), "") << "it rests again";
  loop_.advance(milliseconds(500));
  EXPECT_THAT(events_in(stream->drain()), ElementsAre("7-6"));
}

TEST_F(BroadcasterTest, ConflictsAndErrorsDoNotWait) {
  const auto stream = open({{"throttle_ms", "500"}});
  stream->drain();
  commit("a");
  loop_.run();
  stream->drain();
  commit("a");
  outbox_.commit("a", "conflict.detected");
  commit("b");
  loop_.run();
  EXPECT_THAT(events_in(stream->drain()), ElementsAre("7-1.3"));
  // Whoever comes back with that has had the conflict, and not what came before it.
  stream->hang_up();
  const auto back = open({}, "7-1.3");
  EXPECT_THAT(events_in(back->drain()), ElementsAre("7-2.3", "7-4"));
  const auto other = open({}, "7-1");
  EXPECT_THAT(events_in(other->drain()), ElementsAre("7-1.3", "7-2.3", "7-4"));
}

TEST_F(BroadcasterTest, WhatIsUrgentIsNotSkippedByWhoIsFarBehind) {
  const auto stream = open({}, "", 200);
  for (int i = 0; i < 5; ++i) commit("a");  // the second of these finds the queue full
  loop_.run();
  outbox_.break_down(true);  // nothing can be read ahead of its turn
  outbox_.commit("a", "conflict.detected");
  broadcaster_.notify();
  loop_.run();
  outbox_.break_down(false);
  commit("b");
  loop_.run();
  std::string bytes;
  for (int i = 0; i < 20; ++i) {
    bytes += stream->drain();
    loop_.run();
  }
  size_t conflicts = 0;
  for (size_t at = bytes.find("event: conflict"); at != std::string::npos;
       at = bytes.find("event: conflict", at + 1))
    ++conflicts;
  EXPECT_EQ(conflicts, 1u) << bytes;
}

TEST_F(BroadcasterTest, WhoGetsTooMuchHearsItTogether) {
  Broadcaster broadcaster(loop_, outbox_.feed(), {.messages_per_second = 10, .message_burst = 5});
  auto stream = std::make_shared<FakeStream>();
  ASSERT_FALSE(broadcaster.open({.method = "GET", .target = "/"}, stream, sse()));
  stream->drain();
  for (int i = 1; i <= 50; ++i) {
    outbox_.commit("k" + std::to_string(i % 3));
    broadcaster.notify();
    loop_.run();
  }
  EXPECT_THAT(events_in(stream->drain()), ElementsAre("7-1", "7-2", "7-3", "7-4", "7-5"));
  loop_.advance(milliseconds(200));
  EXPECT_THAT(events_in(stream->drain()), ElementsAre("batch 7-50"));
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

TEST_F(BroadcasterTest, WhoComesBackWhileTheOutboxIsUnreadableGoesOnLater) {
  for (int i = 0; i < 3; ++i) commit();
  const auto stream = open({{"since", "7-1"}}, "", 400);
  (void)stream->drain();
  for (int i = 0; i < 9; ++i) {
    commit();
    loop_.run();
  }
  outbox_.break_down(true);
  const size_t before = events_in(stream->drain()).size();  // and there was more
  EXPECT_LT(before, 9u);
  loop_.advance(milliseconds(15'000));
  EXPECT_EQ(stream->drain(), "") << "it cannot be told where it is";
  outbox_.break_down(false);
  loop_.advance(milliseconds(15'000));
  EXPECT_THAT(events_in(stream->drain()), ElementsAre("7-12"));
}

TEST_F(BroadcasterTest, AHeartbeatThatFindsNoRoomIsLeftOut) {
  const auto stream = open({{"throttle_ms", "60000"}}, "", 30);
  loop_.advance(milliseconds(15'000));
  EXPECT_THAT(stream->drain(), HasSubstr("retry: "));
  commit();
  loop_.run();
  EXPECT_THAT(events_in(stream->drain()), ElementsAre("7-1"));
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
  open({{"types", "spec.exploded"}});
  ASSERT_TRUE(refusal_);
  EXPECT_EQ(refusal_->status, 400);
  EXPECT_THAT(refusal_->body, HasSubstr("spec.exploded"));
  open({{"project", "beta"}});
  ASSERT_TRUE(refusal_);
  EXPECT_EQ(refusal_->status, 404);
  EXPECT_EQ(broadcaster_.sessions(), 0u);
}

}  // namespace
}  // namespace specd::realtime
