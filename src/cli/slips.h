#pragma once

#include <string>
#include <vector>

#include "cli/syntax.h"

/// Command lines that cannot be taken as they are, and what to say then.
namespace specd::cli {

/// `specd help list` as what it asks for, `specd list --help`. Points into `argv`.
[[nodiscard]] std::vector<const char*> without_help_command(int argc, const char* const* argv);

/// What is wrong with the first word, which is to be a command; empty: nothing.
[[nodiscard]] std::string unknown_command(const CommandSyntax& specd, int argc,
                                          const char* const* argv);

/// What is wrong where a command that has commands of its own was given none of these, but one of
/// the words; empty: nothing.
[[nodiscard]] std::string unknown_verb(const CommandSyntax& command,
                                       const std::vector<std::string>& words);

/// "; perhaps --json", of an option of the command that is like one of the words; or empty.
[[nodiscard]] std::string perhaps_option(const CommandSyntax& command,
                                         const std::vector<std::string>& words);

}  // namespace specd::cli
