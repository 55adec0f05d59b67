#include "spec/tasks.h"

#include <algorithm>
#include <optional>

#include "base/path.h"
#include "spec/text.h"

namespace specd::spec {
namespace {

struct Match {
  bool done;
  size_t rest;  // where the line goes on behind the box
  size_t mark;  // what stands in the box
  size_t mark_bytes;
};

// `-`, `*`, `+`, or 1 to 9 digits with `.` or `)`: where it ends; none if there is no such marker.
std::optional<size_t> skip_marker(std::string_view line, size_t at) {
  if (at >= line.size()) return std::nullopt;
  if (line[at] == '-' || line[at] == '*' || line[at] == '+') return at + 1;
  const size_t start = at;
  while (at < line.size() && line[at] >= '0' && line[at] <= '9') ++at;
  if (at == start || at - start > 9 || at >= line.size()) return std::nullopt;
  if (line[at] != '.' && line[at] != ')') return std::nullopt;
  return at + 1;
}

std::optional<Match> match_task(std::string_view line) {
  const std::optional<size_t> marker = skip_marker(line, skip_space(line, 0));
  if (!marker) return std::nullopt;
  const size_t box = skip_space(line, *marker);
  if (box >= line.size() || line[box] != '[') return std::nullopt;

  size_t at = skip_space(line, box + 1);
  const bool padded = at > box + 1;
  size_t mark = box + 1;
  size_t mark_bytes = space_length(line, mark);
  bool marked = false;
  bool done = false;
  if (at < line.size() && line[at] != ']') {
    const Character character = first_character(line.substr(at));
    if (character.units != 1) return std::nullopt;
    marked = true;
    done = line[at] == 'x' || line[at] == 'X';
    mark = at;
    mark_bytes = character.bytes;
    at = skip_space(line, at + character.bytes);
  }
  if (at >= line.size() || line[at] != ']') return std::nullopt;
  ++at;
  // What continues a Markdown link is no box, unless there is only white space in it.
  const bool link = at < line.size() && (line[at] == '(' || line[at] == '[');
  if (link && (marked || !padded)) return std::nullopt;
  return Match{done, at, mark, mark_bytes};
}

// JavaScript's `.` ends at a line terminator, and a line may hold all but the line feed.
std::string description(std::string_view line, size_t at) {
  std::string_view rest = line.substr(skip_space(line, at));
  size_t end = std::min(rest.find('\r'), rest.size());
  for (const std::string_view terminator : {"\xe2\x80\xa8", "\xe2\x80\xa9"}) {
    end = std::min(end, rest.find(terminator));
  }
  return printable_utf8(trim(rest.substr(0, end)));
}

// Calls `found(line_start, line, match)` for each task. Nothing before a task's box can be a `[`,
// so only the first one of a line is looked at, and lines without any are passed over at the speed
// of memchr.
template <class Found>
void each_task(std::string_view text, const Found& found) {
  size_t from = 0;
  while (true) {
    const size_t bracket = text.find('[', from);
    if (bracket == std::string_view::npos) return;
    const size_t feed = text.substr(from, bracket - from).rfind('\n');
    const size_t start = feed == std::string_view::npos ? from : from + feed + 1;
    const size_t end = std::min(text.find('\n', bracket), text.size());
    const std::string_view line = text.substr(start, end - start);
    if (const std::optional<Match> match = match_task(line)) found(start, line, *match);
    if (end == text.size()) return;
    from = end + 1;
  }
}

}  // namespace

std::vector<Task> tasks(std::string_view text) {
  std::vector<Task> tasks;
  uint32_t line_number = 1;
  size_t counted = 0;
  each_task(text, [&](size_t start, std::string_view line, const Match& match) {
    line_number +=
        static_cast<uint32_t>(std::count(text.begin() + static_cast<ptrdiff_t>(counted),
                                         text.begin() + static_cast<ptrdiff_t>(start), '\n'));
    counted = start;
    tasks.push_back({line_number, description(line, match.rest), match.done, start + match.mark,
                     match.mark_bytes});
  });
  return tasks;
}

TaskCount count_tasks(std::string_view text) {
  TaskCount count;
  each_task(text, [&](size_t, std::string_view, const Match& match) {
    ++count.total;
    if (match.done) ++count.done;
  });
  return count;
}

}  // namespace specd::spec
