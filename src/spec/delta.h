#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Requirements and scenarios by name, as the OpenSpec CLI 1.13.2 reads them
/// (`dist/core/parsers/markdown-parser.js` for main specs, `requirement-blocks.js` for deltas); its
/// own JSON output leaves the names out. Code fences are passed over everywhere.
namespace specd::spec {

struct Scenario {
  std::string name;  ///< without "Scenario:"
  size_t line = 0;   ///< counted from 1
};

struct Requirement {
  std::string name;  ///< without "Requirement:"; compared with case
  size_t line = 0;   ///< counted from 1
  std::vector<Scenario> scenarios;
};

/// `specs/<capability>/spec.md`. Its requirements are the headings right below the first heading
/// called "Requirements", whatever their level; scenarios are `####` headings with a body.
struct MainSpec {
  bool has_purpose = false;  ///< a heading "Purpose" with a body
  bool has_requirements = false;
  std::vector<Requirement> requirements;

  /// What `openspec list --specs` says: 0 where a section is missing.
  [[nodiscard]] uint32_t requirement_count() const {
    return has_purpose && has_requirements ? static_cast<uint32_t>(requirements.size()) : 0;
  }
};

struct Rename {
  std::string from;
  std::string to;
  friend bool operator==(const Rename&, const Rename&) = default;
};

/// `changes/<id>/specs/<capability>/spec.md`: what stands below `## ADDED Requirements` and so on.
struct Delta {
  std::vector<Requirement> added;
  std::vector<Requirement> modified;
  std::vector<Requirement> removed;  ///< headings, and bullets that hold one
  std::vector<Rename> renamed;       ///< complete pairs of FROM and TO
};

[[nodiscard]] MainSpec main_spec(std::string_view text);
[[nodiscard]] Delta delta(std::string_view text);

}  // namespace specd::spec
