#pragma once

#include <optional>

#include "base/result.h"
#include "store/file_state.h"
#include "store/files.h"
#include "sync/core/snapshot.h"

namespace specd::sync {

/// The database as one side of reconcile: the row as it is now. Its content is read and hashed only
/// if somebody wrote it since disk and row last agreed; otherwise it is what base says. `row` may
/// be null: physically missing.
[[nodiscard]] Result<core::Row> observe_row(const store::Files& files, const store::FileRow* row,
                                            const store::FileState* state);

[[nodiscard]] core::Base base_of(const store::FileState* state);

}  // namespace specd::sync
