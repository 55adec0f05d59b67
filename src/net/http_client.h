#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/message.h"

namespace specd::net {

/// Asks a specd on this machine; for the command line. Blocks. One thread at a time.
class HttpClient {
 public:
  struct Options {
    std::string host = "127.0.0.1";  ///< a name or an address; over TLS, whose certificate it is
    uint16_t port = 0;
    bool is_tls = false;
    std::string connect_to{};   ///< an address; empty: that of `host`
    std::string certificate{};  ///< PEM file, alone to be trusted; empty: those of the system
    std::string token{};        ///< sent along with every request; empty: none
    std::chrono::milliseconds connect_limit{2'000};
    std::chrono::milliseconds answer_limit{30'000};
  };

  /// Of an address such as "http://127.0.0.1:4400/" or "https://specs.example/"; `invalid` if it is
  /// none.
  [[nodiscard]] static Result<Options> options_for(const std::string& url);

  explicit HttpClient(Options options) : options_(std::move(options)) {}

  /// Any request: method, target, headers and body are sent. Its content is JSON, if no header says
  /// otherwise. Whatever the status is; errors as those of `get`.
  [[nodiscard]] Result<Response> send(const Request& request) const;

  /// Whatever the status is. `target`: path and query, encoded. `not_found` when nobody listens
  /// there, `busy` when no answer comes in time, `refused` when the certificate is not to be
  /// trusted.
  [[nodiscard]] Result<Response> get(const std::string& target) const;
  /// With a JSON body.
  [[nodiscard]] Result<Response> post(const std::string& target, const std::string& json) const;
  [[nodiscard]] Result<Response> patch(const std::string& target, const std::string& json) const;
  [[nodiscard]] Result<Response> del(const std::string& target) const;

 private:
  const Options options_;
};

/// A GET whose answer has no end, such as an event stream.
class HttpStream {
 public:
  /// `answer_limit`: for how long nothing may come.
  explicit HttpStream(const HttpClient::Options& options);
  ~HttpStream();
  HttpStream(const HttpStream&) = delete;
  HttpStream& operator=(const HttpStream&) = delete;

  /// Blocks until the answer ends, and calls `on_bytes` whenever some of it has come. `refused` for
  /// any status but 200, otherwise the errors of HttpClient. Once.
  [[nodiscard]] Result<> read(const std::string& target,
                              const std::function<void(std::string_view)>& on_bytes);
  /// Lets `read` return soon, also one that begins later. Any thread.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace specd::net
