#include "cli/slips.h"

#include <algorithm>
#include <string_view>

#include "base/nearest.h"

namespace specd::cli {
namespace {

using Names = std::vector<std::string>;

Names commands_of(const CommandSyntax& specd) {
  Names names;
  for (const CommandSyntax& command : specd.commands) names.push_back(command.name);
  return names;
}

Names options_of(const CommandSyntax& command) {
  Names names;
  for (const OptionSyntax& option : command.options)
    names.insert(names.end(), option.names.begin(), option.names.end());
  return names;
}

bool contains(const Names& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

std::string perhaps(const std::string& word, const Names& known) {
  const std::string meant = nearest(word, known);
  return meant.empty() ? "" : "; perhaps " + meant;
}

// Without its value.
std::string option_in(const std::string& word) {
  return word.substr(0, word.find('='));
}

// A command that has an option of this name, rather one of those that were typed; empty: none has.
std::string command_with(const CommandSyntax& specd, const std::string& option,
                         const Names& typed) {
  std::string found;
  for (const CommandSyntax& command : specd.commands) {
    if (!contains(options_of(command), option)) continue;
    if (contains(typed, command.name)) return command.name;
    if (found.empty()) found = command.name;
  }
  return found;
}

}  // namespace

std::vector<const char*> without_help_command(int argc, const char* const* argv) {
  std::vector<const char*> words(argv, argv + argc);
  if (argc < 2 || std::string_view(argv[1]) != "help") return words;
  words.erase(words.begin() + 1);
  words.push_back("--help");
  return words;
}

std::string unknown_command(const CommandSyntax& specd, int argc, const char* const* argv) {
  if (argc < 2) return "";
  const std::string word(argv[1]);
  if (!word.starts_with('-')) {
    if (contains(commands_of(specd), word)) return "";
    return "there is no command \"" + word + "\"" + perhaps(word, commands_of(specd));
  }
  const std::string option = option_in(word);
  if (contains(options_of(specd), option)) return "";
  if (const std::string command = command_with(specd, option, {argv, argv + argc});
      !command.empty())
    return option + " stands behind a command, as in `specd " + command + " " + option + "`";
  return "there is no option " + option + perhaps(option, options_of(specd));
}

std::string unknown_verb(const CommandSyntax& command, const Names& words) {
  if (command.commands.empty() || words.empty() || words.front().starts_with('-')) return "";
  const Names verbs = commands_of(command);
  std::string hint = perhaps(words.front(), verbs);
  if (hint.empty()) {
    for (const std::string& verb : verbs) hint += (hint.empty() ? "; there are " : ", ") + verb;
  }
  return "there is no command \"" + words.front() + "\"" + hint;
}

std::string perhaps_option(const CommandSyntax& command, const Names& words) {
  for (const std::string& word : words) {
    if (word.starts_with("--")) return perhaps(option_in(word), options_of(command));
  }
  return "";
}

}  // namespace specd::cli
