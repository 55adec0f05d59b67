#pragma once

#include <optional>

#include "merge/text3.h"

namespace specd::sync {

/// Merges the front matters of three texts by field: those that only one side changed are taken
/// from that side, byte for byte; a list that both changed gets what either side added and loses
/// what either took away; any other field that both changed is one conflict. `content` is the
/// disk's front matter with its delimiters, in which only fields that the row changed are other
/// ones. A base without a front matter has no fields.
///
/// None where disk or row has none that can be read, or where this cannot be done for certain.
[[nodiscard]] std::optional<merge::Merged> merge_fields(const merge::Sides& sides,
                                                        merge::Markers markers);

}  // namespace specd::sync
