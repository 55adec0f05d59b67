#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "base/clock.h"

namespace specd::net {

/// How a connection goes on that does not end with an answer.
enum class Streaming {
  no,
  events,     ///< text/event-stream: the client only listens
  websocket,  ///< both sides send messages
};

/// An answer without an end: what a realtime session sees of its connection. Loop thread only
/// (Loop::post leads there from any other). Whoever opened it holds it by shared_ptr; the front
/// desk does too, until it is closed.
class Stream {
 public:
  /// None is called within `write` or `close`.
  struct Events {
    std::function<void()> drained;  ///< after a refused write, the queue is empty again
    /// The client has gone, took nothing for too long, or the server stops; once, and last.
    std::function<void()> closed;
    std::function<void(std::string)> message;  ///< of a WebSocket's client, whole; UTF-8
  };

  virtual ~Stream() = default;

  /// Queues bytes; to a WebSocket, whole frames. False, and nothing is queued, when the queue is
  /// full or the stream is closed: a slow client is never waited for. An empty queue takes
  /// anything.
  [[nodiscard]] virtual bool write(std::string bytes) = 0;
  /// Sends what is queued, then closes. `closed` is not called.
  virtual void close() = 0;
  virtual void on(Events events) = 0;
  /// When something last came from the client, pongs included; when it was opened, if nothing has.
  [[nodiscard]] virtual SteadyTime last_heard() const = 0;
};

}  // namespace specd::net
