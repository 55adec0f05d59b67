#pragma once

#include <optional>

namespace specd::sync::core {

/// What to do with one file. Every action is a conditional write: it happens only while disk and
/// row are still as the FileState says that it was planned from; otherwise nothing happens and the
/// next round plans again.
enum class Do {
  nothing,
  pull,            ///< row and base become the disk's content
  soft_delete,     ///< the row is marked deleted, base becomes none
  push,            ///< the disk gets the row's content, then base
  delete_on_disk,  ///< the file is removed, then base becomes none
  agree,           ///< both sides are equal already: base and pushed_rev follow
};

enum class ConflictKind { both_changed, deleted_on_disk, deleted_in_db };

struct Action {
  Do what = Do::nothing;
  /// Set where both sides moved away from base: the row's text, if it has one, goes to `versions`
  /// in the same transaction, and somebody is told.
  std::optional<ConflictKind> conflict;
  friend bool operator==(const Action&, const Action&) = default;
};

}  // namespace specd::sync::core
