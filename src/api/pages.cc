// What a browser shows: the first page, and the end of a link of `specd open`. They tell nothing of
// any project, so who is not signed in may see them.
//
//   GET  /open?code=  a page that sends the code back by itself, or when its button is pressed
//   POST /open        the code as a form has it; signs this browser in
//
// Links are also followed by those who only look: previews, scanners of mail, browsers that guess
// where their user goes next. They ask by GET, which changes nothing. Pages of other origins can
// lead a browser to the first, but not send the second: the front desk refuses them.

#include "api/answers.h"
#include "api/auth.h"
#include "api/handlers.h"
#include "base/rng.h"
#include "net/url.h"

namespace specd::api {
namespace {

constexpr size_t kNonceBytes = 16;
constexpr std::string_view kStyle =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem;"
    "color-scheme:light dark}code{font-size:.95em}";

/// `body` must be ours, or escaped. Only what carries the page's nonce is obeyed. One with a
/// `script` may send its forms to us as well.
net::Response page(int status, std::string_view title, std::string_view body,
                   std::string_view script = {}) {
  SystemRandom random;
  const std::string nonce = random_hex(random, kNonceBytes);
  std::string policy = "default-src 'none'; style-src 'nonce-" + nonce + "'; base-uri 'none'; ";
  std::string html =
      "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>";
  html.append(title).append("</title>\n<style nonce=\"").append(nonce).append("\">");
  html.append(kStyle).append("</style>\n<h1>").append(title).append("</h1>\n");
  html.append(body);
  net::Response response{
      .status = status,
      .headers = {{"Content-Type", "text/html; charset=utf-8"}, {"Cache-Control", "no-store"}}};
  if (script.empty()) {
    policy += "form-action 'none'; frame-ancestors 'none'";
  } else {
    html.append("\n<script nonce=\"").append(nonce).append("\">").append(script);
    html.append("</script>");
    policy += "script-src 'nonce-" + nonce + "'; form-action 'self'; frame-ancestors 'none'";
    // With none at all, the browser would not say either that the form is a page's of ours.
    response.headers.add("Referrer-Policy", "same-origin");
  }
  response.headers.add("Content-Security-Policy", policy);
  response.body = std::move(html.append("\n</html>\n"));
  return response;
}

/// Not by a redirect: a browser that was led here by another program does not send a cookie of
/// SameSite=Strict along with that.
net::Response led_home(std::string_view title) {
  net::Response response = page(200, title, "<p>Going on to <a href=\"/\">the first page</a>.</p>");
  response.headers.add("Refresh", "0; url=/");
  return response;
}

net::Response dead_link() {
  return page(403, "This link does not work",
              "<p>It was used already, or is older than five minutes. Type <code>specd open</code>"
              " in a terminal for another one.</p>");
}

/// Whether a browser asks for what its user may want to see next
/// (https://wicg.github.io/nav-speculation/prefetch.html#sec-purpose-header). It could run the
/// page's script, too.
bool is_ahead_of_time(const net::Request& request) {
  for (const char* name : {"sec-purpose", "purpose", "x-moz", "x-purpose"}) {
    const std::string_view purpose = request.headers.get(name);
    if (purpose.starts_with("prefetch") || purpose.starts_with("preview")) return true;
  }
  return false;
}

/// Whether a text can be a code, and stand in a page.
bool is_code(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
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
  if (api.services.auth == nullptr) return led_home("Nobody needs to sign in");
  if (is_ahead_of_time(request))
    return net::problem(503, "ahead_of_time", "a link is followed when somebody wants to");
  const std::string_view code = request.query.get("code");
  if (!is_code(code)) return dead_link();
  return page(200, "Sign this browser in",
              "<form method=\"post\" action=\"/open\">"
              "<input type=\"hidden\" name=\"code\" value=\"" +
                  std::string(code) + "\"><button>Sign in</button></form>",
              "document.forms[0].submit()");
}

Result<net::Response> post_open(const Api& api, const net::Request& request) {
  if (api.services.auth == nullptr) return led_home("Nobody needs to sign in");
  const auto form = net::url::parse_query(request.body);
  if (!form) return fail(Code::invalid, "the body is no form");
  const auto signed_in =
      api.services.auth->sign_in(form->get("code"), request.headers.get("user-agent"));
  if (!signed_in) return dead_link();
  for (const net::Caller session : signed_in->ended) api.services.end_streams(session);
  net::Response response = led_home("Signed in");
  response.headers.add("Set-Cookie", signed_in->cookie);
  return response;
}

}  // namespace specd::api
