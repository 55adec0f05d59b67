#include "net/front_desk.h"

#include <gmock/gmock.h>

#include "base/thread.h"
#include "tests/net/desk_fixture.h"

namespace specd::net {
namespace {

using test::comes_true;
using test::RawClient;
using testing::HasSubstr;

class FrontDeskTest : public DeskTest {};

TEST_F(FrontDeskTest, AnswersTwoThousandRequestsOfOneConnection) {
  open();
  RawClient client = this->client();
  for (int i = 0; i < 2000; ++i) {
    const auto answer = client.get("/hello");
    ASSERT_EQ(answer.status, 200) << i;
    ASSERT_EQ(answer.body, "hello");
  }
  EXPECT_EQ(desk_->stats().connections, 1u);
  EXPECT_EQ(desk_->stats().requests, 2000u);
}

TEST_F(FrontDeskTest, AnswersPipelinedRequestsInOrder) {
  open();
  RawClient client = this->client();
  std::string all;
  for (int i = 0; i < 50; ++i) {
    all += "GET /files/" + std::to_string(i) + " HTTP/1.1\r\nHost: " + client.host() + "\r\n\r\n";
  }
  client.send(all);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(client.read_response().body, std::to_string(i));
}

TEST_F(FrontDeskTest, ClosesWhenTheClientAsksForIt) {
  open();
  RawClient client = this->client();
  const auto answer = client.get("/hello", "Connection: close\r\n");
  EXPECT_EQ(answer.body, "hello");
  EXPECT_EQ(answer.headers.at("Connection"), "close");
  EXPECT_TRUE(client.is_ended());
}

TEST_F(FrontDeskTest, AnswersAClientThatHasEndedSending) {
  open();
  RawClient client = this->client();
  client.send_request("GET", "/hello");
  client.end_sending();
  EXPECT_EQ(client.read_response().body, "hello");
  EXPECT_TRUE(client.is_ended());
}

TEST_F(FrontDeskTest, ForgetsClientsThatGoAwayInTheMiddle) {
  open();
  for (const std::string part : {"", "GE", "GET /hello HTTP/1.1\r\nHost: ",
                                 "POST /echo HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n"
                                 "Content-Length: 10\r\n\r\n12345"}) {
    std::string bytes = part;
    if (const size_t at = bytes.find("PORT"); at != std::string::npos) {
      bytes.replace(at, 4, std::to_string(desk_->port()));
    }
    RawClient client = this->client();
    client.send(bytes);
    client.end_sending();
    EXPECT_TRUE(client.is_ended()) << part;
  }
  EXPECT_TRUE(comes_true([&] { return desk_->stats().connections == 0; }));
}

TEST_F(FrontDeskTest, DecodesChunkedBodies) {
  open();
  RawClient client = this->client();
  client.send_request("POST", "/echo", "Transfer-Encoding: chunked\r\n");
  client.send("5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\nX-Trailer: 1\r\n\r\n");
  EXPECT_EQ(client.read_response().body, "hello world");
  EXPECT_EQ(client.get("/hello").body, "hello");
}

TEST_F(FrontDeskTest, SaysWhenItIsReadyForTheBody) {
  open();
  RawClient client = this->client();
  client.send_request("POST", "/echo", "Expect: 100-continue\r\nContent-Length: 4\r\n");
  EXPECT_EQ(client.read_response(false).status, 100);
  client.send("body");
  EXPECT_EQ(client.read_response().body, "body");
}

TEST_F(FrontDeskTest, ForeignHostsAndOriginsAreTurnedAway) {
  open();
  const std::string port = ":" + std::to_string(desk_->port());
  const auto status = [&](const std::string& fields) {
    RawClient client = this->client();
    client.send("GET /hello HTTP/1.1\r\n" + fields + "\r\n");
    return client.read_response().status;
  };
  EXPECT_EQ(status("Host: localhost" + port + "\r\n"), 200);
  EXPECT_EQ(status("Host: evil.example" + port + "\r\n"), 421);
  EXPECT_EQ(status("Host: 127.0.0.1:1\r\n"), 421);
  const std::string host = "Host: localhost" + port + "\r\n";
  EXPECT_EQ(status(host + "Origin: http://localhost" + port + "\r\n"), 200);
  EXPECT_EQ(status(host + "Origin: http://evil.example\r\n"), 403);
  EXPECT_EQ(status(host + "Origin: null\r\n"), 403);
  EXPECT_EQ(status(host + "Sec-Fetch-Site: same-origin\r\n"), 200);
  EXPECT_EQ(status(host + "Sec-Fetch-Site: none\r\n"), 200);
  EXPECT_EQ(status(host + "Sec-Fetch-Site: cross-site\r\n"), 403);
  EXPECT_EQ(status(host + "Sec-Fetch-Site: same-site\r\nSec-Fetch-Mode: cors\r\n"), 403);
  EXPECT_EQ(status(host + "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n"), 200);
  EXPECT_EQ(status(host + "Sec-Fetch-Site: none\r\nSec-Fetch-Site: cross-site\r\n"), 403);
  EXPECT_EQ(status(host + "Origin: http://localhost" + port + "\r\nOrigin: null\r\n"), 403);
}

/// Callers go by the number that they give.
Admission by_number(const Request& request) {
  if (const std::string* number = request.headers.find("x-number"))
    return {.caller = Caller{std::stoull(*number)}, .refusal = {}};
  return {.refusal = problem(401, "unauthorized", "who are you?")};
}

TEST_F(FrontDeskTest, WhoIsNotAdmittedIsToldBeforeTheBody) {
  admit_ = by_number;
  open();
  RawClient known = client();
  EXPECT_EQ(known.get("/hello", "X-Number: 7\r\n").body, "hello");
  RawClient unknown = client();
  unknown.send_request("POST", "/echo", "Content-Length: 10000000\r\n");
  const auto answer = unknown.read_response();
  EXPECT_EQ(answer.status, 401);
  EXPECT_THAT(answer.body, HasSubstr("who are you?"));
  EXPECT_TRUE(unknown.is_ended());
}

TEST_F(FrontDeskTest, WhoIsAdmittedCanBeLimitedToAShortBody) {
  admit_ = [](const Request&) { return Admission{.refusal = {}, .body_limit = 1000}; };
  open();
  RawClient client = this->client();
  const std::string most(1000, 'x');
  EXPECT_EQ(client.post("/echo", most).body, most);
  client.send_request("POST", "/echo", "Transfer-Encoding: chunked\r\n");
  client.send("3e8\r\n" + most + "\r\n0\r\n\r\n");
  EXPECT_EQ(client.read_response().body, most);
  client.send_request("POST", "/echo", "Content-Length: 1001\r\n");
  EXPECT_EQ(client.read_response().status, 413) << "before any of it came";
  RawClient other = this->client();
  other.send_request("POST", "/echo", "Transfer-Encoding: chunked\r\n");
  other.send("3e8\r\n" + most + "\r\n1\r\nx\r\n0\r\n\r\n");
  EXPECT_EQ(other.read_response().status, 413);
}

TEST_F(FrontDeskTest, WhoIsPutOutWhileTheBodyComesIsNotServed) {
  std::atomic<bool> is_welcome = true;
  admit_ = [&](const Request&) {
    return is_welcome ? Admission{} : Admission{.refusal = problem(401, "unauthorized", "no")};
  };
  open();
  RawClient client = this->client();
  client.send_request("POST", "/echo", "Expect: 100-continue\r\nContent-Length: 4\r\n");
  ASSERT_EQ(client.read_response(false).status, 100);
  is_welcome = false;
  client.send("body");
  EXPECT_EQ(client.read_response().status, 401);
}

TEST_F(FrontDeskTest, HandlersKnowTheCaller) {
  admit_ = by_number;
  app_.get("/who", [](const Request& request, const Responder& respond) {
    respond({.body = std::to_string(static_cast<uint64_t>(request.caller))});
  });
  open();
  RawClient client = this->client();
  EXPECT_EQ(client.get("/who", "X-Number: 7\r\n").body, "7");
  EXPECT_EQ(client.get("/who", "X-Number: 8\r\n").body, "8");
}

TEST_F(FrontDeskTest, DotsInAnAddressAreJustText) {
  open();
  RawClient client = this->client();
  EXPECT_EQ(client.get("/files/../../etc/passwd").body, "../../etc/passwd");
  EXPECT_EQ(client.get("/files/%2e%2e/%2E%2E%2fetc").body, "../../etc");
  EXPECT_EQ(client.get("/x/../hello").status, 404);
  EXPECT_EQ(client.get("/%2e%2e%2fhello").status, 404);
}

TEST_F(FrontDeskTest, ParkedRequestsHoldNoWorker) {
  open({.workers = 1});
  std::vector<std::unique_ptr<RawClient>> waiting;
  for (int i = 0; i < 20; ++i) {
    waiting.push_back(std::make_unique<RawClient>(desk_->port()));
    waiting.back()->send_request("GET", "/later");
  }
  ASSERT_TRUE(comes_true([&] { return parked() == 20; }));
  RawClient other = client();
  EXPECT_EQ(other.get("/hello").status, 200);
  {
    MutexLock lock(mutex_);
    for (const Responder& respond : parked_) respond({.body = "at last"});
  }
  for (const auto& client : waiting) EXPECT_EQ(client->read_response().body, "at last");
}

TEST_F(FrontDeskTest, LateAnswerOfAClosedConnectionIsDropped) {
  open();
  {
    RawClient client = this->client();
    client.send_request("GET", "/later");
    ASSERT_TRUE(comes_true([&] { return parked() == 1; }));
  }
  desk_->stop();
  MutexLock lock(mutex_);
  parked_[0]({.body = "too late"});
}

TEST_F(FrontDeskTest, OnlyLoopbackIsServed) {
  const auto desk = FrontDesk::open({.host = "0.0.0.0"});
  ASSERT_FALSE(desk);
  EXPECT_EQ(desk.error().code, Code::refused);
  EXPECT_THAT(desk.error().message, HasSubstr("loopback"));
}

TEST_F(FrontDeskTest, TakenPortIsAnError) {
  open();
  const auto second = FrontDesk::open({.port = desk_->port()});
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr(std::to_string(desk_->port())));
}

TEST_F(FrontDeskTest, StopsWithinASecondWhateverIsOpen) {
  open();
  RawClient idle = client();
  RawClient half = client();
  RawClient parked = client();
  RawClient stream = client();
  RawClient deaf(desk_->port(), 4096);
  EXPECT_EQ(idle.get("/hello").status, 200);
  half.send("GET /hel");
  parked.send_request("GET", "/later");
  stream.send_request("GET", "/events");
  stream.read_until(": welcome\n\n");
  deaf.send_request("GET", "/big");
  ASSERT_TRUE(comes_true([&] { return this->parked() == 1; }));
  const auto before = std::chrono::steady_clock::now();
  desk_->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(1500));
  EXPECT_EQ(closed_, 1u);
  for (RawClient* client : {&idle, &half, &parked, &stream}) EXPECT_TRUE(client->is_ended());
}

// Whether a stop has begun: nobody is let in any more.
bool is_shut(uint16_t port) {
  const Fd fd(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0;
}

TEST_F(FrontDeskTest, StopLetsAnswersOut) {
  open();
  RawClient client = this->client();
  client.send_request("GET", "/later");
  ASSERT_TRUE(comes_true([&] { return parked() == 1; }));
  Thread stopping("stopping", [&] { desk_->stop(); });
  ASSERT_TRUE(comes_true([&] { return is_shut(desk_->port()); }));
  {
    MutexLock lock(mutex_);
    parked_[0]({.body = "just in time"});
  }
  EXPECT_EQ(client.read_response().body, "just in time");
}

TEST_F(FrontDeskTest, StopEndsAStreamThatBeginsMeanwhile) {
  open({.stop_limit = 2 * test::kPatience});
  RawClient client = this->client();
  client.send_request("GET", "/events", "Expect: 100-continue\r\nContent-Length: 1\r\n");
  EXPECT_EQ(client.read_response().status, 100);
  Thread stopping("stopping", [&] { desk_->stop(); });
  ASSERT_TRUE(comes_true([&] { return is_shut(desk_->port()); }));
  const auto before = std::chrono::steady_clock::now();
  client.send("x");
  EXPECT_THAT(client.read_until("welcome\n\n"), HasSubstr("200 OK"));
  EXPECT_TRUE(client.is_ended());
  EXPECT_LT(std::chrono::steady_clock::now() - before, test::kPatience);
}

}  // namespace
}  // namespace specd::net
