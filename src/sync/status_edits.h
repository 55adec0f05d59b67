#pragma once

#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "store/store.h"

namespace specd::sync {

/// Statuses that other clients set, through the view: the database has them already. What is left
/// is done in one transaction: one that was taken back is derived again; each has its row in the
/// history and its event; the spec's folder is no longer dirty. `entries`: as
/// DirtyRows::without_row; those that are no live spec's are returned. Sync thread only.
[[nodiscard]] Result<std::vector<store::Dirty>> take_status_edits(
    store::Store& store, const Clock& clock, ProjectId project,
    const std::vector<store::Dirty>& entries);

}  // namespace specd::sync
