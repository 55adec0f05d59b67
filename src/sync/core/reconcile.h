#pragma once

#include "sync/core/plan.h"
#include "sync/core/snapshot.h"

namespace specd::sync::core {

/// Decides for one file. Pure and total: every combination has an answer, and the disk wins every
/// conflict.
///
/// Repeating observe, reconcile and apply ends with disk and row equal, however often it is cut
/// short, as long as apply keeps to the conditions of `Do` and writes the side before the base.
[[nodiscard]] Action reconcile(const FileState& file);

}  // namespace specd::sync::core
