// Bytes as a client may send them, to a front desk over loopback, and to its parser in pieces.
//
// The first byte says how large the pieces are that the parser gets; the others are what the client
// sends before it ends its side. Whatever they are:
// - nothing crashes or hangs;
// - pieces make no difference to what the parser understands;
// - a handler sees only requests with a Host that is ours, a target that begins with '/', and a
//   body within the limit;
// - what comes back is well-formed HTTP, one answer for each request that was served, and nothing
//   comes after an answer that says that it is the last one: what follows a refused request is not
//   served;
// - a clean request is answered afterwards.

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "net/front_desk.h"
#include "net/request_parser.h"
#include "tests/net/raw_client.h"

namespace specd {
namespace {

constexpr size_t kHeadLimit = 1024;
constexpr uint64_t kBodyLimit = 512;
// Behind a proxy a name needs no port, which no input could know.
const std::string kHost = "specs.test";

void require(bool holds, const char* what, const std::string& shown = "") {
  if (holds) return;
  std::fprintf(stderr, "not so: %s\n%s\n", what, shown.c_str());
  std::abort();
}

bool is_ours(std::string host) {
  std::ranges::transform(host, host.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  if (host.substr(0, kHost.size()) != kHost) return false;
  const std::string rest = host.substr(kHost.size());
  return rest.empty() || (rest.size() > 1 && rest[0] == ':' &&
                          rest.find_first_not_of("0123456789", 1) == std::string::npos);
}

void check(const net::Request& request, const std::string& body) {
  size_t hosts = 0;
  for (const auto& [name, value] : request.headers) {
    if (name == "host") require(++hosts == 1 && is_ours(value), "the Host is ours", value);
    require(name.find_first_of(" \t\r\n:") == std::string::npos, "names are clean", name);
    require(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos,
            "values are clean", value);
  }
  require(hosts == 1, "there is a Host");
  require(request.target.starts_with('/'), "the target is a path", request.target);
  require(request.target.find_first_of(" \t\r\n") == std::string::npos, "and clean");
  require(body.size() <= kBodyLimit, "the body is within the limit");
}

/// Thousands of connections a minute from one address would use up its ports.
uint32_t next_address() {
  static uint32_t count = 0;
  return INADDR_LOOPBACK + 1 + ++count % 0xffff0;
}

class Desk {
 public:
  Desk() {
    // Made before this static, they are there as long as its threads are.
    (void)system_clock();
    log::set_level(log::Level::error);
    auto desk = net::FrontDesk::open({.hosts = {kHost},
                                      .is_behind_proxy = true,
                                      .header_limit = kHeadLimit,
                                      .body_limit = kBodyLimit,
                                      .workers = 1});
    require(desk.has_value(), "a front desk opens");
    desk_ = std::move(*desk);
    desk_->start({.serve =
                      [this](const net::Request& request, const net::FrontDesk::Reply& reply) {
                        check(request, request.body);
                        ++served_;
                        const char* end = request.keep_alive ? "" : "Connection: close\r\n";
                        reply("HTTP/1.1 200 OK\r\nX-Served: 1\r\nContent-Length: 6\r\n" +
                              std::string(end) + "\r\nserved");
                      },
                  .streaming =
                      [](const net::Request& head) {
                        return head.target == "/events" ? net::Streaming::events
                                                        : net::Streaming::no;
                      },
                  .open_stream =
                      [this](const net::Request& head, const std::shared_ptr<net::Stream>& stream) {
                        check(head, "");
                        ++served_;
                        require(stream->write(": served\n\n"), "a new stream takes something");
                        stream->close();
                        return std::optional<net::Response>();
                      }});
  }
  [[nodiscard]] uint16_t port() const { return desk_->port(); }
  [[nodiscard]] size_t served() const { return served_; }

 private:
  std::atomic<size_t> served_ = 0;
  std::unique_ptr<net::FrontDesk> desk_;  // first to go
};

/// Reads answers to the end; how many of them a handler gave.
size_t read_answers(test::RawClient& client) {
  size_t served = 0;
  for (bool is_last = false; !is_last;) {
    const test::RawResponse answer = client.read_response();
    if (answer.status == 0) break;  // the desk had nothing to say
    require(answer.head.starts_with("HTTP/1.1 "), "a status line", answer.head);
    require(answer.status >= 100 && answer.status < 600, "a status", answer.head);
    require(answer.status < 500 || answer.status == 501, "no failure of ours", answer.head);
    if (answer.status == 100) continue;
    served += answer.headers.contains("X-Served") ? 1 : 0;
    const bool is_stream = answer.head.find("text/event-stream") != std::string::npos;
    if (is_stream) {
      require(client.read_until("\n\n") == ": served\n\n", "what the stream was given");
      ++served;
    } else {
      const size_t length = std::stoul(answer.headers.at("Content-Length"));
      require(answer.body.size() == length, "a whole body", answer.head + answer.body);
    }
    is_last = answer.headers.contains("Connection") && answer.headers.at("Connection") == "close";
    if (answer.status >= 400) require(is_last, "a refusal is the last answer", answer.head);
  }
  require(client.is_ended(), "nothing after the last answer");
  return served;
}

struct Understood {
  net::RequestParser::State state{};
  std::string head, body;
  size_t taken = 0;
  bool operator==(const Understood&) const = default;
};

/// What the parser makes of bytes that come in pieces, as far as the first request goes.
Understood understand(std::string_view bytes, size_t piece) {
  using enum net::RequestParser::State;
  net::RequestParser parser({.head_bytes = kHeadLimit, .fields = 128, .body_bytes = kBodyLimit});
  Understood result;
  std::string received;
  const auto goes_on = [&] { return parser.state() == head || parser.state() == body; };
  for (size_t at = 0; at < bytes.size() && goes_on(); at += piece) {
    received += bytes.substr(at, piece);
    for (size_t taken = 1; taken != 0 && !received.empty() && goes_on();) {
      taken = parser.take(received);
      received.erase(0, taken);
      result.taken += taken;
    }
  }
  result.state = parser.state();
  if (result.state == head || result.state == refused) return {.state = result.state};
  result.head = parser.head().method + " " + parser.head().target;
  for (const auto& [name, value] : parser.head().headers) result.head += "\n" + name + ":" + value;
  if (result.state == body) return {.state = body, .head = result.head};
  result.body = parser.release().body;
  return result;
}

/// Pieces may delay a refusal to what comes next, and change nothing else.
void require_the_same(const Understood& whole, const Understood& pieces, const std::string& input) {
  using enum net::RequestParser::State;
  if (whole.state == complete || pieces.state == complete) {
    require(whole == pieces, "pieces change nothing", input);
  } else if (whole.state == body && pieces.state == body) {
    require(whole.head == pieces.head, "pieces change nothing in the head", input);
  }
}

}  // namespace
}  // namespace specd

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace specd;
  static Desk desk;
  if (size == 0) return 0;
  const std::string input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const size_t piece = 2 + data[0] % 32;
  const Understood whole = understand(input, input.size() + 1);
  require_the_same(whole, understand(input, piece), input);
  require_the_same(whole, understand(input, 1), input);

  const size_t before = desk.served();
  {
    test::RawClient client(desk.port(), 0, next_address());
    client.send(input);
    client.end_sending();
    const size_t answered = read_answers(client);
    require(desk.served() - before == answered, "each request that was served was answered");
  }
  static std::optional<test::RawClient> clean;
  if (!clean) clean.emplace(desk.port());
  clean->send("GET /clean HTTP/1.1\r\nHost: " + kHost + "\r\n\r\n");
  require(clean->read_response().body == "served", "a clean request is answered");
  return 0;
}
