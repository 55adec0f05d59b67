#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/value.h"

/// How LeanSpec folders refer to each other (`depends_on`, `parent`, `related`): by the folder's
/// name, or by the number that it begins with, where only one does.
namespace specd::spec {

/// The folders of one project by every name that they are called.
class SpecNames {
 public:
  /// `ids` must outlive this.
  explicit SpecNames(std::span<const std::string_view> ids);

  /// Which ids are meant, by their place: one, none, or several where the name does not tell. The
  /// whole id; else "35" or "035" for "035-login"; else "E13-F03" for "E13-F03-login".
  [[nodiscard]] std::vector<size_t> find(std::string_view name) const;

 private:
  std::vector<std::pair<std::string_view, size_t>> by_id_;             ///< sorted
  std::map<std::string, std::vector<size_t>, std::less<>> by_number_;  ///< without leading zeros
};

/// The names in a field of a front matter: one, or a list of them; each once.
[[nodiscard]] std::vector<std::string> names_in(const Value& front_matter, std::string_view field);
/// When a spec was made, as its front matter or metadata says (`created_at`, else `created`), if
/// that begins with a date; empty otherwise. Both sort as text.
[[nodiscard]] std::string created_in(const Value& front_matter);

/// Where each node's links lead to.
using Links = std::vector<std::vector<size_t>>;

/// Nodes that lead in a circle, in that order, each node in one circle at most: of circles that
/// share a node one is told, and where there are none, nothing. In time linear in the links for
/// circles that lie apart.
[[nodiscard]] std::vector<std::vector<size_t>> find_cycles(const Links& links);

}  // namespace specd::spec
