#include "spec/new_spec.h"

#include <algorithm>
#include <charconv>

#include "spec/edit_field.h"
#include "spec/edit_time.h"

namespace specd::spec {
namespace {

constexpr size_t kLongestName = 200;  // of the openspec CLI
constexpr size_t kMostDigits = 5;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

size_t count_digits(std::string_view text) {
  return static_cast<size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
}

Failure bad_name(const std::string& why) {
  return fail(Code::invalid, "\"id\" " + why +
                                 ": it is made of a-z, 0-9 and single hyphens "
                                 "between words, such as add-login");
}

// "add-login" as people write it.
std::string title_of(std::string name) {
  std::ranges::replace(name, '-', ' ');
  if (!name.empty() && name[0] >= 'a' && name[0] <= 'z')
    name[0] = static_cast<char>(name[0] - 'a' + 'A');
  return name;
}

std::map<std::string, std::string> new_change(const ProjectConfig& config,
                                              const NewSpecWords& words, std::string_view day) {
  std::map<std::string, std::string> files;
  files[".openspec.yaml"] = "schema: " + config.schema + "\ncreated: " + std::string(day) + "\n";
  if (!words.title.empty())
    files["proposal.md"] = "# " + words.title + "\n\n## Why\n\n## What Changes\n";
  return files;
}

Result<std::string> new_readme(const NewSpecWords& words, std::string_view day, WallTime now) {
  const std::string title = words.title.empty() ? title_of(words.name) : words.title;
  Result<std::string> text = "---\nstatus: planned\ncreated: '" + std::string(day) +
                             "'\ntags: []\npriority: medium\ncreated_at: '" +
                             time_like("", now, TimeForm::moment) + "'\n---\n\n# " + title +
                             "\n\n## Overview\n";
  if (words.status) text = set_field(*text, "status", *words.status);
  if (text && words.priority) text = set_field(*text, "priority", *words.priority);
  if (text && !words.tags.empty()) text = set_list(*text, "tags", words.tags);
  return text;
}

}  // namespace

Result<> check_new_name(Layout layout, std::string_view name) {
  if (name.empty()) return bad_name("is empty");
  if (name.size() > kLongestName)
    return bad_name("is too long (" + std::to_string(kLongestName) + " characters at most)");
  const auto is_good = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-'; };
  if (!std::ranges::all_of(name, is_good)) return bad_name("has other characters");
  if (name.starts_with('-') || name.ends_with('-') || name.find("--") != std::string_view::npos)
    return bad_name("has a hyphen that is between no words");
  // The CLI takes changes of this name for the folder of archived ones.
  if (layout == Layout::openspec && name == "archive")
    return fail(Code::invalid, "\"id\" must not be \"archive\", where archived changes lie");
  const size_t digits = count_digits(name);
  const bool is_numbered = digits > 0 && (digits == name.size() || name[digits] == '-');
  if (layout == Layout::leanspec && (is_numbered || name == "archived"))
    return fail(Code::invalid,
                "\"id\" takes a name without a number, such as add-login: the next free number is "
                "put in front of it");
  return {};
}

std::string next_number(std::span<const std::string> folders) {
  uint32_t highest = 0;
  size_t width = 3;
  for (const std::string& folder : folders) {
    const size_t digits = count_digits(folder);
    const bool is_number =
        digits > 0 && digits <= kMostDigits && digits + 1 < folder.size() && folder[digits] == '-';
    uint32_t number = 0;
    if (is_number) std::from_chars(folder.data(), folder.data() + digits, number);
    if (!is_number || number < highest) continue;
    highest = number;
    width = digits;
  }
  const std::string number = std::to_string(highest + 1);
  return std::string(width - std::min(width, number.size()), '0') + number;
}

Result<std::map<std::string, std::string>> new_files(const ProjectConfig& config,
                                                     const NewSpecWords& words,
                                                     std::string_view day, WallTime now) {
  if (config.layout == Layout::openspec) {
    if (words.status || words.priority || !words.tags.empty())
      return fail(Code::invalid,
                  "status, priority and tags of a change are no part of its files: make it, then "
                  "set them");
    return new_change(config, words, day);
  }
  auto readme = new_readme(words, day, now);
  if (!readme) return tl::unexpected(readme.error());
  return std::map<std::string, std::string>{{config.default_file, std::move(*readme)}};
}

}  // namespace specd::spec
