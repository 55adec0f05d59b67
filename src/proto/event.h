#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

/// Events on the wire of server-sent events
/// (https://html.spec.whatwg.org/multipage/server-sent-events.html):
///
///     id: 1800000000000000-42
///     event: spec.updated
///     data: {"seq":42,"type":"spec.updated","project":"alpha","spec":"01H…","origin":"disk",
///            "actor":null,"at":"2027-01-15T08:00:00.000000Z", …what the event carries}
///
/// A client that comes back with the last id it saw misses nothing. `resync` has no event's id but
/// the one to go on from, and says that what the client knows may be out of date.
namespace specd::proto {

/// Names an event over restarts: "EPOCH-SEQ".
struct EventId {
  int64_t epoch = 0;
  int64_t seq = 0;
  friend auto operator<=>(const EventId&, const EventId&) = default;
};
[[nodiscard]] std::string to_string(EventId id);
[[nodiscard]] std::optional<EventId> parse_event_id(std::string_view text);

struct Event {
  EventId id;
  std::string type;     ///< "spec.updated"
  std::string project;  ///< slug; empty when it is no longer known
  std::string spec;     ///< key; empty: about the project
  std::string origin;
  std::string actor;
  WallTime at;
  std::string payload = "{}";  ///< JSON object; its members stand beside ours, never over them
};

[[nodiscard]] std::string to_sse(const Event& event);
/// "Read everything again, then go on after `latest`".
[[nodiscard]] std::string resync_sse(EventId latest);
/// Sets the id that the client will come back with, and nothing that it sees: at the beginning, and
/// as a heartbeat, which a dead connection cannot carry.
[[nodiscard]] std::string cursor_sse(EventId cursor);

}  // namespace specd::proto
