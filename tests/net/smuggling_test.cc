// What stands behind a request that is refused is never taken for another one, whatever the first
// one pretends to be.

#include <gmock/gmock.h>

#include "tests/net/desk_fixture.h"
#include "tests/net/unclean_requests.h"

namespace specd::net {
namespace {

using test::RawClient;

class SmugglingTest : public DeskTest {
 protected:
  SmugglingTest() {
    app_.get("/smuggled", [this](const Request&, const Responder& respond) {
      ++smuggled_;
      respond({.body = "smuggled"});
    });
    app_.post("/echo-host", [](const Request& request, const Responder& respond) {
      respond({.body = std::string(request.headers.get("host"))});
    });
  }
  std::atomic<int> smuggled_ = 0;
};

TEST_F(SmugglingTest, WhatFollowsARefusedRequestIsNeverServed) {
  open();
  for (const auto& [status, unclean] : test::unclean_requests()) {
    RawClient client = this->client();
    const std::string next = "GET /smuggled HTTP/1.1\r\nHost: " + client.host() + "\r\n\r\n";
    client.send(test::for_host(unclean, client.host()) + next + next);
    const auto answer = client.read_response();
    EXPECT_EQ(answer.status, status) << unclean << answer.body;
    EXPECT_EQ(answer.headers.at("Connection"), "close");
    EXPECT_TRUE(client.is_ended()) << unclean;
  }
  // Refused for other reasons than how they are written.
  for (const std::string& first :
       {std::string("GET /hello HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
        std::string("GET /hello HTTP/1.1\r\n\r\n"),
        "POST /echo HTTP/1.1\r\nHost: " + client().host() + "\r\nContent-Length: 99999999\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: " + client().host() +
            "\r\nOrigin: http://evil.example\r\n\r\n"}) {
    RawClient client = this->client();
    client.send(first + "GET /smuggled HTTP/1.1\r\nHost: " + client.host() + "\r\n\r\n");
    EXPECT_GE(client.read_response().status, 400) << first;
    EXPECT_TRUE(client.is_ended()) << first;
  }
  EXPECT_EQ(smuggled_, 0);
  EXPECT_EQ(client().get("/smuggled").body, "smuggled") << "it would have been counted";
}

TEST_F(SmugglingTest, WhoIsNotAdmittedCannotSendASecondOne) {
  admit_ = [](const Request& head) {
    if (head.target == "/smuggled") return Admission{};
    return Admission{.refusal = problem(401, "unauthorized", "who are you?")};
  };
  open();
  RawClient client = this->client();
  const std::string inner = "GET /smuggled HTTP/1.1\r\nHost: " + client.host() + "\r\n\r\n";
  client.send("POST /echo HTTP/1.1\r\nHost: " + client.host() +
              "\r\nContent-Length: " + std::to_string(inner.size()) + "\r\n\r\n" + inner + inner);
  EXPECT_EQ(client.read_response().status, 401);
  EXPECT_TRUE(client.is_ended());
  EXPECT_EQ(smuggled_, 0);
}

TEST_F(SmugglingTest, ABodyIsNeverARequest) {
  open();
  RawClient client = this->client();
  const std::string inner = "GET /smuggled HTTP/1.1\r\nHost: " + client.host() + "\r\n\r\n";
  EXPECT_EQ(client.post("/echo", inner).body, inner);
  client.send_request("POST", "/echo", "Transfer-Encoding: chunked\r\n");
  for (size_t at = 0; at < inner.size(); ++at) client.send("1\r\n" + inner.substr(at, 1) + "\r\n");
  client.send("0\r\n\r\n");
  EXPECT_EQ(client.read_response().body, inner);
  client.send_request("POST", "/nowhere", "", inner);
  EXPECT_EQ(client.read_response().status, 404);
  client.send_request("GET", "/hello", "", inner);
  EXPECT_EQ(client.read_response().body, "hello");
  EXPECT_EQ(client.get("/hello").body, "hello");
  EXPECT_EQ(smuggled_, 0);
}

TEST_F(SmugglingTest, FieldsBehindAChunkedBodyChangeNothing) {
  open();
  RawClient client = this->client();
  client.send_request("POST", "/echo-host", "Transfer-Encoding: chunked\r\n");
  client.send("1\r\nx\r\n0\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.read_response().body, client.host());
  EXPECT_EQ(client.get("/hello").body, "hello");
}

}  // namespace
}  // namespace specd::net
