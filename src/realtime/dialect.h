#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/value.h"
#include "proto/event.h"

namespace specd::realtime {

/// Why we part from a client.
enum class Parting { silent, too_much };

/// How messages are worded for those who listen in one way. Without state: what is worded once is
/// good for everybody of that dialect.
class Dialect {
 public:
  virtual ~Dialect() = default;

  /// For people who look after the daemon.
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// Whether clients say something, too.
  [[nodiscard]] virtual bool is_two_way() const = 0;
  /// What a session begins with. `begin`: where it does; none: the client knows, or hears nothing
  /// yet.
  [[nodiscard]] virtual std::string greeting(const std::optional<proto::EventCursor>& begin,
                                             std::chrono::milliseconds heartbeat) const = 0;
  /// Appends a message; `json` is one line.
  virtual void append(std::string& out, const proto::EventCursor& cursor, std::string_view type,
                      std::string_view json) const = 0;
  /// Tells the client that we are there, and where it is; none: it hears nothing yet.
  [[nodiscard]] virtual std::string heartbeat(
      const std::optional<proto::EventCursor>& cursor) const = 0;
  /// What answers a client's message; `ref`: what it called that, null if nothing.
  [[nodiscard]] virtual std::string reply(std::string_view event, const Value& ref,
                                          const std::optional<proto::EventCursor>& cursor,
                                          std::string_view json) const = 0;
  /// The last that a client hears; empty: that the connection ends says it all.
  [[nodiscard]] virtual std::string farewell(Parting why) const = 0;
};

/// Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html):
///
///     id: 1800000000000000-42
///     event: spec.updated
///     data: {"type":"spec.updated","seq":42,"project":"alpha", …}
///
/// A browser remembers the last id, and says it as Last-Event-ID when it comes back.
[[nodiscard]] const Dialect& sse();

/// Messages over a WebSocket, one JSON object each:
///
///     {"event":"spec.updated","id":"1800000000000000-42","data":{"type":"spec.updated", …}}
[[nodiscard]] const Dialect& websocket();

/// Packets of Socket.IO, each with its end: events in the namespace /specs, with the cursor as the
/// last argument, which the official client brings back by itself:
///
///     42/specs,["spec.updated",{"type":"spec.updated", …},"1800000000000000-42"]
[[nodiscard]] const Dialect& socket_io();

}  // namespace specd::realtime
