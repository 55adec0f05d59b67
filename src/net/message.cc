#include "net/message.h"

#include "base/json.h"

namespace specd::net {
namespace {

Value text(std::string_view value) {
  return {.kind = Value::Kind::scalar, .text = std::string(value), .quoted = true};
}

}  // namespace

std::string_view reason(int status) {
  switch (status) {
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 426:
      return "Upgrade Required";
    case 428:
      return "Precondition Required";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    default:
      return {};
  }
}

Response problem(int status, std::string_view code, std::string_view detail) {
  Value body{.kind = Value::Kind::map};
  body.entries.emplace_back("type", text("about:blank"));
  body.entries.emplace_back("title", text(reason(status)));
  body.entries.emplace_back("status",
                            Value{.kind = Value::Kind::scalar, .text = std::to_string(status)});
  body.entries.emplace_back("detail", text(detail));
  body.entries.emplace_back("code", text(code));
  Response response{
      .status = status,
      .headers = {{"Content-Type", "application/problem+json"}, {"Cache-Control", "no-store"}},
      .body = json::dump(body)};
  if (status == 503) response.headers.add("Retry-After", "1");
  return response;
}

const Fields& guarding_headers() {
  static const Fields headers{
      {"X-Content-Type-Options", "nosniff"},
      {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Referrer-Policy", "no-referrer"}};
  return headers;
}

std::string last_words(const Response& response) {
  std::string bytes = "HTTP/1.1 " + std::to_string(response.status) + " ";
  bytes.append(reason(response.status)).append("\r\n");
  for (const auto& [name, value] : response.headers) {
    bytes.append(name).append(": ").append(value).append("\r\n");
  }
  for (const auto& [name, value] : guarding_headers()) {
    bytes.append(name).append(": ").append(value).append("\r\n");
  }
  bytes.append("Content-Length: ").append(std::to_string(response.body.size()));
  bytes.append("\r\nConnection: close\r\n\r\n");
  return bytes.append(response.body);
}

}  // namespace specd::net
