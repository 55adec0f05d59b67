#include "net/negotiation.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/gzip.h"

namespace specd::net {
namespace {

constexpr size_t kWorthCompressing = 1400;  // less goes in one packet anyway

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Takes what stands before the first `mark`, or all, from `text`, and the mark with it.
std::string_view take_until(std::string_view& text, char mark) {
  const std::string_view taken = text.substr(0, text.find(mark));
  text.remove_prefix(std::min(text.size(), taken.size() + 1));
  return trimmed(taken);
}

/// One coding of Accept-Encoding: "gzip", "GZIP;q=0.5", "*; Q=0".
struct Coding {
  std::string_view name;
  double weight = 1;  ///< 0 to 1; 0: never
};

/// What follows the name. What is no weight is no consent either.
double parse_weight(std::string_view parameter) {
  if (parameter.empty()) return 1;
  const std::string_view name = take_until(parameter, '=');
  const std::string_view text = trimmed(parameter);
  double weight = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), weight, std::chars_format::fixed);
  const bool is_weight = is_same_word(name, "q") && error == std::errc() &&
                         end == text.data() + text.size() && weight >= 0 && weight <= 1;
  return is_weight ? weight : 0;
}

/// How gladly each is taken; none: it is not named.
struct Accepted {
  std::optional<double> gzip;
  std::optional<double> identity;
  std::optional<double> others;  // "*"

  void add(const Coding& coding) {
    if (is_same_word(coding.name, "gzip") || is_same_word(coding.name, "x-gzip")) {
      gzip = std::max(gzip.value_or(0), coding.weight);
    } else if (is_same_word(coding.name, "identity")) {
      identity = coding.weight;
    } else if (coding.name == "*") {
      others = coding.weight;
    }
  }
};

bool is_compressible(const Response& response) {
  const std::string_view type = response.headers.get("Content-Type");
  return response.body.size() >= kWorthCompressing &&
         (type.starts_with("application/json") || type.starts_with("text/"));
}

/// Whether If-None-Match names the answer. An entity tag cannot be a part of another one, since it
/// stands in quotes that none has inside; a "W/" before it makes no difference here.
bool is_known(const Request& request, const Response& response) {
  if (request.method != "GET" && request.method != "HEAD") return false;
  const std::string* etag = response.headers.find("ETag");
  if (etag == nullptr) return false;
  return std::ranges::any_of(request.headers, [&](const auto& field) {
    return field.first == "if-none-match" &&
           (trimmed(field.second) == "*" || field.second.find(*etag) != std::string::npos);
  });
}

/// What is said of the body that does not come. Left in, a cache would take it for that of its own.
void drop_body(Response& response) {
  constexpr std::array<std::string_view, 2> kOfBody{"Content-Type", "Content-Encoding"};
  Fields kept;
  for (const auto& [name, value] : response.headers) {
    if (std::ranges::find(kOfBody, name) == kOfBody.end()) kept.add(name, value);
  }
  response = {.status = 304, .headers = std::move(kept), .body = {}};
}

/// The fields of the answer in gzip; its body is the caller's.
void make_gzip(Response& response) {
  Fields fields;
  for (const auto& [name, value] : response.headers)
    fields.add(name, name == "ETag" ? "W/" + value : value);
  fields.add("Content-Encoding", "gzip");
  response.headers = std::move(fields);
}

}  // namespace

bool takes_gzip(const Fields& headers) {
  Accepted accepted;
  for (const auto& [name, value] : headers) {
    if (name != "accept-encoding") continue;
    for (std::string_view rest = value; !rest.empty();) {
      std::string_view element = take_until(rest, ',');
      const std::string_view coding = take_until(element, ';');
      accepted.add({coding, parse_weight(trimmed(element))});
    }
  }
  const double gzip = accepted.gzip.value_or(accepted.others.value_or(0));
  return gzip > 0 && gzip >= accepted.identity.value_or(0);
}

Response negotiated(Response response, const Request& request) {
  if (response.status != 200) return response;
  const bool is_known_already = is_known(request, response);
  if (is_compressible(response)) {
    response.headers.add("Vary", "Accept-Encoding");
    if (takes_gzip(request.headers)) {
      make_gzip(response);
      if (!is_known_already) response.body = gzip(response.body);
    }
  }
  if (is_known_already) drop_body(response);
  return response;
}

}  // namespace specd::net
