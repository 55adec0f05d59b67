#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "store/store.h"
#include "sync/edit.h"
#include "sync/journal.h"

namespace specd::sync {

/// How a person wants a conflict to end.
struct ResolutionRequest {
  ConflictEnd end;                     ///< `merged`, `restored` or `dismissed`
  std::optional<std::string> content;  ///< merged: to be written in the place of the proposed merge
  Expected expected;  ///< what its file was when the person looked; dismissed: does not matter
  std::string actor;
};

/// What became of that.
struct ResolutionAnswer {
  enum class End {
    resolved,  ///< now; `edit` says what became of its file
    was,       ///< before this, as `conflict` says; nothing was done
    unclean,   ///< not yet: in `places`, both sides changed the same, and a person has to choose
  };
  End end = End::resolved;
  store::Conflict conflict{};  ///< as it was found
  size_t places = 0;
  EditAnswer edit{};
};
using ResolutionDone = std::function<void(Result<ResolutionAnswer>)>;

/// An open conflict's end as an edit of its file, made from what is there now: the merge, or the
/// text that was overruled (a deletion where that was one). Where places are left to be chosen, the
/// answer says in how many, and there is no edit.
///
/// Errors: `conflict`, if the file is not what was expected; `not_found`, if a text that it takes
/// is not there, with what to do instead; `refused`, if the spec is deleted; `invalid`, if the
/// content has git's markers still.
struct PlannedEnd {
  ResolutionAnswer answer;
  std::optional<EditRequest> edit;
};
[[nodiscard]] Result<PlannedEnd> plan_end(const store::Tables& tables,
                                          const store::Conflict& conflict,
                                          const ResolutionRequest& request);

/// Marks the conflict as resolved, in the transaction that its caller holds, and tells the journal.
/// What was displaced for it may go (Versions::release): a person has seen to it. `conflict` if it
/// was resolved already; `not_found`.
[[nodiscard]] Result<> write_end(store::Tables& tables, const ConflictEnd& end,
                                 const std::string& actor, WallTime now, Journal& journal);

}  // namespace specd::sync
