#include "realtime/socket_io.h"

#include <gmock/gmock.h>

#include "base/json.h"
#include "realtime/broadcaster.h"
#include "tests/realtime/fakes.h"
#include "tests/realtime/frames.h"

namespace specd::realtime {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class SocketIoTest : public testing::Test {
 protected:
  static net::Request request(const std::string& method, const net::Fields& query) {
    net::Request made{.method = method, .target = "/socket.io/", .query = query};
    made.query.add("EIO", "4");
    made.caller = net::Caller{1};
    return made;
  }
  /// What comes of a request once the loop has run; none: it waits.
  std::optional<net::Response> ask(net::Request request) {
    auto answer = std::make_shared<std::optional<net::Response>>();
    socket_io_.serve(request, [answer](net::Response response) { *answer = std::move(response); });
    loop_.run();
    return *answer;
  }
  /// The id of a new session, which has been polled for its opening.
  std::string shake_hands(const net::Fields& query = {}) {
    net::Request first = request("GET", query);
    first.query.add("transport", "polling");
    const auto opening = ask(first);
    EXPECT_TRUE(opening);
    return json::parse(opening->body.substr(1)).value().find("sid")->text;
  }
  std::optional<net::Response> poll(const std::string& sid) {
    return ask(request("GET", {{"transport", "polling"}, {"sid", sid}}));
  }
  net::Response post(const std::string& sid, const std::string& packets) {
    net::Request said = request("POST", {{"transport", "polling"}, {"sid", sid}});
    said.body = packets;
    return ask(said).value();
  }
  /// A poll whose answer comes into `late_`.
  void wait_for(const std::string& sid) {
    late_.reset();
    socket_io_.serve(request("GET", {{"transport", "polling"}, {"sid", sid}}),
                     [this](net::Response response) { late_ = std::move(response); });
    loop_.run();
  }
  /// Connected to the namespace, with everything heard so far.
  std::string connect(const std::string& wish = "") {
    std::string sid = shake_hands();
    EXPECT_EQ(post(sid, "40/specs," + wish).body, "ok");
    EXPECT_THAT(packets(poll(sid)), ElementsAre(StartsWith("40/specs,{\"sid\":"),
                                                StartsWith("42/specs,[\"welcome\",")));
    return sid;
  }
  static std::vector<std::string> packets(const std::optional<net::Response>& answer) {
    std::vector<std::string> all;
    if (!answer) return all;
    for (size_t at = 0; at <= answer->body.size();) {
      const size_t end = std::min(answer->body.find(kPacketEnd, at), answer->body.size());
      all.push_back(answer->body.substr(at, end - at));
      at = end + 1;
    }
    return all;
  }
  static std::vector<std::string> frames(FakeStream& stream) {
    std::vector<std::string> all;
    std::string bytes = stream.drain();
    while (auto frame = take_frame(bytes)) {
      all.push_back(frame->opcode == 8 ? "close" : frame->payload);
    }
    return all;
  }
  std::shared_ptr<FakeStream> attach(const net::Fields& query, size_t capacity = 1 << 20) {
    auto stream = std::make_shared<FakeStream>(capacity);
    net::Request upgrade = request("GET", query);
    upgrade.query.add("transport", "websocket");
    refusal_ = socket_io_.open(upgrade, stream);
    loop_.run();
    return stream;
  }
  void commit(const std::string& key) {
    outbox_.commit(key);
    broadcaster_.notify();
    loop_.run();
  }

  FakeLoop loop_;
  FakeOutbox outbox_;
  SeededRandom random_{1};
  Broadcaster broadcaster_{loop_, outbox_.feed(), {.heartbeat = seconds(15), .command_burst = 5}};
  SocketIo socket_io_{loop_,
                      [this](const net::Request& request, std::shared_ptr<net::Stream> stream) {
                        return broadcaster_.open(request, std::move(stream), socket_io());
                      },
                      random_,
                      {.max_sessions = 3, .queue = 2'000, .max_payload = 1'000}};
  std::optional<net::Response> refusal_, late_;
};

TEST_F(SocketIoTest, TheHandshakeTellsTheTerms) {
  net::Request first = request("GET", {{"transport", "polling"}});
  const auto opening = ask(first);
  ASSERT_TRUE(opening);
  EXPECT_THAT(
      opening->body,
      testing::MatchesRegex(R"(0\{"sid":"[0-9a-f]{32}","upgrades":\["websocket"\],)"
                            R"("pingInterval":15000,"pingTimeout":30000,"maxPayload":1000\})"));
}

TEST_F(SocketIoTest, EventsComeByPollsWithTheIdAsLastArgument) {
  const std::string sid = connect();
  commit("before");
  post(sid, R"(42/specs,["subscribe",{"specs":["a"]}])");
  EXPECT_THAT(packets(poll(sid)),
              ElementsAre(AllOf(StartsWith(R"(42/specs,["subscriptions",{"subscriptions":[)"),
                                testing::EndsWith(R"(,"7-1"])"))));
  wait_for(sid);
  EXPECT_FALSE(late_) << "there is nothing to tell";
  commit("b");
  EXPECT_FALSE(late_);
  commit("a");
  EXPECT_THAT(packets(late_), ElementsAre(AllOf(StartsWith(R"(42/specs,["spec.updated",{"type":)"),
                                                testing::EndsWith(R"(,"7-3"])"))));
  commit("a");
  commit("a");
  EXPECT_THAT(packets(poll(sid)), testing::SizeIs(2)) << "it waited for the poll";
}

TEST_F(SocketIoTest, WhoWantsAnAcknowledgementGetsOne) {
  const std::string sid = connect();
  post(sid, R"(42/specs,7["subscribe",{"id":"x"}])" + std::string(1, kPacketEnd) +
                R"(42/specs,8["subscribe",{"types":["no"]}])");
  const auto heard = packets(poll(sid));
  ASSERT_EQ(heard.size(), 3u);
  EXPECT_THAT(heard[0], StartsWith(R"(43/specs,7[{"subscriptions":[{"id":"x")"));
  EXPECT_EQ(heard[1], R"(42/specs,["heartbeat",{},"7-0"])") << "what the client is to bring back";
  EXPECT_THAT(heard[2], StartsWith(R"(43/specs,8[{"error":{"code":"bad_subscription")"));
}

TEST_F(SocketIoTest, WhoComesBackGoesOnWhereItWas) {
  for (const char* key : {"a", "b", "c"}) commit(key);
  for (const std::string wish : {R"({"pid":"old","offset":"7-1"})", R"({"since":"7-1"})"}) {
    const std::string sid = connect(wish);
    post(sid, R"(42/specs,["subscribe",{}])");
    const auto heard = packets(poll(sid));
    ASSERT_EQ(heard.size(), 3u);
    EXPECT_THAT(heard[1], testing::EndsWith(R"(,"7-2"])"));
    EXPECT_THAT(heard[2], testing::EndsWith(R"(,"7-3"])"));
  }
}

TEST_F(SocketIoTest, TheQueryOfTheHandshakeCanSayItAll) {
  const std::string sid = shake_hands({{"spec", "a"}});
  post(sid, "40/specs,");
  (void)poll(sid);
  commit("b");
  commit("a");
  EXPECT_THAT(packets(poll(sid)), ElementsAre(HasSubstr(R"("key":"a")")));
}

TEST_F(SocketIoTest, OtherNamespacesThereAreNot) {
  const std::string sid = shake_hands();
  post(sid, "40");
  post(sid, "40/chat,{}");
  EXPECT_THAT(packets(poll(sid)), ElementsAre(R"(44{"message":"Invalid namespace"})",
                                              R"(44/chat,{"message":"Invalid namespace"})"));
  EXPECT_EQ(broadcaster_.sessions(), 0u);
}

TEST_F(SocketIoTest, WhatIsRefusedSaysWhy) {
  const std::string sid = shake_hands({{"project", "beta"}});
  post(sid, "40/specs,");
  EXPECT_THAT(
      packets(poll(sid)),
      ElementsAre(HasSubstr(R"(44/specs,{"message":"there is no project \"beta\"","data":{)")));
}

TEST_F(SocketIoTest, AWebSocketCanBeTheFirstTransport) {
  const auto stream = attach({});
  EXPECT_FALSE(refusal_);
  EXPECT_THAT(frames(*stream), ElementsAre(HasSubstr(R"("upgrades":[])")));
  stream->say("40/specs,");
  stream->say(R"(42/specs,["subscribe"])");
  commit("a");
  EXPECT_THAT(frames(*stream),
              ElementsAre(StartsWith("40/specs,"), StartsWith("42/specs,[\"welcome\""),
                          StartsWith("42/specs,[\"subscriptions\""),
                          StartsWith("42/specs,[\"spec.updated\"")));
  stream->hang_up();
  loop_.run();
  EXPECT_EQ(broadcaster_.sessions(), 0u);
  EXPECT_EQ(socket_io_.sessions(), 0u);
}

TEST_F(SocketIoTest, AWebSocketTakesOverWithoutLossOrTwice) {
  const std::string sid = connect();
  post(sid, R"(42/specs,["subscribe"])");
  (void)poll(sid);
  wait_for(sid);
  const auto stream = attach({{"sid", sid}});
  stream->say("2probe");
  loop_.run();
  EXPECT_THAT(frames(*stream), ElementsAre("3probe"));
  EXPECT_THAT(packets(late_), ElementsAre("6")) << "the poll ends, so that the client can change";
  commit("a");
  EXPECT_THAT(frames(*stream), IsEmpty()) << "it has not taken over yet";
  stream->say("5");
  EXPECT_THAT(frames(*stream), ElementsAre(StartsWith("42/specs,[\"spec.updated\"")));
  commit("b");
  EXPECT_THAT(frames(*stream), ElementsAre(HasSubstr(R"("key":"b")")));
  EXPECT_THAT(packets(poll(sid)), ElementsAre("6"));
  stream->say("2");
  EXPECT_THAT(frames(*stream), ElementsAre("3"));
}

TEST_F(SocketIoTest, APollThatTheProbeOvertookEndsAtOnce) {
  const std::string sid = connect();
  const auto stream = attach({{"sid", sid}});
  stream->say("2probe");
  EXPECT_THAT(packets(poll(sid)), ElementsAre("6")) << "the client waits for it before it changes";
  stream->say("5");
  post(sid, R"(42/specs,["subscribe"])");
  EXPECT_THAT(frames(*stream), ElementsAre("3probe", HasSubstr("subscriptions")));
}

TEST_F(SocketIoTest, AProbeThatFailsLeavesThePollsAsTheyWere) {
  const std::string sid = connect();
  post(sid, R"(42/specs,["subscribe"])");
  (void)poll(sid);
  const auto stream = attach({{"sid", sid}});
  stream->say("2probe");
  stream->hang_up();
  commit("a");
  EXPECT_THAT(packets(poll(sid)), ElementsAre(HasSubstr(R"("key":"a")")));
}

TEST_F(SocketIoTest, WhoHasTakenOverIsNotTakenOverFrom) {
  const std::string sid = connect();
  const auto stream = attach({{"sid", sid}});
  stream->say("2probe");
  stream->say("5");
  const auto another = attach({{"sid", sid}});
  ASSERT_TRUE(refusal_);
  EXPECT_THAT(refusal_->body, HasSubstr(R"("code":3)"));
  post(sid, R"(42/specs,["subscribe"])");
  EXPECT_THAT(frames(*stream), ElementsAre("3probe", HasSubstr("subscriptions")));
}

TEST_F(SocketIoTest, WhoProbedTooOftenToTakeTheRestComesBackForIt) {
  const std::string sid = connect();
  post(sid, R"(42/specs,["subscribe"])");
  const auto stream = attach({{"sid", sid}}, 100);
  for (int i = 0; i < 5; ++i) stream->say("2probe");
  stream->say("5");
  loop_.run();
  EXPECT_TRUE(stream->is_closed());
  EXPECT_EQ(broadcaster_.sessions(), 0u);
}

TEST_F(SocketIoTest, APongIsASignOfLife) {
  const std::string sid = connect();
  for (int i = 0; i < 10; ++i) {
    loop_.advance(seconds(15));
    (void)poll(sid);
    EXPECT_EQ(post(sid, "3").body, "ok");
  }
  const auto stream = attach({});
  stream->say("40/specs,");
  for (int i = 0; i < 10; ++i) {
    loop_.advance(seconds(15));
    stream->say("3");
    EXPECT_EQ(post(sid, "3").body, "ok");
  }
  EXPECT_EQ(broadcaster_.sessions(), 2u);
}

TEST_F(SocketIoTest, WhatIsNoProbeIsNoWayToTakeOver) {
  const std::string sid = connect();
  const auto stream = attach({{"sid", sid}});
  stream->say(R"(42/specs,["subscribe"])");
  EXPECT_TRUE(stream->is_closed());
  post(sid, R"(42/specs,["subscribe"])");
  EXPECT_THAT(packets(poll(sid)), ElementsAre(HasSubstr("subscriptions"))) << "by polls, as before";
}

TEST_F(SocketIoTest, HeartbeatsArePingsAndTellWhereItIs) {
  const std::string sid = connect();
  post(sid, R"(42/specs,["subscribe",{"specs":["none"]}])");
  (void)poll(sid);
  commit("a");
  wait_for(sid);
  loop_.advance(seconds(15));
  EXPECT_THAT(packets(late_), ElementsAre("2", R"(42/specs,["heartbeat",{},"7-1"])"));
}

TEST_F(SocketIoTest, WhoIsSilentIsGivenUp) {
  const std::string connected = connect();
  (void)shake_hands();
  for (int i = 0; i < 3; ++i) loop_.advance(seconds(15));
  EXPECT_EQ(socket_io_.sessions(), 2u);
  for (int i = 0; i < 2; ++i) loop_.advance(seconds(15));
  EXPECT_EQ(socket_io_.sessions(), 0u);
  EXPECT_EQ(broadcaster_.sessions(), 0u);
  EXPECT_EQ(poll(connected)->status, 400);
}

/// Clients come back by themselves when a connection breaks off, and not when they are sent away: a
/// page that slept for so long must come back.
TEST_F(SocketIoTest, WhoWasSilentIsNotSentAway) {
  const auto stream = attach({});
  stream->say("40/specs,");
  (void)frames(*stream);
  for (int i = 0; i < 4; ++i) loop_.advance(seconds(15));
  const auto heard = frames(*stream);
  EXPECT_TRUE(stream->is_closed());
  EXPECT_EQ(heard.back(), "close");
  EXPECT_THAT(heard, testing::Not(testing::Contains("41/specs,")));
}

TEST_F(SocketIoTest, WhoSaysTooMuchIsSentAway) {
  const auto stream = attach({});
  stream->say("40/specs,");
  for (int i = 0; i < 6; ++i) stream->say(R"(42/specs,["subscriptions"])");
  auto heard = frames(*stream);
  ASSERT_GE(heard.size(), 2u);
  EXPECT_EQ(heard.back(), "close");
  EXPECT_EQ(heard[heard.size() - 2], "41/specs,");
  EXPECT_EQ(broadcaster_.sessions(), 0u);
}

TEST_F(SocketIoTest, ASlowClientsQueueIsBoundedAndItHearsEachSpecOnceLater) {
  const std::string sid = connect();
  post(sid, R"(42/specs,["subscribe"])");
  (void)poll(sid);
  for (int i = 0; i < 60; ++i) commit(i % 2 == 0 ? "a" : "b");
  const auto first = poll(sid);
  ASSERT_TRUE(first);
  EXPECT_LE(first->body.size(), 2'000u);
  loop_.run();
  const auto rest = packets(poll(sid));
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_THAT(rest[0],
              AllOf(StartsWith(R"(42/specs,["specs.batch",{"type":"specs.batch","count":2)"),
                    testing::EndsWith(R"(,"7-60"])")));
}

TEST_F(SocketIoTest, ASlowClientThatTakesOverHearsTheRestAtOnce) {
  const std::string sid = connect();
  post(sid, R"(42/specs,["subscribe"])");
  (void)poll(sid);
  for (int i = 0; i < 60; ++i) commit(i % 2 == 0 ? "a" : "b");
  const auto stream = attach({{"sid", sid}});
  stream->say("2probe");
  stream->say("5");
  loop_.run();
  const auto heard = frames(*stream);
  ASSERT_FALSE(heard.empty());
  EXPECT_THAT(heard.back(), testing::EndsWith(R"(,"7-60"])"));
}

TEST_F(SocketIoTest, ASlowClientThatSaysSomethingStillHearsTheRest) {
  const auto stream = attach({}, 2'100);
  stream->say("40/specs,");
  stream->say(R"(42/specs,["subscribe"])");
  (void)frames(*stream);
  for (int i = 0; i < 60; ++i) commit(i % 2 == 0 ? "a" : "b");
  stream->say("2");  // there is room for the answer, though not for an event
  EXPECT_EQ(frames(*stream).back(), "3");
  EXPECT_THAT(frames(*stream), ElementsAre(testing::EndsWith(R"(,"7-60"])")));
}

TEST_F(SocketIoTest, ThereNeedBeNoRoomForAnAnswerToAPing) {
  const std::string sid = connect();
  const std::string ping = "2" + std::string(900, 'x');
  for (int i = 0; i < 3; ++i) EXPECT_EQ(post(sid, ping).body, "ok");
  EXPECT_THAT(packets(poll(sid)), testing::SizeIs(2));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(post(sid, "40/" + std::string(900, 'x') + ",").body, "ok");
}

TEST_F(SocketIoTest, TwoPollsAtOnceEndIt) {
  const std::string sid = connect();
  wait_for(sid);
  EXPECT_EQ(poll(sid)->status, 400);
  EXPECT_THAT(packets(late_), ElementsAre("1"));
  EXPECT_EQ(broadcaster_.sessions(), 0u);
}

TEST_F(SocketIoTest, WhatIsNotUnderstoodIsRefused) {
  const auto code_of = [](const std::optional<net::Response>& answer) {
    EXPECT_EQ(answer->status, 400);
    return json::parse(answer->body).value().find("code")->text;
  };
  EXPECT_EQ(code_of(ask(request("GET", {{"transport", "smoke"}}))), "0");
  EXPECT_EQ(code_of(poll("nobody")), "1");
  EXPECT_EQ(code_of(ask(request("POST", {{"transport", "polling"}}))), "2");
  net::Request old{.method = "GET", .query = {{"EIO", "3"}, {"transport", "polling"}}};
  EXPECT_EQ(code_of(ask(old)), "5");
  for (const std::string bad : {"", "x", "9", "4", "40/specs,{", "42/specs,[]", "42[\"subscribe\"]",
                                "40/specs,[[", "42/specs,{\"a\":1}"}) {
    const std::string sid = connect();
    EXPECT_EQ(post(sid, bad).status, bad.empty() ? 200 : 400) << bad;
    if (bad.empty()) post(sid, "1");
    EXPECT_EQ(poll(sid)->status, 400) << "it is over";
  }
  const std::string sid = connect();
  EXPECT_EQ(code_of(post(sid, std::string(1'001, '3'))), "3");
  EXPECT_EQ(socket_io_.sessions(), 0u);
}

TEST_F(SocketIoTest, ASessionIsItsCallersAlone) {
  const std::string sid = connect();
  net::Request other = request("GET", {{"transport", "polling"}, {"sid", sid}});
  other.caller = net::Caller{2};
  EXPECT_EQ(ask(other)->status, 400);
  wait_for(sid);
  socket_io_.end(net::Caller{2});
  EXPECT_FALSE(late_);
  socket_io_.end(net::Caller{1});
  EXPECT_THAT(packets(late_), ElementsAre("1"));
}

TEST_F(SocketIoTest, WhenItStopsNobodyWaitsAndNoTimerIsLeft) {
  const std::string sid = connect();
  (void)shake_hands();
  wait_for(sid);
  EXPECT_GT(loop_.timers(), 0u);
  socket_io_.stop();
  EXPECT_THAT(packets(late_), ElementsAre("1"));
  EXPECT_EQ(broadcaster_.sessions(), 0u);
  EXPECT_EQ(loop_.timers(), 0u);
  EXPECT_EQ(poll(sid)->status, 503);
  (void)attach({});
  EXPECT_EQ(refusal_->status, 503);
}

TEST_F(SocketIoTest, ThereAreSoManySessionsAtMost) {
  for (int i = 0; i < 3; ++i) (void)shake_hands();
  net::Request one_more = request("GET", {{"transport", "polling"}});
  EXPECT_EQ(ask(one_more)->status, 503);
}

TEST_F(SocketIoTest, ComingAndGoingLeavesNothing) {
  for (int i = 0; i < 100; ++i) {
    const std::string sid = connect();
    post(sid, i % 2 == 0 ? "1" : "41/specs,");
    loop_.run();
  }
  EXPECT_EQ(socket_io_.sessions(), 0u);
  EXPECT_EQ(broadcaster_.sessions(), 0u);
  loop_.advance(seconds(15));
  EXPECT_EQ(loop_.timers(), 0u);
}

}  // namespace
}  // namespace specd::realtime
