#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace specd::cli {

/// The commands that can show an address to people, as words, best first: what the variable BROWSER
/// names, as other programs understand it. It holds commands between colons, and each has words
/// between blanks; the address goes where "%s" stands, or else behind them. Words that a shell
/// would expand stay as they are. What begins like an option is no program, and is passed over.
[[nodiscard]] std::vector<std::vector<std::string>> browser_commands(std::string_view browser,
                                                                     const std::string& address);

}  // namespace specd::cli
