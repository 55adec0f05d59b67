// How much, how many and how slowly: what the front desk bounds, and what it says then.

#include <gmock/gmock.h>

#include "base/descriptors.h"
#include "tests/net/desk_fixture.h"

namespace specd::net {
namespace {

using std::chrono::milliseconds;
using test::comes_true;
using test::RawClient;
using testing::HasSubstr;

// Of callers who say who they are, see LimitsTest::by_number.
constexpr const char* kSeven = "X-Number: 7\r\n";
constexpr const char* kEight = "X-Number: 8\r\n";

class LimitsTest : public DeskTest {
 protected:
  static Admission by_number(const Request& head) {
    const std::string* number = head.headers.find("x-number");
    return {.caller = Caller{number == nullptr ? 0 : std::stoull(*number)}, .refusal = {}};
  }
  static void expect_problem(const test::RawResponse& answer, int status, const std::string& code) {
    EXPECT_EQ(answer.status, status) << answer.head;
    EXPECT_THAT(answer.body, HasSubstr("\"code\":\"" + code + "\""));
    EXPECT_EQ(answer.headers.contains("Retry-After"), status == 503);
  }
  [[nodiscard]] bool has_connections(size_t count) const {
    return comes_true([&] { return desk_->stats().connections == count; });
  }
};

// ---- how much

TEST_F(LimitsTest, BodiesMayBeAsLargeAsTheLimit) {
  open({.body_limit = 100'000});
  RawClient client = this->client();
  const std::string body(100'000, 'b');
  EXPECT_EQ(client.post("/echo", body).body, body);
  expect_problem(client.post("/echo", body + "b"), 413, "body_too_large");
  EXPECT_TRUE(client.is_ended());
}

TEST_F(LimitsTest, ChunkedBodiesHaveTheSameLimit) {
  open({.body_limit = 100'000});
  RawClient fitting = client();
  fitting.send_request("POST", "/echo", "Transfer-Encoding: chunked\r\n");
  const std::string chunk = "C350\r\n" + std::string(50'000, 'c') + "\r\n";
  fitting.send(chunk + chunk + "0\r\n\r\n");
  EXPECT_EQ(fitting.read_response().body.size(), 100'000u);
  RawClient large = client();
  large.send_request("POST", "/echo", "Transfer-Encoding: chunked\r\n");
  large.send(chunk + chunk + "1\r\nc\r\n");
  expect_problem(large.read_response(), 413, "body_too_large");
}

TEST_F(LimitsTest, ABodyThatIsAnnouncedTooLargeIsNotWaitedFor) {
  open();
  RawClient client = this->client();
  client.send_request("POST", "/echo", "Content-Length: 18446744073709551615\r\n");
  expect_problem(client.read_response(), 413, "body_too_large");
}

TEST_F(LimitsTest, BodiesOfAllHaveALimitTogether) {
  open({.body_limit = 100'000, .workers = 2});
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<RawClient>(desk_->port()));
    clients.back()->send_request("POST", "/echo", "Content-Length: 100000\r\n");
    clients.back()->send(std::string(66'000, 'b'));
  }
  const std::string two_thousand_and_one(2'001, 'x');
  EXPECT_TRUE(
      comes_true([&] { return client().post("/echo", two_thousand_and_one).status == 503; }));
  expect_problem(client().post("/echo", two_thousand_and_one), 503, "too_many_bodies");
  RawClient chunked = client();
  chunked.send_request("POST", "/echo", "Transfer-Encoding: chunked\r\n");
  chunked.send("7d1\r\n" + two_thousand_and_one + "\r\n0\r\n\r\n");
  expect_problem(chunked.read_response(), 503, "too_many_bodies");
  EXPECT_TRUE(chunked.is_ended());
  EXPECT_EQ(client().post("/echo", std::string(2'000, 'x')).status, 200) << "this one fits";
  EXPECT_EQ(client().get("/hello").status, 200) << "this one has none";

  // Room is made by a client that goes, and by an answer.
  clients.pop_back();
  ASSERT_TRUE(has_connections(2));
  for (const auto& client : clients) client->send(std::string(34'000, 'b'));
  for (const auto& client : clients) EXPECT_EQ(client->read_response().body.size(), 100'000u);
  for (int round = 0; round < 5; ++round)
    EXPECT_EQ(clients.at(0)->post("/echo", std::string(100'000, 'c')).body.size(), 100'000u);
}

TEST_F(LimitsTest, WhoMaySendLittleTakesNobodysRoom) {
  admit_ = [](const Request& head) {
    Admission admission = by_number(head);
    if (admission.caller == Caller::nobody) admission.body_limit = 60'000;
    return admission;
  };
  open({.body_limit = 100'000, .workers = 1});
  std::vector<std::unique_ptr<RawClient>> nobody;
  for (int i = 0; i < 4; ++i) {
    nobody.push_back(std::make_unique<RawClient>(desk_->port()));
    nobody.back()->send_request("POST", "/echo", "Content-Length: 60000\r\n");
    nobody.back()->send(std::string(59'999, 'b'));
  }
  RawClient known = client();
  known.send_request("POST", "/echo", kSeven, std::string(100'000, 'c'));
  EXPECT_EQ(known.read_response().body.size(), 100'000u);
  nobody.back()->send("b");
  EXPECT_EQ(nobody.back()->read_response().body.size(), 60'000u);
}

TEST_F(LimitsTest, WithoutALengthThereIsNoBody) {
  open();
  RawClient client = this->client();
  client.send_request("POST", "/echo", "Connection: keep-alive\r\n");
  const auto answer = client.read_response();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(client.get("/hello").body, "hello") << "what comes next is the next request";
}

TEST_F(LimitsTest, HeadersAreBoundedByNumberAndBySize) {
  open();
  const auto fields = [](int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += "X-" + std::to_string(i) + ": 1\r\n";
    return text;
  };
  EXPECT_EQ(client().get("/hello", fields(127)).body, "hello") << "and Host makes 128";
  expect_problem(client().get("/hello", fields(128)), 431, "header_too_large");
  expect_problem(client().get("/hello", fields(20'000)), 431, "header_too_large");
  EXPECT_EQ(client().get("/hello", "X: " + std::string(16'000, 'x') + "\r\n").body, "hello");
  expect_problem(client().get("/hello", "X: " + std::string(17'000, 'x') + "\r\n"), 431,
                 "header_too_large");
  expect_problem(client().get("/" + std::string(17'000, 'x')), 431, "header_too_large");
  RawClient endless = client();
  endless.send("GET /hello HTTP/1.1\r\nX: " + std::string(20'000, 'x'));
  expect_problem(endless.read_response(), 431, "header_too_large");
}

TEST_F(LimitsTest, AHeaderThatComesInPiecesHasTheSameLimit) {
  open();
  RawClient client = this->client();
  client.send("GET /hello HTTP/1.1\r\n");
  for (int i = 0; i < 170; ++i) client.send("X-Slow: " + std::string(90, 'x') + "\r\n");
  for (int i = 0; i < 2'000 && client.send("x"); ++i) {
  }
  expect_problem(client.read_response(), 431, "header_too_large");
}

TEST_F(LimitsTest, WhatStandsBetweenChunksIsBounded) {
  open();
  for (const std::string& begin : {std::string("1;x="), std::string("0\r\nX: ")}) {
    RawClient client = this->client();
    client.send_request("POST", "/echo", "Transfer-Encoding: chunked\r\n");
    client.send(begin);
    const std::string more(1024, 'x');
    for (int i = 0; i < 1024 && client.send(more); ++i) {
    }
    expect_problem(client.read_response(), 400, "bad_request");
  }
}

// ---- how slowly

TEST_F(LimitsTest, ARequestThatDoesNotComeInTimeIsToldSo) {
  open({.read_limit = milliseconds(50)});
  for (const std::string& begin :
       {std::string("GET /hello HTTP/1.1\r\n"),
        "POST /echo HTTP/1.1\r\nHost: " + client().host() + "\r\nContent-Length: 9\r\n\r\nhalf"}) {
    RawClient client = this->client();
    client.send(begin);
    expect_problem(client.read_response(), 408, "request_too_slow");
    EXPECT_TRUE(client.is_ended());
  }
}

TEST_F(LimitsTest, AByteNowAndThenBuysNoTime) {
  open({.read_limit = milliseconds(200)});
  RawClient client = this->client();
  client.send("GET /hello HTTP/1.1\r\nX: ");
  // As fast as the desk takes them, and never done.
  EXPECT_TRUE(comes_true([&] {
    EXPECT_EQ(this->client().get("/hello").status, 200);
    return !client.send("x") || desk_->stats().answers[3] == 1;
  }));
  expect_problem(client.read_response(), 408, "request_too_slow");
}

TEST_F(LimitsTest, AnIdleConnectionIsGivenUp) {
  open({.idle_limit = milliseconds(50)});
  RawClient client = this->client();
  EXPECT_EQ(client.get("/hello").status, 200);
  EXPECT_TRUE(client.is_ended());
}

TEST_F(LimitsTest, AnAnswerThatIsNotTakenIsGivenUp) {
  open({.write_limit = milliseconds(50)});
  RawClient deaf(desk_->port(), 4096);
  deaf.send_request("GET", "/big");
  ASSERT_TRUE(comes_true([&] { return desk_->stats().answers[1] == 1; }));
  EXPECT_TRUE(has_connections(0));
}

// ---- how many

TEST_F(LimitsTest, AThousandSlowClientsDelayNobody) {
  constexpr size_t kSlow = 1'000;
  ASSERT_GE(raise_descriptor_limit(2 * kSlow + 200), 2 * kSlow + 200)
      << "both ends of every connection are in this process: raise the hard limit (ulimit -Hn)";
  open({.workers = 2});
  std::vector<std::unique_ptr<RawClient>> slow;
  for (size_t i = 0; i < kSlow; ++i) {
    slow.push_back(std::make_unique<RawClient>(desk_->port()));
    slow.back()->send("GET /hello HTTP/1.1\r\nX-Drip: ");
  }
  ASSERT_TRUE(has_connections(kSlow));
  RawClient normal = client();
  for (int round = 0; round < 20; ++round) {
    for (const auto& client : slow) ASSERT_TRUE(client->send("x"));
    ASSERT_EQ(normal.get("/hello").body, "hello") << round;
  }
  EXPECT_EQ(desk_->stats().connections, kSlow + 1);
  EXPECT_EQ(desk_->stats().turned_away, 0u);
  // None of them was forgotten, either.
  for (const auto& client : slow) {
    client->send("\r\nHost: " + normal.host() + "\r\n\r\n");
    ASSERT_EQ(client->read_response().body, "hello");
  }
}

TEST_F(LimitsTest, ThoseBeyondTheConnectionLimitAreToldSo) {
  admit_ = by_number;
  open({.max_connections = 2});
  RawClient first = client();
  EXPECT_EQ(first.get("/hello", kSeven).status, 200);
  auto second = std::make_unique<RawClient>(desk_->port());
  EXPECT_EQ(second->get("/hello", kEight).status, 200);
  RawClient third = client();
  expect_problem(third.get("/hello", kSeven), 503, "too_many_connections");
  EXPECT_EQ(desk_->stats().turned_away, 1u);
  second.reset();
  ASSERT_TRUE(has_connections(1));
  EXPECT_EQ(client().get("/hello", kSeven).status, 200);
}

TEST_F(LimitsTest, HoweverOftenNobodyComesWhoIsKnownGetsIn) {
  admit_ = by_number;
  open({.max_connections = 8});
  RawClient known = client();
  EXPECT_EQ(known.get("/hello", kSeven).status, 200);
  std::vector<std::unique_ptr<RawClient>> nobody;
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 10; ++i) {
      nobody.push_back(std::make_unique<RawClient>(desk_->port()));
      nobody.back()->send("GET /hello HTTP/1.1\r\n");
    }
    EXPECT_EQ(client().get("/hello", kEight).status, 200) << round;
    EXPECT_EQ(known.get("/hello", kSeven).status, 200) << "and stays";
  }
  EXPECT_LE(desk_->stats().connections, 9u);
  EXPECT_TRUE(nobody.front()->is_ended());
}

TEST_F(LimitsTest, OfNobodysConnectionsTheIdleGoFirstAndThenTheOldest) {
  admit_ = by_number;
  open({.max_connections = 3});
  RawClient silent = client(), half = client();
  half.send("GET /hello HTTP/1.1\r\n");
  ASSERT_TRUE(has_connections(2));
  RawClient idle = client();
  EXPECT_EQ(idle.get("/hello").status, 200);
  RawClient first = client(), second = client();
  EXPECT_TRUE(idle.is_ended());
  EXPECT_TRUE(silent.is_ended());
  EXPECT_EQ(first.get("/hello", kSeven).status, 200);
  EXPECT_EQ(second.get("/hello", kSeven).status, 200) << "it has yet to have its turn";
  half.send("Host: " + half.host() + "\r\n\r\n");
  EXPECT_EQ(half.read_response().status, 200) << "it was not meant yet";
  RawClient third = client();
  EXPECT_EQ(third.get("/hello", kSeven).status, 200);
  EXPECT_TRUE(half.is_ended());
  EXPECT_EQ(desk_->stats().turned_away, 3u);
}

TEST_F(LimitsTest, WhatIsBeingServedIsPutOutForNobody) {
  admit_ = by_number;
  open({.max_connections = 2});
  RawClient listener = client(), waiting = client();
  listener.send_request("GET", "/events");
  EXPECT_THAT(listener.read_until("welcome\n\n"), HasSubstr("200 OK"));
  waiting.send_request("GET", "/later");
  ASSERT_TRUE(comes_true([&] { return parked() == 1; }));
  expect_problem(client().get("/hello", kSeven), 503, "too_many_connections");
  {
    MutexLock lock(mutex_);
    parked_.at(0)({.body = "at last"});
  }
  EXPECT_EQ(waiting.read_response().body, "at last");
  on_loop([&] { EXPECT_TRUE(streams_.at(0)->write("more\n\n")); });
  EXPECT_EQ(listener.read_until("\n\n"), "more\n\n");
}

TEST_F(LimitsTest, EachCallerHasALimitOfConnections) {
  admit_ = by_number;
  open({.max_caller_connections = 2});
  auto first = std::make_unique<RawClient>(desk_->port());
  RawClient second = client();
  EXPECT_EQ(first->get("/hello", kSeven).status, 200);
  EXPECT_EQ(second.get("/hello", kSeven).status, 200);
  EXPECT_EQ(second.get("/hello", kSeven).status, 200) << "not counted again";
  {
    RawClient third = client();
    expect_problem(third.get("/hello", kSeven), 503, "too_many_connections");
    EXPECT_TRUE(third.is_ended());
  }
  EXPECT_EQ(desk_->stats().turned_away, 1u);

  RawClient other = client(), nobody = client(), nobody_else = client(), third_nobody = client();
  EXPECT_EQ(other.get("/hello", kEight).status, 200) << "others have their own";
  for (RawClient* client : {&nobody, &nobody_else, &third_nobody})
    EXPECT_EQ(client->get("/hello").status, 200) << "nobody has no limit";

  first.reset();
  ASSERT_TRUE(has_connections(5));
  RawClient again = client(), once_more = client();
  EXPECT_EQ(again.get("/hello", kSeven).status, 200) << "one has gone";
  EXPECT_EQ(second.get("/hello", kEight).status, 200) << "one is another caller's now";
  EXPECT_EQ(once_more.get("/hello", kSeven).status, 200);
}

TEST_F(LimitsTest, WhoComesWhenThereIsTooMuchToDoIsToldSo) {
  open({.max_connections = 4, .workers = 1});
  std::atomic<bool> is_at_work = false, may_go = false;
  ASSERT_TRUE(desk_->post_to_worker([&] {
    is_at_work = true;
    EXPECT_TRUE(comes_true([&] { return may_go.load(); }));
  }));
  ASSERT_TRUE(comes_true([&] { return is_at_work.load(); }));
  while (desk_->post_to_worker([] {})) {
  }
  RawClient client = this->client();
  expect_problem(client.get("/hello"), 503, "busy");
  EXPECT_TRUE(client.is_ended());
  may_go = true;
  desk_.reset();
}

}  // namespace
}  // namespace specd::net
