#include "api/auth.h"

#include <gmock/gmock.h>

#include <regex>
#include <set>

#include "net/url.h"
#include "tests/api/api_fixture.h"

namespace specd::api {
namespace {

using test::RawResponse;
using testing::ElementsAre;
using testing::HasSubstr;

/// With locks on the door: nothing comes in that does not say who it is.
class AuthTest : public ApiTest {
 protected:
  AuthTest() : ApiTest(Locks::shut) {}

  static std::string bearer(const std::string& token) {
    return "Authorization: Bearer " + token + "\r\n";
  }
  RawResponse ask(const std::string& method, const std::string& target, const std::string& fields) {
    test::RawClient client = this->client();
    client.send_request(method, target, fields);
    return client.read_response(method != "HEAD");
  }
  RawResponse with_token(const std::string& method, const std::string& target) {
    return ask(method, target, bearer(kToken));
  }
  /// The target of a new link.
  std::string link() {
    const RawResponse answer = with_token("POST", "/api/v1/links");
    EXPECT_EQ(answer.status, 201) << answer.body;
    EXPECT_TRUE(at(answer.body, "url").starts_with(services_.url + "open?code=")) << answer.body;
    return at(answer.body, "url").substr(services_.url.size() - 1);
  }
  /// What the page at the end of a link does: sends the code back.
  RawResponse follow(const std::string& target, const std::string& fields = "") {
    test::RawClient client = this->client();
    client.send_request("POST", "/open",
                        "Content-Type: application/x-www-form-urlencoded\r\n" + fields,
                        target.substr(target.find("code=")));
    return client.read_response();
  }
  /// A Cookie line of a browser that has followed a link.
  std::string signed_in() {
    const RawResponse answer = follow(link(), "User-Agent: a browser\r\n");
    EXPECT_EQ(answer.status, 200) << answer.body;
    const std::string set = answer.headers.at("Set-Cookie");
    return "Cookie: " + set.substr(0, set.find(';')) + "\r\n";
  }
  [[nodiscard]] std::string own_origin() const {
    return "Origin: http://127.0.0.1:" + std::to_string(desk_->port()) + "\r\n";
  }

  const std::string same_site_ = "Sec-Fetch-Site: same-origin\r\n";
  const std::string change_ = "X-Specd-Client: test\r\n";
};

/// One address of each route: names are replaced by words.
std::string example(const std::string& pattern) {
  return std::regex_replace(pattern, std::regex("\\{[^}]*\\}"), "x");
}

TEST_F(AuthTest, NoRouteAnswersWithoutTheTokenButThoseThatTellNothing) {
  std::set<std::string> open;
  for (const net::App::Route& route : app_.routes()) {
    const std::string target = example(route.pattern);
    SCOPED_TRACE(route.method + " " + target);
    const RawResponse missing = ask(route.method, target, "");
    if (missing.status != 401 || target.find("revalidate") != std::string::npos) {
      open.insert(route.method + " " + route.pattern);
      continue;
    }
    expect_problem(missing, 401, "unauthorized");
    EXPECT_EQ(missing.headers.at("WWW-Authenticate"), "Bearer realm=\"specd\"");
    EXPECT_THAT(missing.body, HasSubstr("specd open"));
    for (const std::string& wrong :
         {bearer("the-token-of-these-test"), bearer(std::string(kToken) + "s"), bearer(""),
          bearer("THE-TOKEN-OF-THESE-TESTS"), "Authorization: " + std::string(kToken) + "\r\n",
          "Authorization: Basic " + std::string(kToken) + "\r\n",
          std::string("Authorization:\r\n")}) {
      const RawResponse answer = ask(route.method, target, wrong);
      expect_problem(answer, 401, "unauthorized");
      EXPECT_EQ(answer.headers.at("WWW-Authenticate"),
                "Bearer realm=\"specd\", error=\"invalid_token\"");
    }
    expect_problem(ask(route.method, target, "Cookie: specd=x\r\n" + same_site_ + change_), 401,
                   "unauthorized");
  }
  EXPECT_THAT(open, ElementsAre("GET /", "GET /api/v1/health", "GET /api/v1/openapi.json",
                                "GET /api/v1/ready", "GET /open", "POST /api/revalidate",
                                "POST /api/v1/revalidate", "POST /open"));
}

TEST_F(AuthTest, AnAddressIsOpenInItsOwnSpellingOnly) {
  EXPECT_EQ(get("/api/v1/health?").status, 200);
  EXPECT_EQ(get("/api/v1/health?x=1").status, 400) << "not 401";
  for (const std::string target :
       {"/api/v1/%68ealth", "/api/v1/health/", "/api/v1/health/../specs", "//api/v1/health",
        "/api/v1/specs?/api/v1/health", "/api/v1/specs#/api/v1/health", "/none", "/openx",
        "/api/v1/events", "/api/events", "/api/v1/%65vents", "/api/v1/Health"})
    EXPECT_EQ(get(target).status, 401) << target;
}

TEST_F(AuthTest, TheTokenOpensEveryRoute) {
  for (const net::App::Route& route : app_.routes()) {
    if (route.pattern.find("events") != std::string::npos) continue;
    if (route.pattern.find("sync") != std::string::npos) continue;  // answers when sync does
    if (route.pattern.find("projects") != std::string::npos && route.method != "GET") continue;
    const RawResponse answer = with_token(route.method, example(route.pattern));
    if (route.pattern.find("revalidate") != std::string::npos) continue;  // has its own secret
    EXPECT_NE(answer.status, 401) << route.method << " " << route.pattern;
    EXPECT_NE(answer.status, 0) << route.method << " " << route.pattern;
  }
  EXPECT_EQ(
      ask("GET", "/api/v1/specs", "authorization: bEARER   " + std::string(kToken) + "\r\n").status,
      200);
}

TEST_F(AuthTest, ALinkSignsOneBrowserInAndDies) {
  const std::string target = link();
  const RawResponse answer = follow(target);
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.headers.at("Set-Cookie"),
              testing::MatchesRegex("specd_[0-9]+=[0-9a-f]{64}; Path=/; HttpOnly; SameSite=Strict; "
                                    "Max-Age=7776000"));
  EXPECT_EQ(answer.headers.at("Refresh"), "0; url=/");
  EXPECT_EQ(answer.headers.at("Cache-Control"), "no-store");

  const RawResponse again = follow(target);
  EXPECT_EQ(again.status, 403);
  EXPECT_EQ(again.headers.count("Set-Cookie"), 0u);
  EXPECT_THAT(again.body, HasSubstr("used already"));
  EXPECT_EQ(follow("code=").status, 403);
  EXPECT_EQ(follow("code=%").status, 400);
}

TEST_F(AuthTest, WhoOnlyLooksDoesNotUseALinkUp) {
  const std::string target = link();
  EXPECT_EQ(ask("HEAD", target, "").status, 200);
  const RawResponse page = get(target);
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.headers.count("Set-Cookie"), 0u);
  EXPECT_THAT(page.body, HasSubstr("value=\"" + target.substr(target.find('=') + 1) + "\""));
  const std::string policy = page.headers.at("Content-Security-Policy");
  const std::string nonce = policy.substr(policy.find("script-src 'nonce-") + 18, 32);
  EXPECT_THAT(page.body, HasSubstr("<script nonce=\"" + nonce + "\">"));
  EXPECT_THAT(policy, HasSubstr("form-action 'self'; frame-ancestors 'none'"));
  EXPECT_EQ(page.headers.at("Referrer-Policy"), "same-origin");
  for (const std::string purpose : {"Sec-Purpose: prefetch", "Sec-Purpose: prefetch;prerender",
                                    "Purpose: prefetch", "X-Moz: prefetch", "X-Purpose: preview"}) {
    const RawResponse answer = get(target, purpose + "\r\n");
    expect_problem(answer, 503, "ahead_of_time");
  }
  EXPECT_EQ(follow(target).status, 200);
}

TEST_F(AuthTest, WhatIsNoCodeStandsInNoPage) {
  for (const std::string code :
       {"", "\"><script>alert(1)</script>", "%22%3E%3Cb%3E", "0123456789abcdefg"})
    EXPECT_EQ(get("/open" + (code.empty() ? "" : "?code=" + net::url::encode(code))).status, 403)
        << code;
}

TEST_F(AuthTest, NoPageOfAnotherOriginSignsABrowserIn) {
  const std::string target = link();
  for (const std::string fields : {"Origin: http://evil.example\r\n", "Origin: null\r\n",
                                   "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n",
                                   "Sec-Fetch-Site: same-site\r\nSec-Fetch-Mode: navigate\r\n"})
    expect_problem(follow(target, fields), 403, "foreign_origin");
  EXPECT_EQ(follow(target, own_origin() + same_site_ + "Sec-Fetch-Mode: navigate\r\n").status, 200);
}

TEST_F(AuthTest, ALinkDiesOfAge) {
  const std::string good = link(), old = link();
  clock_.advance(Auth::kLinkLife - std::chrono::seconds(1));
  EXPECT_EQ(follow(good).status, 200);
  clock_.advance(std::chrono::seconds(1));
  EXPECT_EQ(follow(old).status, 403);
}

TEST_F(AuthTest, ALinkLivesAsLongHoweverTheClockIsSet) {
  const std::string good = link(), old = link();
  clock_.jump(std::chrono::hours(24));
  EXPECT_EQ(follow(good).status, 200);
  clock_.jump(-std::chrono::hours(48));
  clock_.advance(Auth::kLinkLife);
  EXPECT_EQ(follow(old).status, 403);
}

TEST_F(AuthTest, ASessionThatBeganInTheFutureHasEnded) {
  const auto year = std::chrono::hours(24 * 365);
  clock_.jump(year);
  const std::string cookie = signed_in();
  EXPECT_EQ(ask("GET", "/api/v1/specs", cookie + same_site_).status, 200);
  clock_.jump(-std::chrono::minutes(5));
  EXPECT_EQ(ask("GET", "/api/v1/specs", cookie + same_site_).status, 200) << "a step";
  clock_.jump(-year);
  EXPECT_EQ(ask("GET", "/api/v1/specs", cookie + same_site_).status, 401);
  EXPECT_EQ(auth_->sessions().size(), 0u);
}

TEST_F(AuthTest, OnlySoManyLinksLiveAtOnce) {
  const std::string first = link();
  clock_.advance(std::chrono::seconds(1));
  std::string last;
  for (int i = 0; i < 32; ++i) last = link();
  EXPECT_EQ(follow(first).status, 403);
  EXPECT_EQ(follow(last).status, 200);
}

TEST_F(AuthTest, ACookieCountsOnlyFromOurOwnPages) {
  const std::string cookie = signed_in();
  EXPECT_EQ(ask("GET", "/api/v1/specs", cookie + same_site_).status, 200);
  EXPECT_EQ(ask("GET", "/api/v1/specs", cookie + own_origin()).status, 200);
  EXPECT_EQ(ask("GET", "/api/v1/specs", cookie + "Sec-Fetch-Site: none\r\n").status, 200)
      << "typed by its user";
  EXPECT_EQ(ask("GET", "/api/v1/specs", cookie).status, 401);
  // A page of another port of this machine is of the same site, and gets the cookie sent along.
  EXPECT_EQ(ask("GET", "/api/v1/specs",
                cookie + "Sec-Fetch-Site: same-site\r\nSec-Fetch-Mode: navigate\r\n")
                .status,
            401);
  EXPECT_EQ(
      ask("GET", "/api/v1/specs", cookie + "Sec-Fetch-Site: same-site\r\nSec-Fetch-Mode: cors\r\n")
          .status,
      403);
  EXPECT_EQ(ask("GET", "/api/v1/specs", cookie + "Origin: http://evil.example\r\n").status, 403);
}

TEST_F(AuthTest, ChangesByCookieNeedAHeaderThatNoFormSends) {
  const std::string cookie = signed_in();
  const auto change = [&](const std::string& fields) {
    return ask("DELETE", "/api/v1/sessions/999", cookie + fields);
  };
  expect_problem(change(same_site_), 403, "missing_header");
  expect_problem(change(own_origin()), 403, "missing_header");
  expect_problem(change(same_site_ + "X-Specd-Client:\r\n"), 403, "missing_header");
  expect_problem(change(change_), 401, "unauthorized");
  expect_problem(change("Sec-Fetch-Site: none\r\n" + change_), 401, "unauthorized");
  expect_problem(change(same_site_ + change_), 404, "not_found");
  EXPECT_EQ(with_token("DELETE", "/api/v1/sessions/999").status, 404)
      << "programs need no such header";
}

TEST_F(AuthTest, CookiesOfOthersBesideItDoNotMatter) {
  const std::string cookie = signed_in().substr(8);
  const std::string value = cookie.substr(0, cookie.size() - 2);
  const std::string name = value.substr(0, value.find('='));
  for (const std::string& cookies :
       {"a=b; " + value, value + "; c", name + "=forged; " + value, value + ";" + name + "=x"})
    EXPECT_EQ(ask("GET", "/api/v1/specs", "Cookie: " + cookies + "\r\n" + same_site_).status, 200)
        << cookies;
  for (const std::string& cookies : {name + "=", name, "x" + value, value + "0",
                                     name + "2" + value.substr(name.size()), std::string(";;;")})
    EXPECT_EQ(ask("GET", "/api/v1/specs", "Cookie: " + cookies + "\r\n" + same_site_).status, 401)
        << cookies;
}

TEST_F(AuthTest, ASessionEndsWhenItsTimeIsOver) {
  const std::string cookie = signed_in();
  clock_.advance(Auth::kSessionLife - std::chrono::hours(1));
  EXPECT_EQ(ask("GET", "/api/v1/specs", cookie + same_site_).status, 200);
  clock_.advance(std::chrono::hours(1));
  EXPECT_EQ(ask("GET", "/api/v1/specs", cookie + same_site_).status, 401);
  EXPECT_EQ(auth_->sessions().size(), 0u);
}

TEST_F(AuthTest, SessionsAreListedAndSignedOut) {
  const std::string first = signed_in();
  clock_.advance(std::chrono::seconds(1));
  const std::string second = signed_in();
  const std::string list = ask("GET", "/api/v1/sessions", second + same_site_).body;
  EXPECT_EQ(at(list, "sessions/0/is_current"), "true");
  EXPECT_EQ(at(list, "sessions/1/is_current"), "false");
  EXPECT_EQ(at(list, "sessions/1/agent"), "a browser");
  EXPECT_THAT(list, testing::Not(HasSubstr(second.substr(second.find('=') + 1, 64))));

  EXPECT_EQ(ask("DELETE", "/api/v1/sessions/current", first + same_site_ + change_).status, 204);
  EXPECT_EQ(ask("GET", "/api/v1/specs", first + same_site_).status, 401);
  EXPECT_EQ(ask("GET", "/api/v1/specs", second + same_site_).status, 200);
  EXPECT_EQ(with_token("DELETE", "/api/v1/sessions").status, 204);
  EXPECT_EQ(ask("GET", "/api/v1/specs", second + same_site_).status, 401);
  expect_problem(with_token("DELETE", "/api/v1/sessions/current"), 404, "not_found");
  expect_problem(with_token("DELETE", "/api/v1/sessions/x"), 404, "not_found");
}

TEST_F(AuthTest, WhoIsSignedOutHearsNothingMore) {
  const std::string cookie = signed_in();
  test::RawClient browser = client(), program = client();
  browser.send_request("GET", "/api/v1/events", cookie + same_site_);
  ASSERT_NE(browser.read_until("\n\n"), "");
  program.send_request("GET", "/api/v1/events", bearer(kToken));
  ASSERT_NE(program.read_until("\n\n"), "");
  // One that is admitted, and not open yet.
  test::RawClient held = client();
  held.send_request("GET", "/api/v1/events",
                    cookie + same_site_ + "Expect: 100-continue\r\nContent-Length: 1\r\n");
  ASSERT_EQ(held.read_response(false).status, 100);
  EXPECT_EQ(with_token("DELETE", "/api/v1/sessions/current").status, 404);
  EXPECT_EQ(with_token("DELETE", "/api/v1/sessions").status, 204);
  held.send("x");
  EXPECT_EQ(held.read_response().status, 401);
  while (browser.read_until("\n\n") != "") {
  }
  EXPECT_TRUE(browser.is_ended());
  commit_event("spec.updated");
  EXPECT_THAT(program.read_until("spec.updated"), HasSubstr("spec.updated"));
}

TEST_F(AuthTest, WhoHasToGiveWayToOneBrowserMoreHearsNothingMore) {
  const std::string first = signed_in(), second = signed_in();
  test::RawClient gone = client(), there = client();
  for (auto [listener, cookie] : {std::pair{&gone, &first}, std::pair{&there, &second}}) {
    listener->send_request("GET", "/api/v1/events", *cookie + same_site_);
    ASSERT_NE(listener->read_until("\n\n"), "");
  }
  for (int i = 0; i < 198; ++i) (void)store::must(auth_->sign_in(auth_->make_code(), ""));
  (void)signed_in();
  while (gone.read_until("\n\n") != "") {
  }
  EXPECT_TRUE(gone.is_ended());
  EXPECT_EQ(ask("GET", "/api/v1/specs", first + same_site_).status, 401);
  commit_event("spec.updated");
  EXPECT_THAT(there.read_until("spec.updated"), HasSubstr("spec.updated"));
}

TEST_F(AuthTest, WhoseSessionEndsHearsNothingMore) {
  const std::string cookie = signed_in();
  clock_.advance(Auth::kSessionLife - std::chrono::seconds(1));
  test::RawClient browser = client(), program = client();
  browser.send_request("GET", "/api/v1/events", cookie + same_site_);
  ASSERT_NE(browser.read_until("\n\n"), "");
  program.send_request("GET", "/api/v1/events", bearer(kToken));
  ASSERT_NE(program.read_until("\n\n"), "");
  while (browser.read_until("\n\n") != "") {
  }
  EXPECT_TRUE(browser.is_ended());
  commit_event("spec.updated");
  EXPECT_THAT(program.read_until("spec.updated"), HasSubstr("spec.updated"));
}

TEST_F(AuthTest, NobodySendsALongBody) {
  test::RawClient client = this->client();
  client.send_request("POST", "/api/revalidate", "Content-Length: 65537\r\n");
  EXPECT_EQ(client.read_response().status, 413);
  // Without a secret that could be right, nothing of it is even read.
  EXPECT_EQ(post("/api/revalidate", std::string(65536, '[')).status, 401);
}

TEST_F(AuthTest, ABrowserMakesNoLinks) {
  expect_problem(ask("POST", "/api/v1/links", signed_in() + same_site_ + change_), 403, "refused");
}

TEST_F(AuthTest, TheFirstPageSaysWhetherOneIsSignedIn) {
  const RawResponse out = get("/");
  EXPECT_THAT(out.body, HasSubstr("not signed in"));
  const RawResponse in = ask("GET", "/", signed_in() + same_site_);
  EXPECT_THAT(in.body, HasSubstr("/api/v1/specs"));
  // Nothing runs or is styled that does not carry this page's own word.
  const std::string policy = in.headers.at("Content-Security-Policy");
  EXPECT_THAT(policy, testing::StartsWith("default-src 'none'; style-src 'nonce-"));
  const std::string nonce = policy.substr(policy.find("nonce-") + 6, 32);
  EXPECT_THAT(in.body, HasSubstr("<style nonce=\"" + nonce + "\">"));
  EXPECT_NE(policy, out.headers.at("Content-Security-Policy"));
}

TEST_F(ApiTest, WithoutLocksALinkIsTheFirstPage) {
  const RawResponse answer = post("/api/v1/links", "");
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(at(answer.body, "url"), services_.url);
  EXPECT_EQ(at(answer.body, "expires_at"), "null");
  EXPECT_EQ(get("/open?code=x").headers.at("Refresh"), "0; url=/");
  EXPECT_EQ(post("/open", "code=x").headers.at("Refresh"), "0; url=/");
  EXPECT_EQ(at(get("/api/v1/sessions").body, "sessions"), "");
  EXPECT_THAT(get("/").body, HasSubstr("/api/v1/specs"));
}

/// What is kept of sessions.
class SessionsTest : public testing::Test {
 protected:
  Auth auth(std::vector<Session> sessions = {}) {
    return Auth(
        {.token = sha256("t"), .port = 1, .is_secure = true}, std::move(sessions),
        [this](const std::vector<Session>& all) -> Result<> {
          if (is_full_) return fail(Code::io, "no space");
          kept_ = all;
          return {};
        },
        clock_, random_);
  }
  net::Caller caller(const Auth& auth, const std::string& cookie) {
    net::Request request{
        .method = "GET", .target = "/", .query = {}, .params = {}, .headers = {}, .body = {}};
    request.headers.add("cookie", cookie.substr(0, cookie.find(';')));
    request.headers.add("sec-fetch-site", "same-origin");
    return auth.admit(request).caller;
  }

  FakeClock clock_;
  SeededRandom random_{1};
  std::vector<Session> kept_;
  bool is_full_ = false;
};

TEST_F(SessionsTest, ASessionOutlivesTheDaemonAndItsSecretIsNotKept) {
  Auth before = auth();
  const std::string cookie =
      store::must(before.sign_in(before.make_code(), std::string(999, 'a'))).cookie;
  EXPECT_THAT(cookie, testing::EndsWith("; Secure"));
  ASSERT_EQ(kept_.size(), 1u);
  EXPECT_EQ(kept_[0].agent.size(), 300u);
  const std::string secret = cookie.substr(cookie.find('=') + 1, 64);
  EXPECT_EQ(kept_[0].secret, sha256(secret));

  Auth after = auth(kept_);
  EXPECT_EQ(caller(after, cookie), net::Caller{kept_[0].id});
  const std::string other = store::must(after.sign_in(after.make_code(), "")).cookie;
  EXPECT_NE(caller(after, other), caller(after, cookie)) << "no number is used twice";
}

TEST_F(SessionsTest, WhatCannotBeKeptWorksUntilTheEnd) {
  Auth auth = this->auth();
  is_full_ = true;
  const std::string cookie = store::must(auth.sign_in(auth.make_code(), "")).cookie;
  EXPECT_NE(caller(auth, cookie), net::Caller::nobody);
  const auto signed_out = auth.sign_out(Auth::kFirstSession);
  ASSERT_FALSE(signed_out);
  EXPECT_THAT(signed_out.error().message, HasSubstr("no space"));
  EXPECT_EQ(caller(auth, cookie), net::Caller::nobody);
}

}  // namespace
}  // namespace specd::api
