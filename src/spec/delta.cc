#include "spec/delta.h"

#include <optional>

#include "base/path.h"
#include "spec/markdown.h"
#include "spec/text.h"

namespace specd::spec {
namespace {

// `line` behind `word` and the white space around it; none if it does not begin so.
std::optional<std::string_view> behind(std::string_view line, std::string_view word) {
  line.remove_prefix(skip_space(line, 0));
  if (!line.starts_with(word)) return std::nullopt;
  line.remove_prefix(word.size());
  return line.substr(skip_space(line, 0));
}

std::string without_word(const std::string& text, std::string_view word) {
  if (!starts_ignoring_case(text, word)) return text;
  return std::string(trim(std::string_view(text).substr(word.size())));
}

// Takes off a closing run of `#` behind a blank.
std::string requirement_name(std::string_view text) {
  text = trim(text);
  const size_t last = text.find_last_not_of('#');
  if (last != std::string_view::npos && last + 1 < text.size() &&
      (text[last] == ' ' || text[last] == '\t')) {
    text = trim(text.substr(0, last));
  }
  return printable_utf8(text);
}

// A canonical heading, `/^###\s*Requirement:\s*(.+)\s*$/i`: the requirement's name.
std::optional<std::string> canonical_name(std::string_view line) {
  if (!line.starts_with("###")) return std::nullopt;
  line.remove_prefix(3);
  line.remove_prefix(skip_space(line, 0));
  constexpr std::string_view kWord = "Requirement:";
  if (!starts_ignoring_case(line, kWord) || line.size() == kWord.size()) return std::nullopt;
  return requirement_name(line.substr(kWord.size()));
}

// A canonical heading inside a list item, perhaps in back-ticks: `### Requirement: X`.
std::optional<std::string> quoted_name(std::string_view text) {
  if (text.starts_with('`')) text.remove_prefix(1);
  const std::optional<std::string_view> word = behind(text, "###");
  if (!word || !text.starts_with("###")) return std::nullopt;
  std::optional<std::string_view> name = behind(*word, "Requirement:");
  if (!name || name->empty()) return std::nullopt;
  std::string_view bare = trim(*name);
  if (bare.size() > 1 && bare.ends_with('`')) bare.remove_suffix(1);
  return requirement_name(bare);
}

std::optional<std::string_view> behind_bullet(std::string_view line) {
  line.remove_prefix(skip_space(line, 0));
  if (line.empty() || (line[0] != '-' && line[0] != '*' && line[0] != '+')) return std::nullopt;
  line.remove_prefix(1);
  return line.substr(skip_space(line, 0));
}

// `#` up to four times and white space: where a scenario's body ends.
bool ends_scenario(std::string_view line) {
  const size_t level = std::min(line.find_first_not_of('#'), line.size());
  return level >= 1 && level <= 4 && space_length(line, level) > 0;
}

// Scenarios of one requirement, which only counts once a line of its body has been seen.
class ScenarioReader {
 public:
  void line(std::string_view line, size_t number, bool fenced, std::vector<Scenario>& scenarios) {
    if (!fenced && ends_scenario(line)) {
      pending_.reset();
      if (line.starts_with("####")) {
        const std::optional<Heading> heading = heading_of(line);
        pending_ = Scenario{heading ? without_word(heading->text, "Scenario:") : "", number};
      }
    } else if (pending_ && !trim(line).empty()) {
      scenarios.push_back(std::move(*pending_));
      pending_.reset();
    }
  }
  void reset() { pending_.reset(); }

 private:
  std::optional<Scenario> pending_;
};

enum class Section { none, added, modified, removed, renamed };

// As the CLI's `/^(##)\s+(.+)$/`: none if the line begins no section.
std::optional<Section> section_of(std::string_view line) {
  if (!line.starts_with("##")) return std::nullopt;
  const size_t space = space_length(line, 2);
  if (space == 0 || 2 + space >= line.size()) return std::nullopt;
  const std::string_view title = trim(line.substr(2));
  if (equal_ignoring_case(title, "ADDED Requirements")) return Section::added;
  if (equal_ignoring_case(title, "MODIFIED Requirements")) return Section::modified;
  if (equal_ignoring_case(title, "REMOVED Requirements")) return Section::removed;
  if (equal_ignoring_case(title, "RENAMED Requirements")) return Section::renamed;
  return Section::none;
}

class DeltaReader {
 public:
  Delta read(std::string_view text) {
    for (Lines lines(text); lines.next();) {
      if (!lines.fenced()) {
        if (const std::optional<Section> section = section_of(lines.line())) {
          enter(*section);
          continue;
        }
      }
      line(lines);
    }
    return std::move(delta_);
  }

 private:
  void enter(Section section) {
    section_ = section;
    from_.reset();  // a pair never spans two sections
    open_ = nullptr;
    scenarios_.reset();
  }

  void line(const Lines& lines) {
    switch (section_) {
      case Section::none:
        return;
      case Section::added:
        return block(lines, delta_.added);
      case Section::modified:
        return block(lines, delta_.modified);
      case Section::removed:
        if (!lines.fenced()) removed(lines);
        return;
      case Section::renamed:
        if (!lines.fenced()) renamed(lines.line());
        return;
    }
  }

  void block(const Lines& lines, std::vector<Requirement>& into) {
    const std::optional<std::string> name =
        lines.fenced() ? std::nullopt : canonical_name(lines.line());
    if (name) {
      into.push_back({*name, lines.number(), {}});
      open_ = &into;
      scenarios_.reset();
    } else if (open_ != nullptr) {
      scenarios_.line(lines.line(), lines.number(), lines.fenced(), open_->back().scenarios);
    }
  }

  void removed(const Lines& lines) {
    std::optional<std::string> name = canonical_name(lines.line());
    if (!name) {
      if (const auto item = behind_bullet(lines.line())) name = quoted_name(*item);
    }
    if (name) delta_.removed.push_back({std::move(*name), lines.number(), {}});
  }

  void renamed(std::string_view line) {
    const std::string_view item = behind_bullet(line).value_or(line.substr(skip_space(line, 0)));
    if (const auto from = behind(item, "FROM:")) {
      if (std::optional<std::string> name = quoted_name(*from)) from_ = std::move(name);
    } else if (const auto to = behind(item, "TO:")) {
      std::optional<std::string> name = quoted_name(*to);
      if (name && from_) delta_.renamed.push_back({std::move(*from_), std::move(*name)});
      if (name) from_.reset();
    }
  }

  Delta delta_;
  Section section_ = Section::none;
  std::optional<std::string> from_;
  std::vector<Requirement>* open_ = nullptr;  // whose last one is being read
  ScenarioReader scenarios_;
};

// Reads a main spec in one pass. Headings nest by level, so what is on the way from the top to the
// present heading is a stack of levels; a requirement is a heading right below "Requirements".
class MainSpecReader {
 public:
  MainSpec read(std::string_view text) {
    for (Lines lines(text); lines.next();) {
      std::optional<Heading> heading;
      if (!lines.fenced() && lines.line().starts_with('#')) heading = heading_of(lines.line());
      if (heading) {
        heading->line = lines.number();
        enter(*heading);
      } else if (purpose_level_ > 0 && !spec_.has_purpose) {
        spec_.has_purpose = !trim(lines.line()).empty();
      }
      if (in_requirements() && !spec_.requirements.empty()) {
        scenarios_.line(lines.line(), lines.number(), lines.fenced(),
                        spec_.requirements.back().scenarios);
      }
    }
    return std::move(spec_);
  }

 private:
  [[nodiscard]] bool in_requirements() const { return requirements_level_ > 0; }

  void enter(const Heading& heading) {
    // The Purpose ends at a heading of its own level or above; a deeper one is part of its body.
    if (purpose_level_ > 0 && heading.level <= purpose_level_) purpose_level_ = 0;
    if (purpose_level_ > 0) spec_.has_purpose = true;
    if (!seen_purpose_ && equal_ignoring_case(heading.text, "Purpose")) {
      seen_purpose_ = true;
      purpose_level_ = heading.level;
    }
    if (in_requirements()) {
      if (heading.level <= requirements_level_) {
        requirements_level_ = 0;
      } else {
        child(heading);
      }
    }
    if (!spec_.has_requirements && equal_ignoring_case(heading.text, "Requirements")) {
      spec_.has_requirements = true;
      requirements_level_ = heading.level;
      child_level_ = 7;
    }
  }

  void child(const Heading& heading) {
    if (heading.level > child_level_) return;
    child_level_ = heading.level;  // a later one of a higher level is a child as well
    scenarios_.reset();
    spec_.requirements.push_back({without_word(heading.text, "Requirement:"), heading.line, {}});
  }

  MainSpec spec_;
  bool seen_purpose_ = false;
  int purpose_level_ = 0;       // 0 outside it
  int requirements_level_ = 0;  // 0 outside it
  int child_level_ = 7;         // of the requirement that is being read
  ScenarioReader scenarios_;
};

}  // namespace

MainSpec main_spec(std::string_view text) {
  return MainSpecReader().read(text);
}

Delta delta(std::string_view text) {
  return DeltaReader().read(text);
}

}  // namespace specd::spec
