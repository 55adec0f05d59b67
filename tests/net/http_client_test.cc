#include "net/http_client.h"

#include <gmock/gmock.h>

#include "tests/net/desk_fixture.h"

namespace specd::net {
namespace {

class HttpClientTest : public DeskTest {};

TEST_F(HttpClientTest, GetsAndPosts) {
  open();
  const HttpClient client({.port = desk_->port()});
  EXPECT_EQ(client.get("/files/a%20b%2Fc")->body, "a b/c");
  const auto answer = client.post("/echo", "{\"a\":1}");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "{\"a\":1}");
  EXPECT_EQ(answer->headers.get("content-length"), "7");
  EXPECT_EQ(client.get("/nowhere")->status, 404);
}

TEST_F(HttpClientTest, SpeaksToTheOtherLoopbackToo) {
  open({.host = "::1"});
  const auto answer = HttpClient({.host = "::1", .port = desk_->port()}).get("/hello");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 200) << answer->body;
}

TEST_F(HttpClientTest, SaysThatNothingAnswers) {
  open();
  const uint16_t port = desk_->port();
  desk_.reset();
  const auto answer = HttpClient({.port = port}).get("/hello");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::not_found);
  EXPECT_EQ(answer.error().message, "nothing answers at 127.0.0.1:" + std::to_string(port));
}

TEST_F(HttpClientTest, DoesNotWaitForEver) {
  open();
  const HttpClient client({.port = desk_->port(), .answer_limit = std::chrono::milliseconds(50)});
  const auto answer = client.get("/later");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::busy);
}

}  // namespace
}  // namespace specd::net
