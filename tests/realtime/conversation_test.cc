// Clients that speak: what they say over a WebSocket, and what they hear for it.
#include <gmock/gmock.h>

#include "base/json.h"
#include "realtime/broadcaster.h"
#include "tests/realtime/fakes.h"
#include "tests/realtime/frames.h"

namespace specd::realtime {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Server frames as messages; a ping as "ping", a close as "close CODE".
std::vector<std::string> messages_in(std::string bytes) {
  std::vector<std::string> messages;
  while (auto frame = take_frame(bytes)) {
    const auto byte = [&](size_t i) { return static_cast<unsigned char>(frame->payload.at(i)); };
    if (frame->opcode == 1) messages.push_back(frame->payload);
    if (frame->opcode == 8) messages.push_back("close " + std::to_string(byte(0) * 256 + byte(1)));
    if (frame->opcode == 9) messages.emplace_back("ping");
  }
  EXPECT_EQ(bytes, "") << "a torn frame";
  return messages;
}

/// "spec.updated 7-1" of a message.
std::string brief(const std::string& message) {
  const auto parsed = json::parse(message);
  if (!parsed) return message;
  const Value* id = parsed->find("id");
  return parsed->find("event")->text + (id == nullptr ? "" : " " + id->text);
}

class ConversationTest : public testing::Test {
 protected:
  std::shared_ptr<FakeStream> open(const net::Fields& query = {}) {
    auto stream = std::make_shared<FakeStream>();
    stream->hear(loop_.now());
    EXPECT_FALSE(broadcaster_.open({.method = "GET", .query = query}, stream, websocket()));
    return stream;
  }
  void commit(const std::string& key, const std::string& type = "spec.updated") {
    outbox_.commit(key, type);
    broadcaster_.notify();
    loop_.run();
  }
  static std::vector<std::string> heard(FakeStream& stream) {
    std::vector<std::string> all;
    for (const std::string& message : messages_in(stream.drain())) all.push_back(brief(message));
    return all;
  }

  FakeLoop loop_;
  FakeOutbox outbox_;
  Broadcaster broadcaster_{
      loop_,
      outbox_.feed(),
      {.heartbeat = seconds(15), .commands_per_second = 5, .command_burst = 9}};
};

TEST_F(ConversationTest, ANewConnectionHearsNothingUntilItHasSaidWhat) {
  commit("before");
  const auto stream = open();
  EXPECT_THAT(messages_in(stream->drain()),
              ElementsAre(R"({"event":"welcome","data":{"heartbeat_ms":15000}})"));
  commit("a");
  EXPECT_THAT(heard(*stream), IsEmpty());
  stream->say(R"({"event":"subscribe","ref":1,"data":{"id":"x","specs":["a"]}})");
  EXPECT_THAT(messages_in(stream->drain()),
              ElementsAre(R"({"event":"subscriptions","ref":1,"id":"7-2","data":{"subscriptions":)"
                          R"([{"id":"x","projects":[],"specs":["a"],"types":[],"children":false}],)"
                          R"("throttle_ms":0}})"));
  commit("b");
  commit("a");
  EXPECT_THAT(heard(*stream), ElementsAre("spec.updated 7-4"));
}

TEST_F(ConversationTest, EachEventComesOnceHoweverManyWantIt) {
  const auto stream = open();
  stream->say(R"({"event":"subscribe","data":{"id":"x","specs":["a"]}})");
  stream->say(R"({"event":"subscribe","data":{"id":"y","projects":"alpha"}})");
  EXPECT_THAT(heard(*stream), ElementsAre("welcome", "subscriptions 7-0", "subscriptions 7-0"));
  commit("a");
  EXPECT_THAT(heard(*stream), ElementsAre("spec.updated 7-1"));
  stream->say(R"({"event":"unsubscribe","data":{"id":"y"}})");
  commit("a");
  commit("b");
  EXPECT_THAT(heard(*stream), ElementsAre("subscriptions 7-1", "spec.updated 7-2"));
  stream->say(R"({"event":"unsubscribe"})");
  commit("a");
  EXPECT_THAT(heard(*stream), ElementsAre("subscriptions"));
}

TEST_F(ConversationTest, WhoComesBackGoesOnFromWhereItWas) {
  for (const char* key : {"a", "b", "c"}) commit(key);
  const auto stream = open();
  stream->say(R"({"event":"subscribe","data":{"since":"7-1"}})");
  loop_.run();
  EXPECT_THAT(heard(*stream),
              ElementsAre("welcome", "subscriptions 7-1", "spec.updated 7-2", "spec.updated 7-3"));
  commit("d");
  EXPECT_THAT(heard(*stream), ElementsAre("spec.updated 7-4"));
  stream->say(R"({"event":"subscribe","data":{"id":"x","since":"7-1"}})");
  EXPECT_THAT(heard(*stream), ElementsAre("error")) << "it has had those";
}

TEST_F(ConversationTest, AnIdOfAnotherDatabaseIsAnsweredWithResync) {
  commit("a");
  const auto stream = open();
  stream->say(R"({"event":"subscribe","data":{"since":"6-1"}})");
  loop_.run();
  EXPECT_THAT(heard(*stream), ElementsAre("welcome", "subscriptions 6-1", "resync 7-1"));
}

TEST_F(ConversationTest, AResyncIsNoMatterForWhoAskedForNothing) {
  commit("a");
  const auto stream = open();
  outbox_.renew();
  commit("b");
  EXPECT_THAT(heard(*stream), ElementsAre("welcome"));
  stream->say(R"({"event":"subscribe"})");
  commit("c");
  EXPECT_THAT(heard(*stream), ElementsAre("subscriptions 8-2", "spec.updated 8-3"));
}

TEST_F(ConversationTest, TheQueryCanSayItAll) {
  commit("a");
  commit("b");
  const auto stream = open({{"spec", "b"}, {"since", "7-0"}});
  loop_.run();
  EXPECT_THAT(heard(*stream), ElementsAre("welcome", "spec.updated 7-2"));
}

TEST_F(ConversationTest, AThrottleHoldsForTheConnection) {
  const auto stream = open();
  stream->say(R"({"event":"subscribe","data":{"throttle_ms":1000}})");
  commit("a");
  EXPECT_THAT(heard(*stream), ElementsAre("welcome", "subscriptions 7-0", "spec.updated 7-1"));
  commit("a");
  commit("a");
  EXPECT_THAT(heard(*stream), IsEmpty());
  loop_.advance(seconds(2));
  EXPECT_THAT(heard(*stream), ElementsAre("spec.updated 7-3"));
}

TEST_F(ConversationTest, WhatIsNotUnderstoodIsAnsweredAndHarmsNothing) {
  const auto stream = open();
  stream->say(R"({"event":"subscribe","data":{"specs":["a"]}})");
  (void)stream->drain();
  for (const std::string bad : {"what?", R"({"event":"shout","ref":7})",
                                R"({"event":"subscribe","ref":8,"data":{"projects":["beta"]}})",
                                R"({"event":"unsubscribe","ref":9,"data":{"id":"nobody"}})"}) {
    stream->say(bad);
  }
  const auto answers = messages_in(stream->drain());
  ASSERT_EQ(answers.size(), 4u);
  EXPECT_THAT(answers[0], HasSubstr("a message must be JSON"));
  EXPECT_THAT(answers[1], HasSubstr(R"("ref":7,"data":{"code":"bad_subscription",)"));
  EXPECT_THAT(answers[2], HasSubstr(R"("ref":8,"data":{"code":"not_found",)"));
  EXPECT_THAT(answers[3], HasSubstr("there is no subscription \\\"nobody\\\""));
  commit("a");
  EXPECT_THAT(heard(*stream), ElementsAre("spec.updated 7-1"));
}

TEST_F(ConversationTest, WhoSaysTooMuchIsGivenUp) {
  const auto stream = open();
  for (int i = 0; i < 9; ++i) stream->say(R"({"event":"subscriptions"})");
  EXPECT_THAT(heard(*stream), testing::SizeIs(10));
  EXPECT_EQ(broadcaster_.sessions(), 1u);
  stream->say(R"({"event":"subscriptions"})");
  EXPECT_THAT(heard(*stream), ElementsAre("close 1008"));
  EXPECT_TRUE(stream->is_closed());
  EXPECT_EQ(broadcaster_.sessions(), 0u);
  EXPECT_EQ(broadcaster_.stats().given_up, 1u);
  EXPECT_EQ(broadcaster_.stats().said_too_much, 1u);
}

TEST_F(ConversationTest, WhoIsSilentForThreeHeartbeatsIsGivenUp) {
  const auto silent = open(), awake = open();
  for (int i = 0; i < 3; ++i) {
    loop_.advance(seconds(15));
    awake->hear(loop_.now());
  }
  EXPECT_EQ(broadcaster_.sessions(), 2u);
  EXPECT_THAT(messages_in(silent->drain()),
              ElementsAre(HasSubstr("welcome"), R"({"event":"heartbeat"})", "ping",
                          R"({"event":"heartbeat"})", "ping", R"({"event":"heartbeat"})", "ping"));
  loop_.advance(seconds(15));
  EXPECT_THAT(heard(*silent), ElementsAre("close 1001"));
  EXPECT_TRUE(silent->is_closed());
  EXPECT_FALSE(awake->is_closed());
  EXPECT_EQ(broadcaster_.stats().listeners.size(), 1u);
  EXPECT_EQ(broadcaster_.stats().given_up, 1u);
  EXPECT_EQ(broadcaster_.stats().said_too_much, 0u);
}

TEST_F(ConversationTest, PeopleAreToldWhoListensHow) {
  const auto stream = open();
  stream->say(R"({"event":"subscribe","data":{"id":"x","throttle_ms":20}})");
  loop_.advance(seconds(4));
  const auto stats = broadcaster_.stats();
  ASSERT_EQ(stats.listeners.size(), 1u);
  const Listener& listener = stats.listeners[0];
  EXPECT_EQ(listener.transport, "websocket");
  EXPECT_EQ(listener.throttle, milliseconds(20));
  EXPECT_TRUE(listener.interests.all().contains("x"));
  ASSERT_TRUE(listener.last_heard);
}

}  // namespace
}  // namespace specd::realtime
