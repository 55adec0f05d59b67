#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"

namespace specd::sqlite {
class Database;
}

namespace specd::store {

class RecentEvents;

/// Names one unbroken run of sequence numbers: the time it began, in microseconds. A new one begins
/// where numbers that somebody saw may have been lost.
using Epoch = Tagged<struct EpochTag, int64_t>;

/// One committed change, as subscribers hear of it.
struct Event {
  Epoch epoch;
  Seq seq;
  std::string type;  ///< "spec.updated"
  ProjectId project;
  std::optional<SpecKey> spec;
  std::string origin;
  std::string actor;
  std::string payload = "{}";  ///< JSON
  WallTime at;
};

struct EventCursor {
  Epoch epoch;
  Seq seq;
  friend auto operator<=>(const EventCursor&, const EventCursor&) = default;
};

struct EventPage {
  /// The cursor is of another epoch, lies before what is still there, or ahead of the latest: start
  /// afresh from `latest`. `events` is then empty.
  bool resync = false;
  std::vector<Event> events;
  EventCursor latest;  ///< the last event there is
};

/// Table `events`, the outbox. Writing needs a transaction of the Store that owns this.
class Events {
 public:
  explicit Events(sqlite::Database& db) : db_(db) {}
  /// Whatever is appended from now on is added there, too.
  void remember_in(RecentEvents& recent) { recent_ = &recent; }

  /// Appends in the current transaction; gone with it if that is rolled back. `event.epoch` and
  /// `event.seq` are ignored. Numbers grow by one with each committed event, also over epochs.
  [[nodiscard]] Result<EventCursor> append(Event event);
  /// A new epoch: numbers seen outside may be missing here (a restored backup, a power cut).
  [[nodiscard]] Result<Epoch> renew(WallTime now);
  /// Drops events before `before`, and the oldest beyond `max_rows`, but never the latest. How
  /// many.
  [[nodiscard]] Result<int64_t> trim(WallTime before, int64_t max_rows);

  /// At most `limit` events after `cursor`, oldest first.
  [[nodiscard]] Result<EventPage> after(EventCursor cursor, int64_t limit) const;
  /// The last one appended; seq 0 before the first.
  [[nodiscard]] Result<EventCursor> latest() const;
  /// The oldest that can still be read; 1 before the first.
  [[nodiscard]] Result<Seq> first_available() const;

 private:
  sqlite::Database& db_;
  RecentEvents* recent_ = nullptr;
};

}  // namespace specd::store
