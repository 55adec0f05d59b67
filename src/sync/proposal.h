#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "merge/text3.h"
#include "store/store.h"

namespace specd::sync {

/// The three contents of a conflict, as they are kept, and that of its file by now.
struct ConflictTexts {
  std::optional<std::string> base;  ///< none: there was no such file, or it is no longer kept
  std::optional<std::string> disk;
  std::optional<std::string> row;
  std::optional<std::string> present;  ///< none: there is no such file
};
[[nodiscard]] Result<ConflictTexts> texts_of(const store::Tables& tables,
                                             const store::Conflict& conflict);

using Markers = merge::Markers;

/// What a person may put in the place of the present text. Nothing is merged into files unasked.
struct Proposal {
  std::string content;
  size_t conflicts = 0;  ///< places where both changed the same; 0: it is clean
};

/// Merges what the edit did to the base into the present text, which may have moved on since the
/// conflict; each time anew. The error says why there is no merge: one side has no text, or it
/// cannot be merged (merge_texts.h).
[[nodiscard]] Result<Proposal> propose_merge(const store::Conflict& conflict,
                                             const ConflictTexts& texts, Markers markers);

/// Of an `overwritten` conflict, what the save was: `reverted`, somebody took the push back and did
/// nothing else; or `overwritten`, an editor saved its own text over the push. Empty for any other,
/// and where it cannot be told.
[[nodiscard]] std::string_view how_undone(const store::Conflict& conflict,
                                          const ConflictTexts& texts);

}  // namespace specd::sync
