#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace specd {

/// How many columns of a terminal the text takes: two for each East Asian wide character and most
/// emoji, none for what combines with the character before. Bytes that are not UTF-8 take one each.
[[nodiscard]] size_t columns(std::string_view text);

/// As much of the text as `most` columns hold, with "…" at its end where something was left out.
[[nodiscard]] std::string cut_to_columns(std::string_view text, size_t most);

}  // namespace specd
