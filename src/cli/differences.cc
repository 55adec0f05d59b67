#include "cli/differences.h"

#include <algorithm>

#include "cli/table.h"
#include "merge/lines.h"

namespace specd::cli {
namespace {

using merge::LineRange;
using merge::Lines;

constexpr size_t kAround = 3;

// A line as a terminal may have it.
std::string shown(char sign, std::string_view line) {
  std::string text(1, sign);
  for (char c : line.substr(0, line.size() - 1)) text += c == '\t' ? "    " : std::string(1, c);
  return plain(text);
}

std::string context(const Lines& lines, LineRange range) {
  std::string text;
  for (size_t i = range.begin; i < range.end; ++i) text += shown(' ', lines.line(i)) + "\n";
  return text;
}

std::string changed(const Lines& lines, LineRange range, char sign, Colour colour) {
  std::string text;
  for (size_t i = range.begin; i < range.end; ++i)
    text += painted(shown(sign, lines.line(i)), colour) + "\n";
  return text;
}

}  // namespace

Result<std::string> differences(std::string_view before, std::string_view after) {
  const auto from = Lines::read(before);
  if (!from) return tl::unexpected(from.error());
  const auto to = Lines::read(after);
  if (!to) return tl::unexpected(to.error());
  const auto hunks = merge::diff_lines(from->text(), to->text());
  if (!hunks) return tl::unexpected(hunks.error());
  std::string text;
  size_t at = 0;  // lines of `before` that were shown, or left out
  for (size_t i = 0; i < hunks->size(); ++i) {
    const auto& [gone, come] = (*hunks)[i];
    const size_t begin = std::max(at, gone.begin - std::min(kAround, gone.begin));
    if (i == 0 || begin > at) text += "@@ line " + std::to_string(begin + 1) + " @@\n";
    const size_t next = i + 1 < hunks->size() ? (*hunks)[i + 1].before.begin : from->size();
    at = std::min(gone.end + kAround, next);
    text += context(*from, {begin, gone.begin}) + changed(*from, gone, '-', Colour::red) +
            changed(*to, come, '+', Colour::green) + context(*from, {gone.end, at});
  }
  return text;
}

}  // namespace specd::cli
