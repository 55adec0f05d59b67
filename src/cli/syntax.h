#pragma once

#include <string>
#include <vector>

/// The command line as it is defined (args.cc), as plain data: what completions are made of.
namespace specd::cli {

/// Values are of a kind: FILE, FOLDER, PROJECT (a slug), SPEC (an id), words between '|', or ANY.
struct OptionSyntax {
  std::vector<std::string> names{};  ///< "--project", "-p"
  std::string what{};
  std::string value{};  ///< its kind; empty: it takes none
};

enum class Repeats { no, yes };
struct PositionalSyntax {
  std::string value;  ///< its kind
  Repeats repeats = Repeats::no;
};

struct CommandSyntax {
  std::string name{};
  std::string what{};
  std::vector<OptionSyntax> options{};
  std::vector<PositionalSyntax> positionals{};
  std::vector<CommandSyntax> commands{};  ///< those that are for people
};

/// Of `specd` itself.
[[nodiscard]] CommandSyntax syntax();

/// Scripts by which a shell completes what is typed after `specd`. They ask the program itself for
/// projects and specs; nothing that it tells is ever run or expanded by the shell.
[[nodiscard]] std::string bash_completions(const CommandSyntax& specd);
[[nodiscard]] std::string zsh_completions(const CommandSyntax& specd);
[[nodiscard]] std::string fish_completions(const CommandSyntax& specd);

}  // namespace specd::cli
