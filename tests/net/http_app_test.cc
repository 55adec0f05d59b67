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
  app_.post("/a/{name}/{rest...}?q", [&](const Request& request, const Responder& respond) {
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
  app_.get("/a?q&r", [](const Request&, const Responder& respond) { respond({}); });
  EXPECT_TRUE(serve("GET", "/b").starts_with("HTTP/1.1 404 "));
  EXPECT_NE(serve("GET", "/b").find("\"code\":\"not_found\""), std::string::npos);
  const std::string reply = serve("POST", "/a");
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 405 ")) << reply;
  EXPECT_NE(reply.find("Allow: GET, HEAD\r\n"), std::string::npos) << reply;
  EXPECT_TRUE(serve("GET", "/a%zz").starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(serve("GET", "/a?q=x%00y").starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(serve("GET", "/a?r=&q=1").starts_with("HTTP/1.1 200 "));
  const std::string slip = serve("GET", "/a?q=1&Q%22=1");
  EXPECT_TRUE(slip.starts_with("HTTP/1.1 400 ")) << slip;
  EXPECT_NE(slip.find("\"code\":\"unknown_parameter\""), std::string::npos) << slip;
  EXPECT_NE(slip.find("there is no parameter \\\"Q\\\"\\\" here, but q, r"), std::string::npos)
      << slip;
}

TEST_F(HttpAppTest, ARouteCanTakeAnyParameter) {
  app_.get("/a?*", [](const Request&, const Responder& respond) { respond({}); });
  EXPECT_TRUE(serve("GET", "/a?x=1&y").starts_with("HTTP/1.1 200 "));
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

TEST_F(HttpAppTest, AnswersAreAsTheClientWantsThem) {
  app_.get("/a", [](const Request&, const Responder& respond) {
    respond({.headers = {{"Content-Type", "application/json"}, {"ETag", "\"tag\""}},
             .body = std::string(2000, ' ')});
  });
  const auto ask = [&](const std::string& known) {
    std::string reply;
    app_.serve({.method = "GET",
                .target = "/a",
                .headers = {{"accept-encoding", "gzip"}, {"if-none-match", known}}},
               [&](std::string bytes) { reply = std::move(bytes); });
    EXPECT_NE(reply.find("ETag: W/\"tag\"\r\n"), std::string::npos) << reply;
    EXPECT_NE(reply.find("Vary: Accept-Encoding\r\n"), std::string::npos) << reply;
    return reply;
  };
  EXPECT_NE(ask("\"other\"").find("Content-Encoding: gzip\r\n"), std::string::npos);
  const std::string none = ask("W/\"tag\"");
  EXPECT_TRUE(none.starts_with("HTTP/1.1 304 ")) << none;
  EXPECT_TRUE(none.ends_with("\r\n\r\n")) << none;
  EXPECT_EQ(none.find("\r\nContent-Type"), std::string::npos) << none;
}

/// A route whose answers are cached, over a state that the test changes.
class CachingTest : public HttpAppTest {
 protected:
  CachingTest() {
    app_.set_state_version([this] { return version_; });
    app_.get(
        "/cached/{what}?x",
        [this](const Request& request, const Responder& respond) {
          ++calls_;
          if (during_) during_();
          const std::string what(request.params.get("what"));
          if (what == "missing") return respond(problem(404, "not_found", "there is none"));
          respond({.headers = {{"Content-Type", "text/plain"}},
                   .body = what + " is " + state_ + std::string(2'000, '.')});
        },
        App::Caching::while_unchanged);
    app_.get("/fresh", [this](const Request&, const Responder& respond) {
      ++calls_;
      respond({.body = state_});
    });
  }
  std::string ask(Request request) {
    std::string reply;
    app_.serve(std::move(request), [&](std::string bytes) { reply = std::move(bytes); });
    return reply;
  }
  /// How often the handler was called for two such requests in a row.
  int calls_for_two(const Request& request) {
    const int before = calls_;
    const std::string first = ask(request);
    EXPECT_EQ(ask(request), first);
    return calls_ - before;
  }

  std::optional<uint64_t> version_ = 1;
  std::string state_ = "one";
  std::function<void()> during_;
  int calls_ = 0;
};

TEST_F(CachingTest, AnAnswerIsMadeOnceUntilTheStateChanges) {
  const std::string first = serve("GET", "/cached/a");
  EXPECT_NE(first.find("a is one"), std::string::npos);
  EXPECT_EQ(serve("GET", "/cached/a"), first);
  EXPECT_EQ(calls_, 1);
  state_ = "two";
  ++*version_;
  EXPECT_NE(serve("GET", "/cached/a").find("a is two"), std::string::npos);
  EXPECT_EQ(calls_, 2);
}

TEST_F(CachingTest, WhatChangesWhileAnAnswerIsMadeIsNotMissed) {
  during_ = [this] { ++*version_; };
  EXPECT_NE(serve("GET", "/cached/a").find("a is one"), std::string::npos);
  during_ = nullptr;
  state_ = "two";
  EXPECT_NE(serve("GET", "/cached/a").find("a is two"), std::string::npos);
}

TEST_F(CachingTest, RequestsThatWantAnotherAnswerGetTheirOwn) {
  const Request plain{.method = "GET", .target = "/cached/a"};
  const Request head{.method = "HEAD", .target = "/cached/a"};
  const Request zipped{
      .method = "GET", .target = "/cached/a", .headers = {{"accept-encoding", "gzip"}}};
  const Request last{.method = "GET", .target = "/cached/a", .keep_alive = false};
  const Request other{.method = "GET", .target = "/cached/a?x"};
  for (const Request& request : {plain, head, zipped, last, other})
    EXPECT_EQ(calls_for_two(request), 1);
  EXPECT_TRUE(ask(head).ends_with("\r\n\r\n"));
  EXPECT_NE(ask(zipped).find("Content-Encoding: gzip\r\n"), std::string::npos);
  EXPECT_NE(ask(last).find("Connection: close\r\n"), std::string::npos);
  EXPECT_EQ(ask(plain).find("Connection: close\r\n"), std::string::npos);
}

TEST_F(CachingTest, OnlyWhatIsMeantForItIsCached) {
  EXPECT_EQ(calls_for_two({.method = "GET", .target = "/fresh"}), 2);
  EXPECT_EQ(calls_for_two({.method = "GET", .target = "/cached/missing"}), 2);
  version_.reset();
  EXPECT_EQ(calls_for_two({.method = "GET", .target = "/cached/a"}), 2) << "no version is known";
}

TEST_F(HttpAppTest, EveryAnswerGuardsItself) {
  app_.get("/a", [](const Request&, const Responder& respond) {
    respond({.headers = {{"Content-Security-Policy", "default-src 'self'"}}});
  });
  const std::string own = serve("GET", "/a");
  EXPECT_NE(own.find("Content-Security-Policy: default-src 'self'\r\n"), std::string::npos) << own;
  EXPECT_EQ(own.find("default-src 'none'"), std::string::npos) << own;
  for (const std::string& reply :
       {own, serve("GET", "/none"), serve("BREW", "/a"), last_words(problem(400, "x", "y"))}) {
    for (const char* name :
         {"X-Content-Type-Options: nosniff\r\n", "Content-Security-Policy: ",
          "Cross-Origin-Resource-Policy: same-origin\r\n", "Referrer-Policy: no-referrer\r\n"})
      EXPECT_NE(reply.find(name), std::string::npos) << name << reply;
  }
}

}  // namespace
}  // namespace specd::net
