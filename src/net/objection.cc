#include "net/objection.h"

#include <algorithm>
#include <array>

namespace specd::net {
namespace {

// RFC 9110 section 9, RFC 5789. Which of them a path takes is for its routes to say.
constexpr std::array<std::string_view, 9> kMethods = {
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"};

bool is_foreign(const Request& head, const OwnNames& names) {
  const Fields& fields = head.headers;
  if (fields.count("origin") > 1 || fields.count("sec-fetch-site") > 1) return true;
  const std::string* origin = fields.find("origin");
  if (origin != nullptr && !names.is_same_origin(*origin, fields.get("host"))) return true;
  return is_foreign_fetch(fields.get("sec-fetch-site"), fields.get("sec-fetch-mode"), head.method);
}

}  // namespace

std::optional<Response> objection(const Request& head, const OwnNames& names) {
  const Fields& fields = head.headers;
  if (fields.count("host") != 1) {
    return problem(400, "bad_host", "a request needs exactly one Host");
  }
  if (!names.include(fields.get("host"))) {
    return problem(421, "host_not_served",
                   "this server does not go by that name; those besides its addresses are in "
                   "`hosts` of its configuration");
  }
  if (is_foreign(head, names)) {
    return problem(403, "foreign_origin", "pages of other origins are not served");
  }
  if (!head.target.starts_with('/')) {
    return problem(400, "bad_target", "the address is not well-formed");
  }
  if (fields.count("content-encoding") != 0) {
    return problem(415, "encoded_body", "bodies are taken without Content-Encoding only");
  }
  const std::string* transfer = fields.find("transfer-encoding");
  if (transfer != nullptr && !equal_ignoring_case(*transfer, "chunked")) {
    return problem(501, "transfer_encoding", "of transfer encodings, only chunked is understood");
  }
  if (std::ranges::find(kMethods, head.method) == kMethods.end()) {
    return problem(501, "unknown_method", "there is no such method");
  }
  return std::nullopt;
}

}  // namespace specd::net
