#include "cli/browser.h"

#include <algorithm>

// Nobody has written down how BROWSER is read; this is what xdg-open, sensible-browser and Python's
// webbrowser have in common.
namespace specd::cli {
namespace {

constexpr std::string_view kPlace = "%s";

std::vector<std::string> words_of(std::string_view command) {
  constexpr const char* kBlank = " \t\n";
  std::vector<std::string> words;
  for (size_t begin = 0; (begin = command.find_first_not_of(kBlank, begin)) < command.size();) {
    const size_t end = std::min(command.find_first_of(kBlank, begin), command.size());
    words.emplace_back(command.substr(begin, end - begin));
    begin = end;
  }
  // "beside us" to a shell, as everything here is.
  if (!words.empty() && words.back() == "&") words.pop_back();
  return words;
}

bool put_in_place(std::string& word, const std::string& address) {
  bool has_place = false;
  for (size_t at = 0; (at = word.find(kPlace, at)) != std::string::npos; at += address.size()) {
    word.replace(at, kPlace.size(), address);
    has_place = true;
  }
  return has_place;
}

}  // namespace

std::vector<std::vector<std::string>> browser_commands(std::string_view browser,
                                                       const std::string& address) {
  std::vector<std::vector<std::string>> commands;
  while (!browser.empty()) {
    const std::string_view command = browser.substr(0, browser.find(':'));
    browser.remove_prefix(std::min(browser.size(), command.size() + 1));
    std::vector<std::string> words = words_of(command);
    if (words.empty() || words[0].starts_with('-') || words[0].find(kPlace) != std::string::npos)
      continue;
    bool has_place = false;
    for (std::string& word : words) has_place = put_in_place(word, address) || has_place;
    if (!has_place) words.push_back(address);
    commands.push_back(std::move(words));
  }
  return commands;
}

}  // namespace specd::cli
