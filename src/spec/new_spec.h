#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "spec/layout.h"

/// What a spec is that does not exist yet: its name, and the files that it begins with.
namespace specd::spec {

/// Whether the tools of the layout would make a spec by this name: letters a-z and digits, in words
/// with one hyphen between them, at most 200 bytes; of LeanSpec, without the number. `invalid` says
/// what is wrong.
[[nodiscard]] Result<> check_new_name(Layout layout, std::string_view name);

/// The number of a LeanSpec folder that is to stand beside these, as LeanSpec counts: one more than
/// the highest, in as many digits as that has; "001" where there is none. Numbers of more than five
/// digits are dates.
[[nodiscard]] std::string next_number(std::span<const std::string> folders);

/// What a person says of a spec that is to be made.
struct NewSpecWords {
  std::string name;   ///< of LeanSpec, without the number
  std::string title;  ///< one line; empty: none was given
  /// LeanSpec alone.
  std::optional<std::string> status{};
  std::optional<std::string> priority{};
  std::vector<std::string> tags{};
};

/// The files of a new spec, by their names in its folder; `day`, "2026-11-21", is the person's.
///
/// - OpenSpec: what `openspec new change` writes, `.openspec.yaml` with schema and day. Without a
///   title nothing else, as there: who writes proposals takes a file that exists for one that is
///   done. A title has no other place than the heading of `proposal.md`, which is made for it.
/// - LeanSpec: the main file, with a front matter as LeanSpec's own template has it.
[[nodiscard]] Result<std::map<std::string, std::string>> new_files(const ProjectConfig& config,
                                                                   const NewSpecWords& words,
                                                                   std::string_view day,
                                                                   WallTime now);

}  // namespace specd::spec
