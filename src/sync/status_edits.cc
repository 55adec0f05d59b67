#include "sync/status_edits.h"

#include <algorithm>
#include <utility>

#include "sync/journal.h"
#include "sync/pull_apply.h"
#include "sync/pull_plan.h"

namespace specd::sync {
namespace {

struct StatusEdit {
  store::Dirty entry;
  SpecWork work;
};

Result<> write_down(store::Tables& tables, StatusEdit& edit, Journal& journal,
                    PullApplier& applier) {
  SpecEntry& entry = journal.of(edit.work.record.key);
  entry.author = Author{.trigger = store::Trigger::external_db, .origin = "sql"};
  if (auto done = applier.write_record(edit.work); !done) return done;
  if (std::ranges::find(entry.fields, "status") == entry.fields.end()) {
    entry.fields.emplace_back("status");
    entry.status_from.clear();  // nobody has written it down
  }
  auto cleared = tables.dirty.clear(edit.entry.project, edit.entry.path, edit.entry.rev);
  if (!cleared) return tl::unexpected(cleared.error());
  return {};
}

}  // namespace

Result<std::vector<store::Dirty>> take_status_edits(store::Store& store, const Clock& clock,
                                                    ProjectId project,
                                                    const std::vector<store::Dirty>& entries) {
  std::vector<store::Dirty> others;
  std::vector<StatusEdit> edits;
  for (const store::Dirty& entry : entries) {
    auto spec = store.tables.specs.live_at(project, entry.path);
    if (!spec) return tl::unexpected(spec.error());
    if (!*spec) {
      others.push_back(entry);
      continue;
    }
    auto work = work_from_rows(store.tables, std::move(**spec));
    if (!work) return tl::unexpected(work.error());
    edits.push_back({entry, std::move(*work)});
  }
  if (edits.empty()) return others;
  auto tx = store.begin();
  if (!tx) return tl::unexpected(tx.error());
  Outcome outcome;
  Journal journal(store.tables, project, {store::Trigger::external_db, clock.steady()},
                  clock.wall(), clock.steady());
  PullApplier applier(store.tables, clock, journal, outcome);
  for (StatusEdit& edit : edits) {
    if (auto done = write_down(store.tables, edit, journal, applier); !done)
      return tl::unexpected(done.error());
  }
  if (auto done = journal.write(); !done) return tl::unexpected(done.error());
  if (auto done = tx->commit(); !done) return tl::unexpected(done.error());
  return others;
}

}  // namespace specd::sync
