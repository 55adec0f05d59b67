#pragma once

#include <string>
#include <string_view>

namespace specd {

/// What names are compared by on file systems that take `README` and `readme`, or the two ways to
/// write `é`, for one name: Unicode case folding and composition (UAX #15 NFC). Text that is not
/// UTF-8 stays as it is.
[[nodiscard]] std::string folded(std::string_view name);

}  // namespace specd
