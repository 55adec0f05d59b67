#pragma once

#include <string>
#include <string_view>

namespace specd {

/// What names are compared by on file systems that take `README` and `readme`, or the two ways to
/// write `é`, for one name: Unicode case folding and composition (UAX #15 NFC). Text that is not
/// UTF-8 stays as it is.
[[nodiscard]] std::string folded(std::string_view name);

/// Whether folded(text) has `part` in it, which is folded already; without a copy where text is
/// ASCII.
[[nodiscard]] bool holds_folded(std::string_view text, std::string_view part);

}  // namespace specd
