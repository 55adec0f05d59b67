#pragma once

#include <string_view>

#include "base/result.h"

namespace specd::merge {

/// One push, and what another program saved over it.
struct SavedOver {
  std::string_view before;   ///< the base that the push was made from
  std::string_view pushed;   ///< what we wrote
  std::string_view on_disk;  ///< what is there now
};

enum class Undone {
  none,         ///< what we pushed is still there, or was edited further
  reverted,     ///< what we pushed is gone, and nothing else changed: somebody took it back
  overwritten,  ///< of what we pushed something is gone, and there are other edits: an editor that
                ///< had loaded the text before the push saved its own
};

/// Whether the text on disk has again what a push changed. Somebody who edits a pushed line further
/// undoes nothing. Line ends and a byte order mark are no changes. Any thread; errors as text3's.
[[nodiscard]] Result<Undone> what_was_undone(const SavedOver& texts);

}  // namespace specd::merge
