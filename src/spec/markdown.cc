#include "spec/markdown.h"

#include <algorithm>

#include "base/path.h"
#include "spec/frontmatter.h"
#include "spec/text.h"

namespace specd::spec {
namespace {

// `\s*` and three or more back-ticks or tildes: the fence's length; 0 if the line begins with none.
struct Fence {
  char mark = '\0';
  size_t length = 0;
  bool alone = false;  // only white space behind it
};

Fence fence_of(std::string_view line) {
  const size_t start = skip_space(line, 0);
  if (start >= line.size() || (line[start] != '`' && line[start] != '~')) return {};
  const size_t end = std::min(line.find_first_not_of(line[start], start), line.size());
  if (end - start < 3) return {};
  return {line[start], end - start, skip_space(line, end) == line.size()};
}

}  // namespace

Lines::Lines(std::string_view text) : rest_(without_bom(text)) {}

bool Lines::next() {
  if (at_end_) return false;
  const size_t end = rest_.find_first_of("\r\n");
  line_ = rest_.substr(0, end);
  if (end == std::string_view::npos) {
    at_end_ = true;
  } else {
    rest_.remove_prefix(end + (rest_.substr(end).starts_with("\r\n") ? 2 : 1));
  }
  ++number_;
  track_fence();
  return true;
}

void Lines::track_fence() {
  const Fence fence = fence_of(line_);
  fenced_ = fence_mark_ != '\0' || fence.length > 0;
  if (fence.length == 0) return;
  if (fence_mark_ == '\0') {
    fence_mark_ = fence.mark;
    fence_length_ = fence.length;
  } else if (fence.mark == fence_mark_ && fence.length >= fence_length_ && fence.alone) {
    fence_mark_ = '\0';
  }
}

std::optional<Heading> heading_of(std::string_view line) {
  const size_t level = std::min(line.find_first_not_of('#'), line.size());
  if (level == 0 || level > 6) return std::nullopt;
  // The CLI's pattern is `\s+(.+)`: some white space, and at least one character more.
  const size_t first_space = space_length(line, level);
  if (first_space == 0 || level + first_space >= line.size()) return std::nullopt;
  std::string_view text = trim(line.substr(level));
  const size_t run = text.find_last_not_of('#');  // a closing run counts only behind a blank
  if (run != std::string_view::npos && run + 1 < text.size() &&
      (text[run] == ' ' || text[run] == '\t')) {
    text = trim(text.substr(0, run));
  }
  return Heading{0, static_cast<int>(level), printable_utf8(text)};
}

std::vector<Heading> headings(std::string_view text) {
  std::vector<Heading> found;
  for (Lines lines(text); lines.next();) {
    if (lines.fenced() || !lines.line().starts_with('#')) continue;
    if (std::optional<Heading> heading = heading_of(lines.line())) {
      heading->line = lines.number();
      found.push_back(std::move(*heading));
    }
  }
  return found;
}

std::string title(std::string_view text) {
  if (const std::optional<size_t> body = body_offset(text)) text.remove_prefix(*body);
  bool in_comment = false;
  for (Lines lines(text); lines.next();) {
    const std::string_view line = lines.line();
    if (in_comment) {
      in_comment = line.find("-->") == std::string_view::npos;
      continue;
    }
    if (lines.fenced()) continue;
    if (const size_t open = line.rfind("<!--"); open != std::string_view::npos) {
      in_comment = line.find("-->", open) == std::string_view::npos;
    }
    if (!line.starts_with('#')) continue;
    const std::optional<Heading> heading = heading_of(line);
    if (!heading || heading->level != 1 || heading->text.empty()) continue;
    constexpr std::string_view kLead = "Change:";
    if (!starts_ignoring_case(heading->text, kLead)) return heading->text;
    const std::string_view name = std::string_view(heading->text).substr(kLead.size());
    return std::string(space_length(name, 0) > 0 ? trim(name) : std::string_view(heading->text));
  }
  return {};
}

}  // namespace specd::spec
