#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "net/message.h"

namespace specd::net {

/// Reads one HTTP/1.1 request (RFC 9112) from bytes that come in pieces of any size. Knows no
/// sockets; one thread at a time.
///
/// What two readers could take for different requests is refused, even where the RFC would let us
/// mend it: a proxy may be the other reader (RFC 9112 section 11.2).
class RequestParser {
 public:
  struct Limits {
    size_t head_bytes = 16 << 10;
    size_t fields = 128;
    uint64_t body_bytes = 16 << 20;
  };
  enum class State {
    head,      ///< of the head, more must come
    body,      ///< the head is there; of the body, more must come
    complete,  ///< all of it is there
    refused,   ///< it is none that may be served; what follows it must not be looked at
  };

  explicit RequestParser(const Limits& limits);
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  /// Takes what it can use of `bytes`, and says how many; the rest must come again, with more
  /// behind it. Stops behind the head, and behind the request.
  size_t take(std::string_view bytes);

  [[nodiscard]] State state() const;
  /// Once the head is there, until `release`: all but the body.
  [[nodiscard]] const Request& head() const;
  /// Once the head is there: the body may have so many bytes and no more.
  void limit_body(uint64_t bytes);
  /// Whether the client waits to be told before it sends the body (RFC 9110 section 10.1.1).
  [[nodiscard]] bool expects_continue() const;
  /// Of a complete request: all of it. Once.
  [[nodiscard]] Request release();
  /// Of a refused one: why.
  [[nodiscard]] const Response& refusal() const;

 private:
  struct Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace specd::net
