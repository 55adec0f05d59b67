#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/digest.h"

namespace specd::sync::core {

/// What a spec is recognised by when its folder has moved and nobody saw how.
struct Trait {
  std::string dir;               ///< where it is or was, relative to the project's root
  uint64_t dev = 0;              ///< of the folder
  uint64_t inode = 0;            ///< of the folder; reused by file systems, so never proof alone
  std::string change_id;         ///< without the archive's date
  std::vector<Digest> contents;  ///< of its files, sorted; repeated where files are equal
  bool is_closed = false;        ///< a seen one whose contents cannot be looked at
  bool is_deleted = false;       ///< a known one that was given up: only its contents bring it back
};

/// How many of three agree: the folder's inode, the change id, at least half of the contents (of
/// the larger one; two empty specs have no content to agree on; of a closed one they are taken to
/// agree if its inode does).
[[nodiscard]] int likeness(const Trait& a, const Trait& b);

/// For each folder `seen` which of the `known` specs it is, if any: two of three agree, and no
/// other pair that one of them is in is as much alike. More that agree is more alike, then more
/// contents, then being where it was. A live spec that is nowhere else stays where it was, however
/// much it has changed, unless its place is taken by another known one.
///
/// `known` are specs of one project and family: live ones, of which no two have the same dir, and
/// deleted ones that may return. `seen` must come from one complete listing of all roots, or an
/// absence means nothing; no two have the same dir. Both may be in any order.
[[nodiscard]] std::vector<std::optional<size_t>> match_specs(std::span<const Trait> known,
                                                             std::span<const Trait> seen);

}  // namespace specd::sync::core
