#pragma once

#include <span>
#include <string>
#include <string_view>

namespace specd {

/// The word that was probably meant: the one of `known` that takes the fewest changes of single
/// bytes to become `word`. Empty where each would take more than a third of it.
[[nodiscard]] std::string nearest(std::string_view word, std::span<const std::string> known);

}  // namespace specd
