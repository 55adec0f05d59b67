#pragma once

#include <optional>
#include <string>

#include "base/value.h"

namespace specd::sync {

/// A field of a front matter, as merging sees it.
struct FieldText {
  std::string text;  ///< its lines, each with "\n"
  Value value;
};

struct MergedList {
  std::string text;  ///< the field's lines
  Value value;       ///< what it must be read as
};

/// What becomes of a list of scalars (tags, dependencies) that both sides changed: the disk's, with
/// what the row added, without what it took away; in the disk's way of writing lists. None if one
/// of them is no such list, or is written in a way that is not understood. `base` may be null.
[[nodiscard]] std::optional<MergedList> merge_list(const FieldText* base, const FieldText& disk,
                                                   const FieldText& row);

}  // namespace specd::sync
