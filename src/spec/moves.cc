#include "spec/moves.h"

#include <algorithm>
#include <optional>

#include "spec/lifecycle.h"

namespace specd::spec {
namespace {

using Place = std::optional<size_t>;

bool is_same(std::string_view one, std::string_view other) {
  return canonical_status(one) == canonical_status(other);
}

Place place_of(const std::vector<std::string>& statuses, std::string_view status) {
  const auto found = std::ranges::find_if(
      statuses, [&](const std::string& known) { return is_same(known, status); });
  if (found == statuses.end()) return std::nullopt;
  return static_cast<size_t>(found - statuses.begin());
}

bool is_end(std::string_view status) {
  return status == "done" || is_same(status, "complete");
}

}  // namespace

bool may_move(const Workflow& workflow, std::string_view from, std::string_view to) {
  const Place at = place_of(workflow.statuses, from), goal = place_of(workflow.statuses, to);
  if (!at || !goal || at == goal || to == "archived") return true;
  if (!workflow.moves.empty()) {
    return std::ranges::any_of(workflow.moves, [&](const StatusMove& move) {
      return is_same(move.from, from) && is_same(move.to, to);
    });
  }
  const bool is_worked_on = *at >= place_of(workflow.statuses, "in-progress").value_or(0);
  return *goal <= *at + 1 || (is_end(to) && is_worked_on);
}

std::vector<std::string> moves_from(const Workflow& workflow, std::string_view from) {
  std::vector<std::string> open;
  for (const std::string& status : workflow.statuses) {
    if (!is_same(status, from) && may_move(workflow, from, status)) open.push_back(status);
  }
  return open;
}

const std::string& working_status(const Workflow& workflow) {
  return workflow.statuses[place_of(workflow.statuses, "in-progress").value_or(0)];
}

const std::string& completed_status(const Workflow& workflow) {
  const size_t working = place_of(workflow.statuses, "in-progress").value_or(0);
  return workflow.statuses[std::min(working + 1, workflow.statuses.size() - 1)];
}

bool is_to_do(const Workflow& workflow, std::string_view status) {
  const Place at = place_of(workflow.statuses, status);
  return !at || *at <= place_of(workflow.statuses, "in-progress").value_or(0);
}

Result<> check_statuses(const std::vector<std::string>& statuses) {
  constexpr size_t kLongest = 200;
  for (const std::string& status : statuses) {
    const bool is_word = !status.empty() && status.size() <= kLongest &&
                         status.find_first_of("\r\n>") == std::string::npos;
    if (!is_word) return fail(Code::invalid, "wants statuses of one line, without \">\"");
    const auto is_it = [&](const std::string& other) { return is_same(status, other); };
    if (std::ranges::count_if(statuses, is_it) > 1)
      return fail(Code::invalid, "has \"" + status + "\" twice");
  }
  const Place working = place_of(statuses, "in-progress");
  const auto end = std::ranges::find_if(statuses, is_end);
  if (!working || end == statuses.end() || end - statuses.begin() <= static_cast<long>(*working))
    return fail(Code::invalid,
                "wants \"in_progress\", and behind it \"done\" (OpenSpec) or \"complete\" "
                "(LeanSpec), since claims and dependencies go by these");
  return {};
}

Result<> check_moves(const Workflow& workflow) {
  for (const StatusMove& move : workflow.moves) {
    for (const std::string& status : {move.from, move.to}) {
      if (!place_of(workflow.statuses, status))
        return fail(Code::invalid,
                    to_string(move) + ": \"" + status + "\" is none of the statuses");
    }
  }
  return {};
}

Result<StatusMove> parse_move(std::string_view text) {
  const size_t at = text.find('>');
  const bool is_move = at != std::string_view::npos && at != 0 && at + 1 != text.size() &&
                       text.find('>', at + 1) == std::string_view::npos;
  if (!is_move)
    return fail(Code::invalid,
                "wants moves such as approved>assigned; \"" + std::string(text) + "\" is none");
  return StatusMove{std::string(text.substr(0, at)), std::string(text.substr(at + 1))};
}

std::string to_string(const StatusMove& move) {
  return move.from + ">" + move.to;
}

}  // namespace specd::spec
