#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <deque>
#include <map>
#include <string>
#include <thread>

#include "base/assert.h"
#include "base/fd.h"
#include "tests/support/answers.h"

namespace specd::test {

inline constexpr std::chrono::seconds kPatience{10};

/// Whether `condition` comes true; asks again and again.
template <class Condition>
[[nodiscard]] bool comes_true(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

struct RawResponse {
  int status = 0;  ///< 0: none came
  std::string head;
  std::map<std::string, std::string> headers;
  std::string body;
};

/// A client that sends exactly what it is told to, over one connection to 127.0.0.1.
class RawClient {
 public:
  /// `from`: an address of 127.0.0.0/8 to come from, in host order; 0: the usual one.
  explicit RawClient(uint16_t port, int receive_buffer = 0, uint32_t from = 0)
      : port_(port), fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer != 0) {
      ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
    }
    const int on = 1;
    ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    const timeval patience{.tv_sec = kPatience.count(), .tv_usec = 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    if (from != 0) {
      // The port is chosen when the other end is known: it need be free for that one only.
      ::setsockopt(fd_.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
      address.sin_addr.s_addr = htonl(from);
      SPECD_ASSERT(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
    }
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int outcome = 0;
    // As below; asked again, it waits for the connection that is under way.
    do outcome = ::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address));
    while (outcome < 0 && errno == EINTR);
    if (outcome < 0) std::perror("cannot connect");
    SPECD_ASSERT(outcome == 0);
  }

  /// Sends this token along with every request.
  void authorize(const std::string& token) {
    authorization_ = "Authorization: Bearer " + token + "\r\n";
  }
  /// False once the server does not take any more.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }
  /// `fields`: further header lines, each with its end.
  bool send_request(const std::string& method, const std::string& target,
                    const std::string& fields = "", const std::string& body = "") {
    std::string request =
        method + " " + target + " HTTP/1.1\r\nHost: " + host() + "\r\n" + authorization_ + fields;
    if (!body.empty()) request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    asked_.push_back(method + " " + target);
    return send(request + "\r\n" + body);
  }
  RawResponse ask(const std::string& method, const std::string& target, const std::string& body) {
    send_request(method, target, "Content-Type: application/json\r\n", body);
    return read_response();
  }
  void end_sending() { ::shutdown(fd_.get(), SHUT_WR); }

  RawResponse get(const std::string& target, const std::string& fields = "") {
    send_request("GET", target, fields);
    return read_response();
  }
  RawResponse post(const std::string& target, const std::string& body) {
    send_request("POST", target, "Content-Type: application/json\r\n", body);
    return read_response();
  }

  RawResponse read_response(bool has_body = true) {
    RawResponse response;
    if (!fill_until("\r\n\r\n")) return response;
    response.head = take(received_.find("\r\n\r\n") + 4);
    response.status = std::stoi(response.head.substr(9, 3));
    for (size_t at = response.head.find("\r\n") + 2; at + 2 < response.head.size();) {
      const size_t end = response.head.find("\r\n", at);
      const size_t colon = response.head.find(": ", at);
      response.headers[response.head.substr(at, colon - at)] =
          response.head.substr(colon + 2, end - colon - 2);
      at = end + 2;
    }
    if (const auto length = response.headers.find("Content-Length");
        has_body && length != response.headers.end()) {
      const size_t size = std::stoul(length->second);
      while (received_.size() < size && fill()) {
      }
      response.body = take(size);
    }
    if (!asked_.empty() && response.status >= 200) {
      keep_answer(asked_.front(), response.head + response.body);
      asked_.pop_front();
    }
    return response;
  }

  /// Everything up to and with `mark`; empty if the connection ends before.
  std::string read_until(std::string_view mark) {
    if (!fill_until(mark)) return {};
    return take(received_.find(mark) + mark.size());
  }
  /// Whether the server closes without another byte.
  bool is_ended() { return received_.empty() && !fill() && received_.empty(); }

  [[nodiscard]] std::string host() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  bool fill() {
    char chunk[65536];
    ssize_t size = 0;
    // A signal ends what has a time limit, whatever its handler says (signal(7)).
    do size = ::recv(fd_.get(), chunk, sizeof(chunk), 0);
    while (size < 0 && errno == EINTR);
    if (size <= 0) return false;
    received_.append(chunk, static_cast<size_t>(size));
    return true;
  }
  bool fill_until(std::string_view mark) {
    while (received_.find(mark) == std::string::npos) {
      if (!fill()) return false;
    }
    return true;
  }
  std::string take(size_t size) {
    std::string taken = received_.substr(0, size);
    received_.erase(0, size);
    return taken;
  }

  uint16_t port_;
  std::string authorization_;
  std::deque<std::string> asked_;  ///< "GET /x" of requests that were not answered yet
  Fd fd_;
  std::string received_;
};

}  // namespace specd::test
