#include "sync/row_guard.h"

#include <algorithm>
#include <set>

#include "sync/core/guard.h"

namespace specd::sync {
namespace {

// How long a text that went through is remembered, so that others like it are noticed.
constexpr std::chrono::seconds kMoment{60};
// However many follow each other, the first waits no longer than so many times the grace.
constexpr int kMostGraces = 10;

}  // namespace

Result<std::optional<Digest>> RowGuard::digest_of(const store::ForeignEdit& row) const {
  // New files take nobody's text away, however alike they are.
  if (row.is_deletion || !row.has_base) return std::optional<Digest>();
  auto full = tables_.files.get(project_, row.path);
  if (!full) return tl::unexpected(full.error());
  if (!*full) return std::optional<Digest>();
  return std::optional(sha256((*full)->content));
}

Result<> RowGuard::look(SteadyTime now) {
  auto rows = tables_.dirty.foreign(project_);
  if (!rows) return tl::unexpected(rows.error());
  std::map<std::string, Edit> seen;
  for (store::ForeignEdit& row : *rows) {
    const auto known = edits_.find(row.path);
    if (known != edits_.end() && known->second.row.rev == row.rev) {
      seen.emplace(row.path, std::move(known->second));
      edits_.erase(known);
      continue;
    }
    Edit edit;
    auto content = digest_of(row);
    if (!content) return tl::unexpected(content.error());
    edit.content = *content;
    const std::string path = row.path;
    edit.row = std::move(row);
    seen.emplace(path, std::move(edit));
  }
  std::swap(seen, edits_);
  remember_written(std::move(seen), now);
  if (suspect()) {
    if (!waiting_since_) waiting_since_ = now;
    waiting_until_ = std::min(now + grace_, *waiting_since_ + kMostGraces * grace_);
  }
  return judge();
}

/// What is no longer waiting was written to disk, mostly. It counts with what comes next, since a
/// client may take its time.
void RowGuard::remember_written(std::map<std::string, Edit> before, SteadyTime now) {
  std::erase_if(written_, [&](const auto& each) { return now - each.second.at > kMoment; });
  for (auto& [path, edit] : before) {
    const bool is_of_interest = edit.content || edit.suspicion != Suspicion::none;
    if (!is_of_interest || edit.is_released || edits_.contains(path)) continue;
    written_[path] = {std::move(edit.row), edit.content, edit.suspicion, now};
  }
}

/// Says of each row what it may be part of. Whether there is a new suspicion.
bool RowGuard::suspect() {
  std::map<Digest, size_t> alike;
  for (const auto& [path, written] : written_) {
    if (written.content) ++alike[*written.content];
  }
  for (const auto& [path, edit] : edits_) {
    if (edit.content && !edit.is_released) ++alike[*edit.content];
  }
  bool is_new = false;
  for (auto& [path, edit] : edits_) {
    if (edit.is_let_through || edit.suspicion != Suspicion::none || !edit.row.has_base) continue;
    if (edit.row.is_deletion)
      edit.suspicion = Suspicion::deleted;
    else if (edit.content == sha256(""))
      edit.suspicion = Suspicion::emptied;
    else if (edit.content && alike[*edit.content] > 1)
      edit.suspicion = Suspicion::made_identical;
    is_new = is_new || edit.suspicion != Suspicion::none;
  }
  return is_new;
}

Result<> RowGuard::judge() {
  core::RowFacts facts;
  std::set<SpecKey> bereft;
  std::map<Digest, size_t> alike;
  const auto count = [&](const store::ForeignEdit& row, const std::optional<Digest>& content,
                         Suspicion suspicion) {
    if (suspicion == Suspicion::deleted) bereft.insert(row.spec);
    if (suspicion == Suspicion::emptied) ++facts.files_emptied;
    if (content && suspicion != Suspicion::emptied)
      facts.files_made_identical = std::max(facts.files_made_identical, ++alike[*content]);
  };
  bool is_any = false;
  for (const auto& [path, edit] : edits_) {
    if (edit.is_let_through || edit.suspicion == Suspicion::none) continue;
    is_any = true;
    count(edit.row, edit.content, edit.suspicion);
  }
  if (!is_any) {
    waiting_since_.reset();
    reason_.clear();
    return {};
  }
  for (const auto& [path, written] : written_) {
    if (!edits_.contains(path)) count(written.row, written.content, written.suspicion);
  }
  facts.specs_bereft = bereft.size();
  auto known = tables_.specs.count_live(project_);
  if (!known) return tl::unexpected(known.error());
  facts.specs_known = static_cast<size_t>(*known);
  const core::Decision decision = core::guard_rows(facts);
  // What is held stays so, also where the client has taken some of it back.
  if (decision.verdict == core::Verdict::hold) reason_ = decision.reason;
  return {};
}

bool RowGuard::let_waiting_through(SteadyTime now) {
  const auto due = next();
  if (!due || *due > now) return false;
  for (auto& [path, edit] : edits_) edit.is_let_through = true;
  waiting_since_.reset();
  return true;
}

std::optional<SteadyTime> RowGuard::next() const {
  if (!waiting_since_ || !reason_.empty()) return std::nullopt;
  return waiting_until_;
}

bool RowGuard::keeps(const std::string& path) const {
  const auto at = edits_.find(path);
  return at != edits_.end() && at->second.suspicion != Suspicion::none &&
         !at->second.is_let_through;
}

bool RowGuard::was_seen(const std::string& path, Rev rev) const {
  const auto at = edits_.find(path);
  return at != edits_.end() && at->second.row.rev == rev;
}

std::vector<RowGuard::Held> RowGuard::held() const {
  std::vector<Held> held;
  if (reason_.empty()) return held;
  for (const auto& [path, edit] : edits_) {
    if (keeps(path)) held.push_back({path, edit.suspicion});
  }
  return held;
}

void RowGuard::release() {
  for (auto& [path, edit] : edits_) edit.is_let_through = edit.is_released = true;
  waiting_since_.reset();
  reason_.clear();
}

}  // namespace specd::sync
