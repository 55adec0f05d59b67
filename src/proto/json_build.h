#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/value.h"

/// Small words for making JSON out of plain data (base/value.h).
namespace specd::proto {

[[nodiscard]] Value text(std::string_view value);
[[nodiscard]] Value number(int64_t value);
[[nodiscard]] Value boolean(bool value);
/// RFC 3339; null where there is none.
[[nodiscard]] Value timestamp(std::optional<WallTime> value);
/// Null where it is empty.
[[nodiscard]] Value text_or_null(std::string_view value);
[[nodiscard]] Value object();
[[nodiscard]] Value list();

}  // namespace specd::proto
