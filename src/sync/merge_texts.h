#pragma once

#include "base/result.h"
#include "merge/text3.h"

namespace specd::sync {

/// The three-way merge of a spec's file: by lines, and where lines of a front matter are in
/// conflict, that by field (field_merge.h). Any thread; errors as merge::text3's.
[[nodiscard]] Result<merge::Merged> merge_texts(const merge::Sides& sides, merge::Markers markers);

}  // namespace specd::sync
