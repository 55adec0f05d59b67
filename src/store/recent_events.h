#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/mutex.h"
#include "store/events.h"

namespace specd::store {

/// The latest events that were committed, in memory: whoever keeps up with the outbox need not read
/// back what was written a moment ago. The writer adds; any thread reads.
class RecentEvents {
 public:
  /// Appended in the transaction that is open.
  void add(Event event) { uncommitted_.push_back(std::move(event)); }
  /// The transaction has ended: its events may be told, or never were.
  void commit() SPECD_EXCLUDES(mutex_);
  void forget() { uncommitted_.clear(); }

  /// As Events::after, if all of what comes after the cursor is still here, and anything is.
  [[nodiscard]] std::optional<EventPage> after(EventCursor cursor, int64_t limit) const
      SPECD_EXCLUDES(mutex_);

 private:
  std::vector<Event> uncommitted_;  // the writer's

  mutable Mutex mutex_;
  std::deque<Event> events_ SPECD_GUARDED_BY(mutex_);  // without a gap
  size_t bytes_ SPECD_GUARDED_BY(mutex_) = 0;          // of their payloads
};

}  // namespace specd::store
