#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "spec/references.h"
#include "store/specs.h"

/// What LeanSpec folders say about each other in their front matter, for graph and queue.
namespace specd::api {

/// One name that a spec gives.
struct Link {
  std::string_view type;   ///< "depends_on", "parent", "related"
  size_t from = 0;         ///< place of the spec that says it
  std::string name;        ///< as it is written there
  std::vector<size_t> to;  ///< places of those it may mean; one: it is that one
  [[nodiscard]] bool is_resolved() const { return to.size() == 1; }
  /// Why it is not: "none" has this name, or it is "ambiguous".
  [[nodiscard]] std::string_view why() const { return to.empty() ? "none" : "ambiguous"; }
};

/// What front matter and metadata say.
struct Said {
  /// What a spec says twice counts once. Specs of other kinds than LeanSpec's link to nothing, and
  /// no link means them.
  std::vector<Link> links;
  /// By the place of the spec: when it was made, as it is written, if that begins with a date
  /// (`created_at`, else `created`); empty otherwise.
  std::vector<std::string> created;
};

/// `specs`: the live ones of one project.
[[nodiscard]] Said read_front_matter(std::span<const store::Spec> specs);

}  // namespace specd::api
