#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "spec/references.h"
#include "store/specs.h"

/// What LeanSpec folders say about each other in their front matter.
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

/// What the specs say about each other; what one says twice counts once. Specs of other kinds than
/// LeanSpec's link to nothing, and no link means them. `specs`: the live ones of one project.
[[nodiscard]] std::vector<Link> read_links(std::span<const store::Spec> specs);

}  // namespace specd::api
