// What a browser shows: the first page, and the end of a link of `specd open`. They tell nothing of
// any project, so who is not signed in may see them.

#include "api/answers.h"
#include "api/auth.h"
#include "api/handlers.h"
#include "base/rng.h"

namespace specd::api {
namespace {

constexpr size_t kNonceBytes = 16;
constexpr std::string_view kStyle =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem;"
    "color-scheme:light dark}code{font-size:.95em}";

/// `body` must be ours, or escaped. Only what carries the page's nonce is obeyed.
net::Response page(int status, std::string_view title, std::string_view body) {
  SystemRandom random;
  const std::string nonce = random_hex(random, kNonceBytes);
  std::string html =
      "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>";
  html.append(title).append("</title>\n<style nonce=\"").append(nonce).append("\">");
  html.append(kStyle).append("</style>\n<h1>").append(title).append("</h1>\n");
  html.append(body).append("\n</html>\n");
  return {.status = status,
          .headers = {{"Content-Type", "text/html; charset=utf-8"},
                      {"Cache-Control", "no-store"},
                      {"Content-Security-Policy",
                       "default-src 'none'; style-src 'nonce-" + nonce +
                           "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}},
          .body = std::move(html)};
}

}  // namespace

Result<net::Response> get_front_page(const Api& api, const net::Request& request) {
  if (api.services.auth != nullptr && request.caller == net::Caller::nobody) {
    return page(200, "specd",
                "<p>This browser is not signed in. Type <code>specd open</code> in a terminal: it "
                "makes a link that does it.</p>");
  }
  return page(200, "specd",
              "<p>Specs and their database, in step. What there is to read:</p>\n<ul>\n"
              "<li><a href=\"/api/v1/projects\">projects</a>\n"
              "<li><a href=\"/api/v1/specs\">specs</a>\n"
              "<li><a href=\"/api/v1/history\">history</a>\n"
              "<li><a href=\"/api/v1/conflicts\">conflicts</a>\n"
              "<li><a href=\"/api/v1/stats\">stats</a>\n"
              "<li><a href=\"/api/v1/status\">status</a>\n"
              "<li><a href=\"/api/v1/openapi.json\">all that the API has</a>\n</ul>");
}

Result<net::Response> get_open(const Api& api, const net::Request& request) {
  const auto led_home = [](net::Response response) {
    // Not by a redirect: a browser that was led here by another program does not send a cookie of
    // SameSite=Strict along with that.
    response.headers.add("Refresh", "0; url=/");
    return response;
  };
  const std::string_view said = "<p>Going on to <a href=\"/\">the first page</a>.</p>";
  if (api.services.auth == nullptr) return led_home(page(200, "Nobody needs to sign in", said));
  // HEAD is asked by those who only look.
  if (request.method != "GET") return page(200, "specd", "");
  const auto signed_in =
      api.services.auth->sign_in(request.query.get("code"), request.headers.get("user-agent"));
  if (!signed_in) {
    return page(
        403, "This link does not work",
        "<p>It was used already, or is older than five minutes. Type <code>specd open</code>"
        " in a terminal for another one.</p>");
  }
  for (const net::Caller session : signed_in->ended) api.services.end_streams(session);
  net::Response response = led_home(page(200, "Signed in", said));
  response.headers.add("Set-Cookie", signed_in->cookie);
  return response;
}

}  // namespace specd::api
