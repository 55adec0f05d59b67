#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"

namespace specd::spec {

/// How a time is told in a front matter that tells none yet.
enum class TimeForm { day, moment };

/// The time in UTC, told like `present`: its day, or the moment with as many digits of a second, up
/// to microseconds. In the `form` (milliseconds) where that tells no time.
[[nodiscard]] std::string time_like(std::string_view present, WallTime now, TimeForm form);

}  // namespace specd::spec
