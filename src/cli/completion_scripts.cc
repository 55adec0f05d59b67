// bash and zsh get the same walk over the words that were typed: `at` becomes the command, " config
// show"; `wants` the kind of the value that an option still waits for; `n` how many positional
// words came. Which words lead where is generated as branches of a case.
//
// What the program tells (ids of specs are names of folders, which may hold anything) is compared
// and quoted by the shell, and never becomes a word list that it would expand (`compgen -W`).

#include <algorithm>
#include <functional>

#include "cli/syntax.h"

namespace specd::cli {
namespace {

using Visit = std::function<void(const std::string& at, const CommandSyntax& command)>;

// Every command with the words that lead to it: "" for specd itself, " config show".
void each(const CommandSyntax& command, const std::string& at, const Visit& visit) {
  visit(at, command);
  for (const CommandSyntax& inner : command.commands) each(inner, at + " " + inner.name, visit);
}

// In single quotes, as sh and its like read them.
std::string quoted(const std::string& text) {
  std::string word = "'";
  for (char c : text) word += c == '\'' ? "'\\''" : std::string(1, c);
  return word + "'";
}

// "a|b" as "a b".
std::string choices(std::string value) {
  for (char& c : value) {
    if (c == '|') c = ' ';
  }
  return value;
}

std::string branches(const CommandSyntax& specd) {
  std::string text;
  each(specd, "", [&](const std::string& at, const CommandSyntax& command) {
    for (const CommandSyntax& inner : command.commands)
      text += "      " + quoted(at + ":" + inner.name) + ") at=" + quoted(at + " " + inner.name) +
              " n=0 ;;\n";
    for (const OptionSyntax& option : command.options) {
      if (option.value.empty()) continue;
      for (const std::string& name : option.names)
        text += "      " + quoted(at + ":" + name) + ") wants=" + quoted(option.value) + " ;;\n";
    }
  });
  return text;
}

// What the next positional word is to be.
std::string positionals(const CommandSyntax& specd) {
  std::string text;
  each(specd, "", [&](const std::string& at, const CommandSyntax& command) {
    if (!command.commands.empty()) text += "      " + quoted(at + ":0") + ") wants=COMMAND ;;\n";
    for (size_t i = 0; i < command.positionals.size(); ++i) {
      const auto& [value, repeats] = command.positionals[i];
      text += "      " +
              (repeats == Repeats::yes ? quoted(at + ":") + "*"
                                       : quoted(at + ":" + std::to_string(i))) +
              ") wants=" + quoted(value) + " ;;\n";
    }
  });
  return text;
}

enum class Of { options, commands };

// One branch for each command, that sets `found` to what `item` makes of its options and of its
// commands.
std::string lists(const CommandSyntax& specd, Of what,
                  const std::function<std::string(const std::string&, const std::string&)>& item) {
  std::string text;
  each(specd, "", [&](const std::string& at, const CommandSyntax& command) {
    std::string items;
    if (what == Of::commands) {
      for (const CommandSyntax& inner : command.commands)
        items += " " + item(inner.name, inner.what);
    } else {
      for (const OptionSyntax& option : command.options) {
        for (const std::string& name : option.names) items += " " + item(name, option.what);
      }
    }
    if (!items.empty()) text += "      " + quoted(at) + ") found=(" + items.substr(1) + ") ;;\n";
  });
  return text;
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const size_t at = text.find(what);
  return text.replace(at, what.size(), by);
}

constexpr const char* kBash = R"sh(# Completions of specd for bash: source <(specd completions bash)
_specd() {
  local cur=${COMP_WORDS[COMP_CWORD]} at= wants= n=0 i word
  local -a found=()
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    [[ $word == = ]] && continue
    if [[ -n $wants ]]; then wants=; continue; fi
    case "$at:$word" in
@BRANCHES@      "$at":-*) ;;
      *) n=$((n + 1)) ;;
    esac
  done
  [[ $cur == = ]] && cur=
  if [[ -z $wants && $cur == -* ]]; then
    case "$at" in
@OPTIONS@    esac
  else
    [[ -z $wants ]] && case "$at:$n" in
@POSITIONALS@    esac
    case "$wants" in
      COMMAND) case "$at" in
@COMMANDS@      esac ;;
      PROJECT) mapfile -t found < <("${COMP_WORDS[0]}" completions projects 2>/dev/null) ;;
      SPEC) mapfile -t found < <("${COMP_WORDS[0]}" completions specs 2>/dev/null) ;;
      FILE) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
      FOLDER) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
      *'|'*) IFS='|' read -r -a found <<<"$wants" ;;
    esac
  fi
  for word in "${found[@]}"; do
    [[ $word == "$cur"* ]] && COMPREPLY+=("$(printf %q "$word")")
  done
  return 0
}
complete -F _specd specd
)sh";

constexpr const char* kZsh = R"sh(#compdef specd
# Completions of specd for zsh: source <(specd completions zsh), after compinit
_specd() {
  local at= wants= n=0 i word
  local -a found
  for ((i = 2; i < CURRENT; i++)); do
    word=${words[i]}
    if [[ -n $wants ]]; then wants=; continue; fi
    case "$at:$word" in
@BRANCHES@      "$at":-*) ;;
      *) n=$((n + 1)) ;;
    esac
  done
  if [[ -z $wants && $PREFIX == -* ]]; then
    case "$at" in
@OPTIONS@    esac
    _describe -o option found
    return
  fi
  [[ -z $wants ]] && case "$at:$n" in
@POSITIONALS@    esac
  case "$wants" in
    COMMAND) case "$at" in
@COMMANDS@      esac
      _describe command found ;;
    PROJECT) found=(${(f)"$("${words[1]}" completions projects 2>/dev/null)"}); compadd -a found ;;
    SPEC) found=(${(f)"$("${words[1]}" completions specs 2>/dev/null)"}); compadd -a found ;;
    FILE) _files ;;
    FOLDER) _files -/ ;;
    *'|'*) found=("${(@s:|:)wants}"); compadd -a found ;;
  esac
}
compdef _specd specd
)sh";

std::string filled_in(
    const char* script, const CommandSyntax& specd,
    const std::function<std::string(const std::string&, const std::string&)>& item) {
  std::string text = replaced(script, "@BRANCHES@", branches(specd));
  text = replaced(text, "@OPTIONS@", lists(specd, Of::options, item));
  text = replaced(text, "@POSITIONALS@", positionals(specd));
  return replaced(text, "@COMMANDS@", lists(specd, Of::commands, item));
}

// ---- fish: each rule says when it applies

// In single quotes, as fish reads them.
std::string fish_quoted(const std::string& text) {
  std::string word = "'";
  for (char c : text) word += (c == '\'' || c == '\\' ? "\\" : "") + std::string(1, c);
  return word + "'";
}

std::string fish_values(const std::string& value) {
  if (value == "PROJECT") return "-x -a '(specd completions projects 2>/dev/null)'";
  if (value == "SPEC") return "-x -a '(specd completions specs 2>/dev/null)'";
  if (value == "FOLDER") return "-x -a '(__fish_complete_directories)'";
  if (value == "FILE") return "-r -F";
  if (value.find('|') != std::string::npos) return "-x -a " + fish_quoted(choices(value));
  return "-x";
}

std::string fish_option(const OptionSyntax& option) {
  std::string text;
  for (const std::string& name : option.names)
    text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  if (!option.value.empty()) text += " " + fish_values(option.value);
  return text + " -d " + fish_quoted(option.what);
}

// Holds where `at` was typed, and no command below it.
std::string fish_condition(const std::string& at, const CommandSyntax& command) {
  std::string condition;
  for (size_t start = 1; start < at.size();) {
    const size_t end = std::min(at.find(' ', start), at.size());
    condition += (condition.empty() ? "" : "; and ") + std::string("__fish_seen_subcommand_from ") +
                 at.substr(start, end - start);
    start = end + 1;
  }
  if (condition.empty()) return "__fish_use_subcommand";
  if (command.commands.empty()) return condition;
  condition += "; and not __fish_seen_subcommand_from";
  for (const CommandSyntax& inner : command.commands) condition += " " + inner.name;
  return condition;
}

}  // namespace

std::string bash_completions(const CommandSyntax& specd) {
  return filled_in(kBash, specd, [](const std::string& name, const std::string&) { return name; });
}

std::string zsh_completions(const CommandSyntax& specd) {
  return filled_in(kZsh, specd, [](const std::string& name, const std::string& what) {
    return quoted(name + ":" + what);
  });
}

std::string fish_completions(const CommandSyntax& specd) {
  std::string text =
      "# Completions of specd for fish: specd completions fish | source\ncomplete -c specd -f\n";
  each(specd, "", [&](const std::string& at, const CommandSyntax& command) {
    const std::string rule = "complete -c specd -n " + fish_quoted(fish_condition(at, command));
    for (const CommandSyntax& inner : command.commands)
      text += rule + " -a " + inner.name + " -d " + fish_quoted(inner.what) + "\n";
    for (const OptionSyntax& option : command.options) text += rule + fish_option(option) + "\n";
    for (const PositionalSyntax& positional : command.positionals) {
      if (positional.value == "ANY") continue;
      std::string values = fish_values(positional.value);
      values.replace(0, 2, positional.value == "FILE" ? "-F" : "-f");
      text += rule + " " + values + "\n";
    }
  });
  return text;
}

}  // namespace specd::cli
