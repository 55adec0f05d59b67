#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace specd::net {

/// An answer without an end: what a realtime session sees of its connection. Loop thread only
/// (Loop::post leads there from any other). Whoever opened it holds it by shared_ptr; the front
/// desk does too, until it is closed.
class Stream {
 public:
  virtual ~Stream() = default;

  /// Queues bytes. False, and nothing is queued, when the queue is full or the stream is closed: a
  /// slow client is never waited for. An empty queue takes anything.
  [[nodiscard]] virtual bool write(std::string bytes) = 0;
  /// Sends what is queued, then closes. `on_close` is not called.
  virtual void close() = 0;

  /// `drained`: after a refused write, the queue is empty again. `closed`: the client has gone,
  /// took nothing for too long, or the server stops; called once, and last. Neither is called
  /// within `write` or `close`.
  virtual void on(std::function<void()> drained, std::function<void()> closed) = 0;
};

}  // namespace specd::net
