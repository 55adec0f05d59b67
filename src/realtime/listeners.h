#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "proto/event.h"
#include "realtime/subscription.h"

namespace specd::realtime {

/// Somebody who listens, for people who look after the daemon.
struct Listener {
  uint64_t id = 0;  ///< counted from 1 since the start
  WallTime since;
  WallTime last_sent;  ///< when its connection last took something
  /// When something last came from it, answers to pings included; none: its connection has one
  /// direction only.
  std::optional<WallTime> last_heard;
  std::string_view transport;  ///< "sse", "websocket"
  std::string agent;           ///< its User-Agent; empty: it sent none
  Interests interests;
  std::chrono::milliseconds throttle{0};
  proto::EventCursor cursor;
  bool is_behind = false;  ///< reads slowly, or is being left alone
};

struct ListenerStats {
  std::vector<Listener> listeners;  ///< now, the oldest first
  // since the start
  uint64_t opened = 0;
  uint64_t refused = 0;   ///< too many, or what they wanted could not be
  uint64_t messages = 0;  ///< events and batches, to each listener
  uint64_t resyncs = 0;
  uint64_t given_up = 0;       ///< connections that said nothing any more, or too much
  uint64_t said_too_much = 0;  ///< of these
};

}  // namespace specd::realtime
