#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/value.h"

/// Events as subscribers get them: a JSON object of `type`, `seq`, `project`, `key`, `origin`,
/// `actor`, `timestamp`, and what the event itself carries. docs/events.md says what each has.
namespace specd::proto {

/// Names an event over restarts: "EPOCH-SEQ".
struct EventId {
  int64_t epoch = 0;
  int64_t seq = 0;
  friend auto operator<=>(const EventId&, const EventId&) = default;
};
[[nodiscard]] std::string to_string(EventId id);

/// How far a subscriber has come, which it says when it comes back: "EPOCH-SEQ", or
/// "EPOCH-SEQ.URGENT" where it has had urgent events ahead of their turn.
struct EventCursor {
  EventId at;          ///< it has had everything up to here
  int64_t urgent = 0;  ///< and what is urgent up to this one, if that is further
  friend bool operator==(const EventCursor&, const EventCursor&) = default;
};
[[nodiscard]] std::string to_string(const EventCursor& cursor);
[[nodiscard]] std::optional<EventCursor> parse_event_cursor(std::string_view text);

/// What an event carries of itself: a JSON object, which is read only where somebody asks. Belongs
/// to one thread at a time.
class Payload {
 public:
  Payload() : Payload(Value{.kind = Value::Kind::map}) {}
  Payload(Value object) : object_(std::move(object)) {}
  /// `json`: one that is trusted to be such an object, in one line, without names of ours.
  [[nodiscard]] static Payload of_json(std::string json);

  [[nodiscard]] const Value& object() const;
  /// To be changed.
  [[nodiscard]] Value& edit();
  /// Its JSON, if nobody has changed it since; null: only `object` has it.
  [[nodiscard]] const std::string* json() const { return json_.empty() ? nullptr : &json_; }

 private:
  std::string json_;
  mutable std::optional<Value> object_;  // none: not read yet
};

struct Event {
  EventId id;
  std::string type;     ///< "spec.updated"
  std::string project;  ///< slug; empty when it is no longer known
  std::string key;      ///< of the spec; empty: about the project
  std::string origin;
  std::string actor;
  WallTime at;
  Payload payload;  ///< its members stand beside ours, never over them

  /// A member of the payload that is text; empty where there is none.
  [[nodiscard]] std::string_view text(std::string_view member) const;
};

/// Every type that an event can have, `specs.batch` and `resync` included.
[[nodiscard]] const std::vector<std::string_view>& event_types();
/// What people have to see before specs: conflicts, errors, and what becomes of projects.
[[nodiscard]] bool is_urgent(const Event& event);

[[nodiscard]] std::string to_json(const Event& event);
/// `specs.batch`: many events, each a JSON object, that count as one.
[[nodiscard]] std::string batch_json(const std::vector<std::string_view>& events);
/// "What you know may be out of date: read everything again".
[[nodiscard]] std::string resync_json();

}  // namespace specd::proto
