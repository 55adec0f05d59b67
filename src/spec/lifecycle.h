#pragma once

#include <string_view>

#include "spec/model.h"

/// What the words for status and priority mean to whoever picks work. Both are data: any other word
/// is kept, shown, and means nothing here.
namespace specd::spec {

/// The one word for a status that LeanSpec spells in several ways ("in_progress", "completed");
/// any other as it is.
[[nodiscard]] std::string_view canonical_status(std::string_view status);

/// Whether nothing is left to do: an archived change always; a change that is "done" or "archived";
/// a LeanSpec folder that is "complete" or "archived". A capability is no work, and never finished.
[[nodiscard]] bool is_finished(Kind kind, std::string_view status);

/// Which is done first, from 0: critical (urgent), high, medium (med), low, none at all (the empty
/// word), and last any word that is none of these. Without regard to case.
[[nodiscard]] int priority_rank(std::string_view priority);

}  // namespace specd::spec
