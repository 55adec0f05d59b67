#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// The task rule of the OpenSpec CLI 1.13.2 (`dist/utils/task-progress.js`), and nowhere else: it
/// has changed before and is compared with the real CLI by tests/system. A task is a line (text
/// between line feeds, whatever else it holds) that matches
///
///     ^\s*(?:[-*+]|\d{1,9}[.)])\s*\[(?:\s*([^\]\s]?)\s*\](?![([])|\s+\])\s*(.*)
///
/// and it is done if the mark is `x` or `X`. Code fences and comments are not skipped; indented
/// tasks count like others; `- [a](link)` is none, `- [ ](link)` is one; a byte order mark is white
/// space; bytes that are not UTF-8 are read as U+FFFD.
namespace specd::spec {

struct Task {
  uint32_t line = 0;  ///< counted from 1, by line feeds
  std::string text;   ///< the description, trimmed; as the CLI prints it
  bool done = false;
  /// Where the mark stands in the text: the one character in the box that is no white space; in an
  /// open box the first that is. Nothing is in `[]`, where it would stand.
  size_t mark = 0;
  size_t mark_bytes = 0;
};

struct TaskCount {
  uint32_t done = 0;
  uint32_t total = 0;
  friend bool operator==(const TaskCount&, const TaskCount&) = default;
};

[[nodiscard]] std::vector<Task> tasks(std::string_view text);

/// How many of them `tasks` would return, and how many done, without building any.
[[nodiscard]] TaskCount count_tasks(std::string_view text);

}  // namespace specd::spec
