#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "proto/spec_json.h"
#include "store/specs.h"

namespace specd::store {

/// As the API says it. Borrows from both.
[[nodiscard]] proto::Spec spoken(const Spec& spec, std::string_view slug);
[[nodiscard]] proto::Spec spoken(const SpecSummary& spec, std::string_view slug);

/// What subscribers are told of a change of a spec: enough to patch a view without asking again.
struct SpecNews {
  const Spec& spec;                         ///< as the change leaves it
  std::string_view from;                    ///< its id before, where it was renamed
  const std::vector<std::string>& files;    ///< paths that came, changed or went
  const std::vector<std::string>& changes;  ///< columns that changed
};
/// A JSON object: `id`, `kind`, `version`, `from`, `parent` (LeanSpec), `files`, `changes`, and
/// as `metadata` every member that a list of specs has, but for its project.
[[nodiscard]] std::string to_json(const SpecNews& news);

}  // namespace specd::store
