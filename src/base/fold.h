#pragma once

#include <string>
#include <string_view>

namespace specd {

/// What names are compared by on file systems that take `README` and `readme`, or the two ways to
/// write `é`, for one name: Unicode case folding and composition (UAX #15 NFC). Text that is not
/// UTF-8 stays as it is.
[[nodiscard]] std::string folded(std::string_view name);

/// Folded, and letters without their marks: "Größe" is "grosse". What is no letter with marks stays
/// as it is, and so does text that is not UTF-8.
[[nodiscard]] std::string without_marks(std::string_view name);

/// Whether folded(text) has `part` in it, which is folded already; without a copy where text is
/// ASCII.
[[nodiscard]] bool holds_folded(std::string_view text, std::string_view part);

}  // namespace specd
