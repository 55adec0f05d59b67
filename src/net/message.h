#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace specd::net {

/// Named texts in the order in which they came; a name may come twice.
class Fields {
 public:
  Fields() = default;
  Fields(std::initializer_list<std::pair<std::string, std::string>> entries) : entries_(entries) {}

  void add(std::string name, std::string value) {
    entries_.emplace_back(std::move(name), std::move(value));
  }
  /// The first of this name; null where there is none.
  [[nodiscard]] const std::string* find(std::string_view name) const {
    for (const auto& [key, value] : entries_) {
      if (key == name) return &value;
    }
    return nullptr;
  }
  /// The first of this name; empty where there is none.
  [[nodiscard]] std::string_view get(std::string_view name) const {
    const std::string* value = find(name);
    return value == nullptr ? std::string_view() : std::string_view(*value);
  }
  /// How often this name is there.
  [[nodiscard]] size_t count(std::string_view name) const {
    size_t found = 0;
    for (const auto& [key, value] : entries_) found += key == name ? 1 : 0;
    return found;
  }
  [[nodiscard]] auto begin() const { return entries_.begin(); }
  [[nodiscard]] auto end() const { return entries_.end(); }
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] size_t size() const { return entries_.size(); }

 private:
  std::vector<std::pair<std::string, std::string>> entries_;
};

/// Whom a request comes from, as far as its secrets tell: a number that whoever admits requests has
/// given.
enum class Caller : uint64_t { nobody = 0 };

/// One whole request, as the front desk read it and the router understood it.
struct Request {
  std::string method;
  std::string target;  ///< as it came: path and query, percent-encoded
  Fields query;        ///< decoded
  Fields params;       ///< what the route's {names} stand for, decoded
  Fields headers;      ///< names in lower case
  std::string body;
  bool keep_alive = true;  ///< whether the connection stays open after the answer
  Caller caller = Caller::nobody;
};

struct Response {
  int status = 200;
  Fields headers;
  std::string body;
};

/// A failure that HTTP itself has words for, as application/problem+json (RFC 9457). `code` is for
/// programs and never changes; `detail` is for people. With 503 goes Retry-After (RFC 9110 section
/// 10.2.3).
[[nodiscard]] Response problem(int status, std::string_view code, std::string_view detail);

/// "Not Found" for 404; empty for a status that we never send.
[[nodiscard]] std::string_view reason(int status);

/// What every answer carries that does not say otherwise: browsers neither guess its type, nor run
/// or embed anything of it, nor let pages of other origins have it, nor tell others where they
/// were.
[[nodiscard]] const Fields& guarding_headers();

/// `response` as HTTP/1.1 bytes, after which the connection is closed. For answers that no
/// route gave. Header values must be ours: they are not checked.
[[nodiscard]] std::string last_words(const Response& response);

}  // namespace specd::net
