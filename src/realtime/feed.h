#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "proto/event.h"

namespace specd::realtime {

/// What a read of the outbox gives.
struct Page {
  /// The cursor means nothing here any more: begin again at `latest`. `events` is then empty.
  bool resync = false;
  std::vector<proto::Event> events;  ///< oldest first
  proto::EventId latest;             ///< the last event there is
};

/// The committed events, as realtime reads them. Called on the loop thread only, so it must not
/// wait for locks.
struct Feed {
  /// At most `limit` events after the cursor.
  std::function<Result<Page>(proto::EventId, int64_t limit)> after;
  /// The last event there is; seq 0 before the first.
  std::function<Result<proto::EventId>()> latest;
  /// Whether there is a project of this slug.
  std::function<Result<bool>(const std::string&)> has_project;
};

}  // namespace specd::realtime
