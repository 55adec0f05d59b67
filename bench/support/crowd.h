#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/fd.h"

namespace specd::bench {

/// Many clients that listen to a daemon's events, on one thread of their own. They do as little as
/// can be, since they run on the machine that is measured: what comes is handed on as bytes, and
/// pings are answered.
class Crowd {
 public:
  enum class Protocol {
    websocket,
    events,  ///< text/event-stream
    bytes,   ///< says nothing and takes what comes
  };
  struct Options {
    uint16_t port = 0;
    Protocol protocol = Protocol::websocket;
    size_t size = 0;
    std::string token{};
    std::string query{};  ///< what they want to hear of
  };
  /// What came to a client, in any pieces; on the crowd's thread.
  using Hear = std::function<void(size_t client, std::string_view bytes)>;

  /// Connects all of them, from several addresses of 127.0.0.0/8, and waits until all are
  /// listening.
  Crowd(Options options, Hear hear);
  ~Crowd();
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

 private:
  void connect(size_t client);
  void wait_for(const std::atomic<size_t>& count, size_t wanted) const;
  void run();
  void receive(size_t client);
  void open(std::string_view bytes) const;

  const Options options_;
  const Hear hear_;
  const Fd poll_;
  const Fd end_;
  std::vector<Fd> sockets_;
  std::vector<bool> is_open_;  // crowd's thread
  std::vector<char> buffer_;   // crowd's thread
  std::atomic<size_t> open_count_ = 0;
  std::thread thread_;
};

/// A connection to this machine's `port`, from an address of 127.0.0.0/8 of its own for each
/// thousand. `receive_buffer`: 0 leaves it as it is.
[[nodiscard]] Fd connect_from_many(uint16_t port, size_t number, int receive_buffer = 0);
/// What a client says first.
[[nodiscard]] std::string first_words(const Crowd::Options& options);
/// Lets this process have so many connections open.
void make_room_for(size_t connections);

}  // namespace specd::bench
