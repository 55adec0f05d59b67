#include "store/conflicts.h"

#include "store/columns.h"

namespace specd::store {
namespace {

constexpr std::string_view kKinds[] = {"both_changed", "deleted_on_disk", "deleted_in_db",
                                       "overwritten"};
constexpr std::string_view kResolutions[] = {"open", "merged", "restored", "dismissed"};

#define SPECD_CONFLICT_COLUMNS                                                         \
  "SELECT id, project, spec, path, edit, kind, base_sha256, disk_sha256, row_sha256, " \
  "filesystem_modified_at, db_modified_at, last_synced_at, detected_at, resolution, "  \
  "resolved_at, resolved_by FROM conflicts "

#define SPECD_CONFLICTS_ASKED                                                           \
  "id < ?1 AND (?2 IS NULL OR project = ?2) AND (?3 IS NULL OR spec = ?3) ORDER BY id " \
  "DESC LIMIT ?4"

int64_t before(const ConflictQuery& query) {
  return query.before ? query.before->value : INT64_MAX;
}

Conflict conflict_of(sqlite::Row& row) {
  Conflict conflict;
  conflict.id = ConflictId{row.integer()};
  conflict.project = ProjectId{row.integer()};
  conflict.spec = spec_key(row);
  conflict.path = row.text();
  conflict.edit = EditId{row.integer()};
  conflict.kind = checked_word(row, parse_conflict_kind);
  conflict.base = row.maybe_digest();
  conflict.disk = row.maybe_digest();
  conflict.row = row.maybe_digest();
  conflict.filesystem_modified_at = row.maybe_time();
  conflict.db_modified_at = row.maybe_time();
  conflict.last_synced_at = row.maybe_time();
  conflict.detected_at = row.time();
  conflict.resolution = checked_word(row, parse_resolution);
  conflict.resolved_at = row.maybe_time();
  conflict.resolved_by = row.text();
  return conflict;
}

}  // namespace

std::string_view to_string(ConflictKind kind) {
  return kKinds[static_cast<size_t>(kind)];
}
std::string_view to_string(Resolution resolution) {
  return kResolutions[static_cast<size_t>(resolution)];
}

std::optional<ConflictKind> parse_conflict_kind(std::string_view text) {
  for (size_t i = 0; i < std::size(kKinds); ++i) {
    if (kKinds[i] == text) return static_cast<ConflictKind>(i);
  }
  return std::nullopt;
}

std::optional<Resolution> parse_resolution(std::string_view text) {
  for (size_t i = 0; i < std::size(kResolutions); ++i) {
    if (kResolutions[i] == text) return static_cast<Resolution>(i);
  }
  return std::nullopt;
}

Result<ConflictId> Conflicts::add(const Conflict& conflict) {
  assert_writing(db_);
  SPECD_TRY(db_.run(
      "INSERT INTO conflicts (project, spec, path, edit, kind, base_sha256, disk_sha256, "
      "row_sha256, filesystem_modified_at, db_modified_at, last_synced_at, detected_at) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      conflict.project, conflict.spec, conflict.path, conflict.edit, to_string(conflict.kind),
      conflict.base, conflict.disk, conflict.row, conflict.filesystem_modified_at,
      conflict.db_modified_at, conflict.last_synced_at, conflict.detected_at));
  return ConflictId{db_.last_insert_rowid()};
}

Result<bool> Conflicts::resolve(ConflictId id, Resolution how, std::string_view by, WallTime now) {
  assert_writing(db_);
  SPECD_ASSERT(how != Resolution::open);
  const auto done = db_.run(
      "UPDATE conflicts SET resolution = ?, resolved_at = ?, resolved_by = ? "
      "WHERE id = ? AND resolution = 'open'",
      to_string(how), now, by, id);
  if (!done) return Failure(done.error());
  return *done != 0;
}

Result<std::optional<Conflict>> Conflicts::get(ConflictId id) const {
  return db_.first(SPECD_CONFLICT_COLUMNS "WHERE id = ?", conflict_of, id);
}

Result<std::optional<ConflictId>> Conflicts::of_edit(EditId edit, std::string_view path) const {
  return db_.first(
      "SELECT id FROM conflicts WHERE edit = ? AND path = ? ORDER BY id DESC",
      [](sqlite::Row& row) { return ConflictId{row.integer()}; }, edit, path);
}

// Open conflicts are few; their partial index serves every filter.
Result<std::vector<Conflict>> Conflicts::list_open(const ConflictQuery& query) const {
  return db_.all(SPECD_CONFLICT_COLUMNS "WHERE resolution = 'open' AND " SPECD_CONFLICTS_ASKED,
                 conflict_of, before(query), query.project, query.spec, query.limit);
}

Result<std::vector<Conflict>> Conflicts::list_all(const ConflictQuery& query) const {
  return db_.all(SPECD_CONFLICT_COLUMNS "WHERE " SPECD_CONFLICTS_ASKED, conflict_of, before(query),
                 query.project, query.spec, query.limit);
}

Result<int64_t> Conflicts::count_open() const {
  return db_.integer("SELECT count(*) FROM conflicts WHERE resolution = 'open'");
}

Result<int64_t> Conflicts::count_open(ProjectId project) const {
  return db_.integer("SELECT count(*) FROM conflicts WHERE resolution = 'open' AND project = ?",
                     project);
}

}  // namespace specd::store
