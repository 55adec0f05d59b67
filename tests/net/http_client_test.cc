#include "net/http_client.h"

#include <gmock/gmock.h>

#include <atomic>

#include "base/thread.h"
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

TEST_F(HttpClientTest, SendsWhateverRequestItIsGiven) {
  app_.put("/headers", [](const Request& request, const Responder& respond) {
    respond({.body = std::string(request.headers.get("if-match")) + " " +
                     std::string(request.headers.get("content-type")) + " " + request.body});
  });
  open();
  const HttpClient client({.port = desk_->port()});
  const auto answer =
      client.send({.method = "PUT",
                   .target = "/headers",
                   .headers = {{"If-Match", "\"x\""}, {"Content-Type", "text/plain"}},
                   .body = "text"});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "\"x\" text/plain text");
  EXPECT_EQ(client.send({.method = "PUT", .target = "/hello"})->status, 405);
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

TEST_F(HttpClientTest, AStreamIsReadAsItComesUntilItIsStopped) {
  open();
  HttpStream stream({.port = desk_->port(), .answer_limit = 3 * test::kPatience});
  std::atomic<bool> has_heard = false, is_over = false;
  Thread reader("reader", [&] {
    const auto done = stream.read("/events", [&](std::string_view bytes) {
      has_heard = bytes.find("news") != std::string_view::npos || has_heard;
    });
    EXPECT_TRUE(done) << done.error().message;
    is_over = true;
  });
  const auto has_stream = [&] {
    bool has_one = false;
    on_loop([&] { has_one = !streams_.empty(); });
    return has_one;
  };
  EXPECT_TRUE(test::comes_true(has_stream));
  on_loop([&] { EXPECT_TRUE(streams_.at(0)->write("news\n")); });
  EXPECT_TRUE(test::comes_true([&] { return has_heard.load(); }));
  stream.stop();
  EXPECT_TRUE(test::comes_true([&] { return is_over.load(); }));
  EXPECT_TRUE(test::comes_true([&] { return closed_.load() == 1; }));
}

TEST_F(HttpClientTest, AStreamThatIsNoneIsRefused) {
  open();
  const auto none = HttpStream({.port = desk_->port()}).read("/nowhere", [](std::string_view) {});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Code::refused);
  refusal_ = Response{.status = 503, .headers = {}, .body = "full"};
  const auto full = HttpStream({.port = desk_->port()}).read("/events", [](std::string_view) {});
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().message, "the daemon answered 503");
}

TEST_F(HttpClientTest, AnAddressIsReadFromItsUrl) {
  const auto told = [](const std::string& url) {
    const auto options = HttpClient::options_for(url);
    if (!options) return options.error().message;
    return options->host + " " + std::to_string(options->port) + (options->is_tls ? " tls" : "");
  };
  EXPECT_EQ(told("http://127.0.0.1:4400/"), "127.0.0.1 4400");
  EXPECT_EQ(told("localhost:1"), "localhost 1");
  EXPECT_EQ(told("http://[::1]:4400/x"), "::1 4400");
  EXPECT_EQ(told("https://specs.example/"), "specs.example 443 tls");
  EXPECT_EQ(told("https://[::1]/"), "::1 443 tls");
  EXPECT_EQ(told("https://specs.example:8443"), "specs.example 8443 tls");
  for (const char* wrong :
       {"", "http://", "https://", "https://h:", "127.0.0.1", "h:0", "h:65536", "h:1x"})
    EXPECT_THAT(told(wrong), testing::HasSubstr("not an address")) << wrong;
}

}  // namespace
}  // namespace specd::net
