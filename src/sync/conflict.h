#pragma once

#include "base/clock.h"
#include "store/conflicts.h"
#include "sync/core/reconcile.h"
#include "sync/pull_plan.h"

namespace specd::sync {

[[nodiscard]] store::ConflictKind to_store(core::ConflictKind kind);

/// The record of a conflict: the three contents, and the three times that people want to see and
/// that decided nothing. `row` may be null.
[[nodiscard]] store::Conflict make_conflict(const SpecWork& work, const FileWork& file,
                                            const store::FileRow* row, const core::FileState& state,
                                            store::ConflictKind kind, WallTime now);

}  // namespace specd::sync
