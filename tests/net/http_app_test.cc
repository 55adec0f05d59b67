#include "net/http_app.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace specd::net {
namespace {

class HttpAppTest : public testing::Test {
 protected:
  /// What `app_` answered; empty while it has not.
  std::string serve(const std::string& method, const std::string& target) {
    replies_.clear();
    app_.serve({.method = method, .target = target},
               [this](std::string bytes) { replies_.push_back(std::move(bytes)); });
    EXPECT_LE(replies_.size(), 1u);
    return replies_.empty() ? "" : replies_[0];
  }

  App app_;
  std::vector<std::string> replies_;
};

TEST_F(HttpAppTest, HandlerSeesParamsQueryAndBody) {
  Request seen;
  app_.post("/a/{name}/{rest...}", [&](const Request& request, const Responder& respond) {
    seen = request;
    respond({.status = 201, .headers = {{"X-Mine", "yes"}}, .body = "made"});
  });
  std::string reply;
  app_.serve({.method = "POST", .target = "/a/b%20c/d/e?q=1", .body = "text"},
             [&](std::string bytes) { reply = std::move(bytes); });
  EXPECT_EQ(seen.params.get("name"), "b c");
  EXPECT_EQ(seen.params.get("rest"), "d/e");
  EXPECT_EQ(seen.query.get("q"), "1");
  EXPECT_EQ(seen.body, "text");
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 201 ")) << reply;
  EXPECT_NE(reply.find("X-Mine: yes\r\n"), std::string::npos) << reply;
  EXPECT_NE(reply.find("Content-Length: 4\r\n"), std::string::npos) << reply;
  EXPECT_TRUE(reply.ends_with("\r\n\r\nmade")) << reply;
}

TEST_F(HttpAppTest, AnswerMayComeAfterTheHandlerHasReturned) {
  std::optional<Responder> parked;
  app_.get("/later",
           [&](const Request&, Responder responder) { parked.emplace(std::move(responder)); });
  EXPECT_EQ(serve("GET", "/later"), "");
  (*parked)({.body = "first"});
  (*parked)({.body = "second"});
  ASSERT_EQ(replies_.size(), 1u);
  EXPECT_TRUE(replies_[0].ends_with("\r\n\r\nfirst"));
  parked.reset();
  EXPECT_EQ(replies_.size(), 1u);
}

TEST_F(HttpAppTest, ForgottenAnswerBecomesAnError) {
  app_.get("/never", [](const Request&, const Responder&) {});
  EXPECT_TRUE(serve("GET", "/never").starts_with("HTTP/1.1 500 "));
}

TEST_F(HttpAppTest, ExceptionsAreNotTold) {
  app_.get("/throws",
           [](const Request&, const Responder&) { throw std::runtime_error("a secret"); });
  const std::string reply = serve("GET", "/throws");
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 500 ")) << reply;
  EXPECT_NE(reply.find("application/problem+json"), std::string::npos) << reply;
  EXPECT_EQ(reply.find("secret"), std::string::npos) << reply;
  EXPECT_EQ(reply.find("EXCEPTION_WHAT"), std::string::npos) << reply;
}

TEST_F(HttpAppTest, HeadHasTheLengthButNoBody) {
  app_.get("/text", [](const Request&, const Responder& respond) { respond({.body = "12345"}); });
  const std::string reply = serve("HEAD", "/text");
  EXPECT_NE(reply.find("Content-Length: 5\r\n"), std::string::npos) << reply;
  EXPECT_TRUE(reply.ends_with("\r\n\r\n")) << reply;
}

TEST_F(HttpAppTest, NotModifiedHasNoLength) {
  app_.get("/same", [](const Request&, const Responder& respond) {
    respond({.status = 304, .headers = {{"ETag", "\"x\""}}});
  });
  const std::string reply = serve("GET", "/same");
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 304 ")) << reply;
  EXPECT_EQ(reply.find("Content-Length"), std::string::npos) << reply;
}

TEST_F(HttpAppTest, WhatNoRouteTakesIsAProblem) {
  app_.get("/a", [](const Request&, const Responder& respond) { respond({}); });
  EXPECT_TRUE(serve("GET", "/b").starts_with("HTTP/1.1 404 "));
  EXPECT_NE(serve("GET", "/b").find("\"code\":\"not_found\""), std::string::npos);
  const std::string reply = serve("POST", "/a");
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 405 ")) << reply;
  EXPECT_NE(reply.find("Allow: GET, HEAD\r\n"), std::string::npos) << reply;
  EXPECT_TRUE(serve("GET", "/a%zz").starts_with("HTTP/1.1 400 "));
}

TEST_F(HttpAppTest, RequestLinesThatHttplibRefusesAreProblemsToo) {
  app_.get("/{rest...}", [](const Request&, const Responder& respond) { respond({}); });
  for (const auto& [method, target] : std::vector<std::pair<std::string, std::string>>{
           {"GET", "/" + std::string(9000, 'a')}, {"BREW", "/a"}}) {
    const std::string reply = serve(method, target);
    EXPECT_TRUE(reply.starts_with("HTTP/1.1 4")) << reply;
    EXPECT_NE(reply.find("\"code\":\"bad_request_line\""), std::string::npos) << reply;
  }
  EXPECT_TRUE(serve("GET", "/" + std::string(8000, 'a')).starts_with("HTTP/1.1 200 "));
}

TEST_F(HttpAppTest, HeaderValuesCannotMakeHeaders) {
  app_.get("/a", [](const Request&, const Responder& respond) {
    respond({.headers = {{"X-A", "1\r\nX-B: 2"}}});
  });
  EXPECT_EQ(serve("GET", "/a").find("X-B"), std::string::npos);
}

}  // namespace
}  // namespace specd::net
