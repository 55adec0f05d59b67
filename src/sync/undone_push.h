#pragma once

#include <optional>

#include "base/digest.h"
#include "base/result.h"
#include "merge/undone.h"
#include "store/store.h"
#include "sync/disk_side.h"

namespace specd::sync {

/// A push that a save undoes.
struct UndonePush {
  merge::Undone how{};  ///< never `none`
  Digest before;        ///< the text without the push; of several pushes in a row, without those
};

/// Whether `on_disk`, which is about to be pulled over the base of `known`, undoes the push that
/// this base came from: an editor that had loaded the text before it saves its own. Looked for are
/// the base before and, of several pushes in a row, what was on disk before the first of them. None
/// where the base came from no push, and where it cannot be told, since texts are no longer kept or
/// are none.
[[nodiscard]] Result<std::optional<UndonePush>> find_undone_push(const store::Tables& tables,
                                                                 const store::FileState& known,
                                                                 const OnDisk& on_disk);

}  // namespace specd::sync
