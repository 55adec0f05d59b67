#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace specd::zstd {

/// One zstd frame (RFC 8878) that holds `content` and its size.
[[nodiscard]] std::string compress(std::string_view content);
/// The content of one frame; `invalid` if it is damaged or holds more than `max_bytes`.
[[nodiscard]] Result<std::string> decompress(std::string_view frame, size_t max_bytes);

}  // namespace specd::zstd
