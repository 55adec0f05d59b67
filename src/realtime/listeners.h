#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
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
  std::string agent;   ///< its User-Agent; empty: it sent none
  Wish wish;
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
};

}  // namespace specd::realtime
