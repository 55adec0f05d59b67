#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace specd {

/// RFC 3339 in UTC with microseconds, "2027-01-15T08:00:00.000000Z": sorts as text, and loses
/// nothing. A time before the year 1 or after 9999 is told as the first or last moment of these.
[[nodiscard]] std::string rfc3339(WallTime time);
/// The same, after `out`.
void append_rfc3339(std::string& out, WallTime time);

/// Any RFC 3339 time; what is finer than a microsecond is cut. None for any other text.
[[nodiscard]] std::optional<WallTime> parse_rfc3339(std::string_view text);

}  // namespace specd
