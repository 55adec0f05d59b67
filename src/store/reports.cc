#include "store/reports.h"

#include <algorithm>

#include "store/columns.h"

namespace specd::store {

Result<std::vector<SpecCount>> Reports::specs(std::optional<ProjectId> project) const {
  return db_.all(
      "SELECT kind, status, progress, count(*), sum(tasks_done), sum(tasks_total) FROM specs "
      // In the order of the rows: an index would lead to them here and there.
      "NOT INDEXED WHERE deleted_at IS NULL AND (?1 IS NULL OR project = ?1) "
      "GROUP BY kind, status, progress ORDER BY kind, status, progress",
      [](sqlite::Row& row) {
        SpecCount count;
        count.kind = checked_word(row, spec::parse_kind);
        count.status = row.text();
        count.progress = spec::parse_progress(row.bytes()).value_or(spec::Progress::no_tasks);
        count.specs = row.integer();
        count.tasks_done = row.integer();
        count.tasks_total = row.integer();
        return count;
      },
      project);
}

Result<FileTotals> Reports::files(std::optional<ProjectId> project) const {
  auto totals = db_.first(
      "SELECT count(*), coalesce(sum(size), 0) FROM file_state "
      "WHERE base_sha256 IS NOT NULL AND (?1 IS NULL OR project = ?1)",
      [](sqlite::Row& row) {
        FileTotals found;
        found.files = row.integer();
        found.bytes = row.integer();
        return found;
      },
      project);
  if (!totals) return Failure(std::move(totals.error()));
  return **totals;
}

Result<std::vector<DayCount>> Reports::activity(std::optional<ProjectId> project,
                                                WallTime since) const {
  return db_.all(
      "SELECT day, sum(CASE WHEN success THEN times ELSE 0 END), "
      "sum(CASE WHEN success THEN 0 ELSE times END) FROM ("
      "SELECT synced_at / 86400000000 AS day, success, 1 AS times FROM sync_history "
      "WHERE synced_at >= ?2 AND (?1 IS NULL OR project = ?1) "
      "UNION ALL "
      "SELECT last_at / 86400000000, success, count - 1 FROM sync_history "
      "WHERE count > 1 AND last_at >= ?2 AND (?1 IS NULL OR project = ?1)) "
      "GROUP BY day ORDER BY day",
      [](sqlite::Row& row) {
        DayCount count;
        count.day = row.integer();
        count.changes = row.integer();
        count.failures = row.integer();
        return count;
      },
      project, since);
}

Result<std::vector<int64_t>> Reports::durations_us(std::optional<ProjectId> project,
                                                   int64_t limit) const {
  auto durations = db_.all(
      "SELECT duration_us FROM sync_history WHERE triggered_by = 'file_watcher' AND success = 1 "
      "AND (?1 IS NULL OR project = ?1) ORDER BY id DESC LIMIT ?2",
      [](sqlite::Row& row) { return row.integer(); }, project, limit);
  if (durations) std::sort(durations->begin(), durations->end());
  return durations;
}

// The names first: sorting rows with their contents would read all of them, however soon the
// caller has enough.
Result<> Reports::each_delta(ProjectId project,
                             const std::function<bool(const DeltaFile&)>& take) const {
  struct Name {
    SpecKey spec;
    std::string path;
  };
  const auto names = db_.all(
      "SELECT f.spec, f.path FROM specs AS s JOIN spec_files AS f ON f.spec = s.key "
      "WHERE s.project = ?1 AND s.kind = 'change' AND s.deleted_at IS NULL "
      "AND f.project = ?1 AND f.role = 'delta' AND f.deleted_at IS NULL ORDER BY f.path",
      [](sqlite::Row& row) {
        Name name;
        name.spec = spec_key(row);
        name.path = row.text();
        return name;
      },
      project);
  if (!names) return Failure(names.error());
  for (const Name& name : *names) {
    bool is_enough = false;
    SPECD_TRY(db_.each(
        "SELECT content FROM spec_files WHERE project = ? AND path = ?",
        [&](sqlite::Row& row) { is_enough = !take({name.spec, name.path, row.bytes()}); }, project,
        name.path));
    if (is_enough) break;
  }
  return {};
}

Result<int64_t> Reports::count_after(Rev rev) const {
  return db_.integer("SELECT count(*) FROM spec_files WHERE rev > ?", rev);
}

}  // namespace specd::store
