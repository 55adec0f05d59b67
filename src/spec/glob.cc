#include "spec/glob.h"

#include <optional>

#include "base/path.h"
#include "spec/text.h"

namespace specd::spec {
namespace {

constexpr size_t kMaxAlternatives = 64;

// fast-glob takes off a leading "./" and doubled slashes; the file system does the same to a name.
std::string normalized(std::string_view pattern) {
  while (pattern.starts_with("./")) pattern.remove_prefix(2);
  std::string clean;
  for (const char c : pattern) {
    if (c != '/' || !clean.ends_with('/')) clean += c;
  }
  return clean;
}

// The outermost `{...}` that has a comma at its own level, and where its commas stand.
struct Braces {
  size_t open;
  size_t close;
  std::vector<size_t> commas;
};

std::optional<Braces> find_braces(std::string_view text) {
  for (size_t open = text.find('{'); open != std::string_view::npos;
       open = text.find('{', open + 1)) {
    Braces braces{open, 0, {}};
    int depth = 0;
    for (size_t i = open; i < text.size(); ++i) {
      if (text[i] == '{') ++depth;
      if (text[i] == ',' && depth == 1) braces.commas.push_back(i);
      if (text[i] == '}' && --depth == 0) {
        braces.close = i;
        break;
      }
    }
    if (braces.close > 0 && !braces.commas.empty()) return braces;
  }
  return std::nullopt;
}

bool expand(const std::string& text, std::vector<std::string>& into) {
  const std::optional<Braces> braces = find_braces(text);
  if (!braces) {
    into.push_back(text);
    return into.size() <= kMaxAlternatives;
  }
  std::vector<size_t> ends = braces->commas;
  ends.push_back(braces->close);
  size_t start = braces->open + 1;
  for (const size_t end : ends) {
    std::string one = text.substr(0, braces->open);
    one.append(text, start, end - start).append(text, braces->close + 1);
    if (!expand(one, into)) return false;
    start = end + 1;
  }
  return true;
}

// `{1..3}`
bool has_range(std::string_view pattern) {
  const size_t open = pattern.find('{');
  return open != std::string_view::npos && pattern.find("..", open) != std::string_view::npos;
}

// `@(...)` and its kind, not nested.
bool has_extended_glob(std::string_view pattern) {
  for (size_t open = pattern.find('('); open != std::string_view::npos;
       open = pattern.find('(', open + 1)) {
    if (open > 0 && std::string_view("!*+?@").find(pattern[open - 1]) != std::string_view::npos &&
        pattern.find(')', open) != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

// Of a pattern that is no plain name. Parentheses alone are groups there, and a back-slash escapes.
bool is_supported(std::string_view pattern) {
  return !pattern.starts_with('!') && !has_range(pattern) &&
         pattern.find_first_of("\\()") == std::string_view::npos &&
         pattern.find("[:") == std::string_view::npos;
}

// The `[...]` at the start of `pattern`: whether `c` is in it, and its length; 0 if it is no class.
struct Class {
  size_t length = 0;
  bool matches = false;
};

Class match_class(std::string_view pattern, char c) {
  const bool negated = pattern.size() > 1 && (pattern[1] == '!' || pattern[1] == '^');
  const size_t first = negated ? 2 : 1;
  const size_t close = pattern.find(']', first + 1);
  if (close == std::string_view::npos) return {};
  bool in = false;
  for (size_t i = first; i < close; ++i) {
    if (i + 2 < close && pattern[i + 1] == '-') {
      in = in || (pattern[i] <= c && c <= pattern[i + 2]);
      i += 2;
    } else {
      in = in || pattern[i] == c;
    }
  }
  return {close + 1, in != negated};
}

// One step of `pattern` on one character of `name`: how much of each it takes; none if it does not
// match. The pattern is not at a star.
struct Step {
  size_t pattern;
  size_t name;
};

std::optional<Step> match_one(std::string_view pattern, std::string_view name) {
  if (name.empty() || pattern.empty()) return std::nullopt;
  if (pattern[0] == '?') return Step{1, first_character(name).bytes};
  if (pattern[0] == '[') {
    const Class found = match_class(pattern, name[0]);
    if (found.length > 0) {
      if (!found.matches) return std::nullopt;
      return Step{found.length, first_character(name).bytes};
    }
  }
  if (pattern[0] != name[0]) return std::nullopt;
  return Step{1, 1};
}

// One part of a path. On a mismatch the last star takes one character more, so this is at worst
// the product of the two lengths.
bool matches_part(std::string_view pattern, std::string_view name) {
  if (name.starts_with('.') && !pattern.starts_with('.')) return false;
  std::string_view after_star;  // with the name from where that star may go on
  std::string_view star_name;
  bool starred = false;
  while (true) {
    if (pattern.starts_with('*')) {
      pattern.remove_prefix(1);
      after_star = pattern;
      star_name = name;
      starred = true;
    } else if (pattern.empty() && name.empty()) {
      return true;
    } else if (const std::optional<Step> step = match_one(pattern, name)) {
      pattern.remove_prefix(step->pattern);
      name.remove_prefix(step->name);
    } else if (starred && !star_name.empty()) {
      star_name.remove_prefix(1);
      name = star_name;
      pattern = after_star;
    } else {
      return false;
    }
  }
}

// `reached[i]` says that the pattern so far can have taken the first i parts of the path.
bool matches_parts(const std::vector<std::string>& pattern,
                   const std::vector<std::string_view>& parts) {
  std::vector<bool> reached(parts.size() + 1);
  reached[0] = true;
  for (size_t p = 0; p < pattern.size(); ++p) {
    std::vector<bool> next(parts.size() + 1);
    const bool stars = pattern[p] == "**";
    const bool last = p + 1 == pattern.size();
    for (size_t i = 0; i <= parts.size(); ++i) {
      if (stars && !last && reached[i]) next[i] = true;  // no folder at all
      if (i == 0) continue;
      if (stars) {
        const bool hidden = parts[i - 1].starts_with('.');
        if ((reached[i - 1] || next[i - 1]) && !hidden) next[i] = true;
      } else if (reached[i - 1] && matches_part(pattern[p], parts[i - 1])) {
        next[i] = true;
      }
    }
    reached = std::move(next);
  }
  return reached.back();
}

std::vector<std::string> split(std::string_view pattern) {
  std::vector<std::string> parts;
  for (const std::string_view part : path::parts(pattern)) parts.emplace_back(part);
  return parts;
}

}  // namespace

Result<Glob> Glob::compile(std::string_view pattern) {
  const std::string clean = normalized(pattern);
  Glob glob;
  const bool plain = clean.find_first_of("*?[") == std::string::npos && !find_braces(clean) &&
                     !has_range(clean) && !has_extended_glob(clean);
  if (plain) {
    glob.literal_ = true;
    glob.alternatives_.push_back({clean});
    return glob;
  }
  if (!is_supported(clean)) {
    return fail(Code::refused, "the pattern \"" + printable_utf8(pattern) + "\" is not supported");
  }
  std::vector<std::string> expanded;
  if (!expand(clean, expanded)) {
    return fail(Code::refused, "the pattern \"" + printable_utf8(pattern) + "\" is too large");
  }
  for (const std::string& one : expanded) glob.alternatives_.push_back(split(normalized(one)));
  return glob;
}

bool Glob::matches(std::string_view path) const {
  if (literal_) return path == alternatives_.front().front();
  const std::vector<std::string_view> parts = path::parts(path);
  for (const std::vector<std::string>& pattern : alternatives_) {
    if (matches_parts(pattern, parts)) return true;
  }
  return false;
}

}  // namespace specd::spec
