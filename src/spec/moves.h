#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "spec/model.h"

/// Which statuses a spec goes through, and which moves between them its daemon allows. Statuses are
/// data: one that the vocabulary does not have may be left and reached by any move.
namespace specd::spec {

struct StatusMove {
  std::string from;
  std::string to;
  friend bool operator==(const StatusMove&, const StatusMove&) = default;
};

/// The life of specs of one layout. Spellings of one status ("in_progress", "in-progress") are the
/// same (`canonical_status`).
struct Workflow {
  /// In order. One of them is "in_progress", and "done" or "complete" comes behind it.
  std::vector<std::string> statuses;
  /// All that are allowed. Empty: one step forward, any number back, "done" and "complete" also
  /// from "in_progress".
  std::vector<StatusMove> moves;
};

struct Workflows {
  Workflow openspec{{"proposing", "approved", "assigned", "in_progress", "review", "done"}, {}};
  Workflow leanspec{{"draft", "planned", "in-progress", "complete", "archived"}, {}};

  [[nodiscard]] const Workflow& of(Kind kind) const {
    return kind == Kind::leanspec ? leanspec : openspec;
  }
};

/// Whether a spec may go from one status to the other. To stay, to go from or to a word that the
/// vocabulary does not have (no word at all, too), and to be "archived" is always allowed.
[[nodiscard]] bool may_move(const Workflow& workflow, std::string_view from, std::string_view to);
/// Where else a spec may go, of the vocabulary's words, in its order.
[[nodiscard]] std::vector<std::string> moves_from(const Workflow& workflow, std::string_view from);

/// The status of a spec that somebody is at work on, as this vocabulary spells it.
[[nodiscard]] const std::string& working_status(const Workflow& workflow);
/// The one behind it: of a spec whose work is done, as far as who did it can tell.
[[nodiscard]] const std::string& completed_status(const Workflow& workflow);
/// Whether there is work to do on a spec of this status: it is not behind `working_status`. One
/// that the vocabulary does not have tells nothing against it.
[[nodiscard]] bool is_to_do(const Workflow& workflow, std::string_view status);

/// Whether it is as `Workflow` says; `invalid` says what it wants. The moves' words are the
/// vocabulary's.
[[nodiscard]] Result<> check_statuses(const std::vector<std::string>& statuses);
[[nodiscard]] Result<> check_moves(const Workflow& workflow);
/// "approved>assigned".
[[nodiscard]] Result<StatusMove> parse_move(std::string_view text);
[[nodiscard]] std::string to_string(const StatusMove& move);

}  // namespace specd::spec
