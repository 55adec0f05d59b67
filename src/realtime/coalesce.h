#pragma once

#include <vector>

#include "proto/event.h"

namespace specd::realtime {

/// What a view needs of events in a row, told at once at their end: what is urgent first, and of
/// each spec one event, with its latest state and everything that changed. A spec that came and
/// went is told as deleted, since the view may have read it meanwhile.
[[nodiscard]] std::vector<proto::Event> coalesce(std::vector<proto::Event> events);

}  // namespace specd::realtime
