#include "store/specs.h"

#include "store/spec_columns.h"

namespace specd::store {
namespace {

SpecPlace place_of(sqlite::Row& row) {
  SpecPlace place;
  place.key = spec_key(row);
  place.kind = checked_word(row, spec::parse_kind);
  place.dir = row.text();
  place.dir_dev = row.bits();
  place.dir_ino = row.bits();
  return place;
}

}  // namespace

Result<> Specs::insert(const Spec& spec) {
  assert_writing(db_);
  SPECD_TRY(db_.run("INSERT INTO specs (" SPECD_SPEC_COLUMNS
                    ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, "
                    "?, ?, ?)",
                    spec.key, spec.project, to_string(spec.kind), spec.id, spec.change_id, spec.dir,
                    spec.dir_dev, spec.dir_ino, spec.title, spec.status, spec.status_set,
                    spec.priority, json_of(spec.tags), spec.assignee, spec.front_matter,
                    spec.tasks_done, spec.tasks_total, to_string(spec.progress),
                    spec.last_synced_at, spec.filesystem_modified_at, spec.db_modified_at,
                    spec.sync_error, spec.archived_at, spec.deleted_at));
  return {};
}

// Naming a column in SET rewrites every index that has it, even where it stays: and where a spec
// is, what it is called and whether it fails nearly always does.
Result<> Specs::update(const Spec& spec) {
  assert_writing(db_);
  const auto told = db_.run(
      "UPDATE specs SET title = ?, status = ?, status_set = ?, priority = ?, tags = ?, "
      "assignee = ?, front_matter = ?, tasks_done = ?, tasks_total = ?, progress = ?, "
      "version = version + 1, last_synced_at = ?, filesystem_modified_at = ?, "
      "db_modified_at = ?, archived_at = ? "
      "WHERE key = ? AND kind = ? AND id = ? AND change_id = ? AND dir = ? AND dir_dev = ? "
      "AND dir_ino = ? AND sync_error = ? AND deleted_at IS ?",
      spec.title, spec.status, spec.status_set, spec.priority, json_of(spec.tags), spec.assignee,
      spec.front_matter, spec.tasks_done, spec.tasks_total, to_string(spec.progress),
      spec.last_synced_at, spec.filesystem_modified_at, spec.db_modified_at, spec.archived_at,
      spec.key, to_string(spec.kind), spec.id, spec.change_id, spec.dir, spec.dir_dev, spec.dir_ino,
      spec.sync_error, spec.deleted_at);
  if (!told) return Failure(told.error());
  return *told != 0 ? Result<>() : update_all(spec);
}

Result<> Specs::update_all(const Spec& spec) {
  const auto changed = db_.run(
      "UPDATE specs SET kind = ?, id = ?, change_id = ?, dir = ?, dir_dev = ?, dir_ino = ?, "
      "title = ?, status = ?, status_set = ?, priority = ?, tags = ?, assignee = ?, "
      "front_matter = ?, tasks_done = ?, tasks_total = ?, progress = ?, version = version + 1, "
      "last_synced_at = ?, filesystem_modified_at = ?, db_modified_at = ?, sync_error = ?, "
      "archived_at = ?, deleted_at = ? WHERE key = ?",
      to_string(spec.kind), spec.id, spec.change_id, spec.dir, spec.dir_dev, spec.dir_ino,
      spec.title, spec.status, spec.status_set, spec.priority, json_of(spec.tags), spec.assignee,
      spec.front_matter, spec.tasks_done, spec.tasks_total, to_string(spec.progress),
      spec.last_synced_at, spec.filesystem_modified_at, spec.db_modified_at, spec.sync_error,
      spec.archived_at, spec.deleted_at, spec.key);
  if (!changed) return Failure(changed.error());
  if (*changed == 0) return fail(Code::not_found, "no spec with key " + spec.key.value.text);
  return {};
}

Result<> Specs::set_folder(const Spec& spec) {
  assert_writing(db_);
  SPECD_TRY(db_.run("UPDATE specs SET dir_dev = ?, dir_ino = ? WHERE key = ?", spec.dir_dev,
                    spec.dir_ino, spec.key));
  return {};
}

Result<> Specs::move(std::span<const SpecMove> moves, WallTime now) {
  assert_writing(db_);
  // Through names that no folder can have, so that two specs can swap theirs.
  for (const SpecMove& move : moves) {
    const auto parked =
        db_.run("UPDATE specs SET id = '/' || key, dir = '/' || key WHERE key = ?", move.key);
    if (!parked) return Failure(parked.error());
    if (*parked == 0) return fail(Code::not_found, "no spec with key " + move.key.value.text);
  }
  for (const SpecMove& move : moves) {
    SPECD_TRY(
        db_.run("UPDATE specs SET kind = ?1, id = ?2, change_id = ?3, dir = ?4, "
                "archived_at = CASE WHEN ?1 = 'archived' THEN coalesce(archived_at, ?5) END, "
                "version = version + 1 WHERE key = ?6",
                to_string(move.kind), move.id, move.change_id, move.dir, now, move.key));
  }
  return {};
}

Result<std::optional<Spec>> Specs::get(const SpecKey& key) const {
  return db_.first("SELECT " SPECD_SPEC_COLUMNS " FROM specs WHERE key = ?", spec_of, key);
}

Result<std::optional<Spec>> Specs::live(ProjectId project, spec::Kind kind,
                                        std::string_view id) const {
  return db_.first("SELECT " SPECD_SPEC_COLUMNS
                   " FROM specs WHERE project = ? AND kind = ? AND id = ? AND deleted_at IS NULL",
                   spec_of, project, to_string(kind), id);
}

Result<std::optional<Spec>> Specs::live_at(ProjectId project, std::string_view dir) const {
  return db_.first("SELECT " SPECD_SPEC_COLUMNS
                   " FROM specs WHERE project = ? AND dir = ? AND deleted_at IS NULL",
                   spec_of, project, dir);
}

Result<std::vector<Spec>> Specs::live_of_kind(ProjectId project, spec::Kind kind) const {
  return db_.all("SELECT " SPECD_SPEC_COLUMNS
                 " FROM specs WHERE project = ? AND kind = ? AND deleted_at IS NULL ORDER BY id",
                 spec_of, project, spec::to_string(kind));
}

Result<std::optional<Spec>> Specs::deleted_at(ProjectId project, std::string_view dir) const {
  return db_.first("SELECT " SPECD_SPEC_COLUMNS
                   " FROM specs WHERE project = ? AND dir = ? AND deleted_at IS NOT NULL "
                   "ORDER BY deleted_at DESC, key DESC",
                   spec_of, project, dir);
}

Result<std::vector<Spec>> Specs::deleted_called(ProjectId project, std::string_view id) const {
  return db_.all("SELECT " SPECD_SPEC_COLUMNS
                 " FROM specs WHERE project = ? AND id = ? AND deleted_at IS NOT NULL "
                 "ORDER BY deleted_at DESC, key DESC",
                 spec_of, project, id);
}

Result<std::vector<Spec>> Specs::archived_from(ProjectId project,
                                               std::string_view change_id) const {
  return db_.all("SELECT " SPECD_SPEC_COLUMNS
                 " FROM specs WHERE change_id = ? AND project = ? AND kind = 'archived' "
                 "AND deleted_at IS NULL ORDER BY id DESC",
                 spec_of, change_id, project);
}

Result<bool> Specs::has_live_folder(ProjectId project, uint64_t dev, uint64_t ino) const {
  auto count = db_.integer(
      "SELECT EXISTS (SELECT 1 FROM specs WHERE project = ? AND dir_ino = ? AND dir_dev = ? "
      "AND deleted_at IS NULL)",
      project, ino, dev);
  if (!count) return Failure(std::move(count.error()));
  return *count != 0;
}

Result<std::vector<Spec>> Specs::live_below(ProjectId project, std::string_view dir) const {
  if (dir.empty()) {
    return db_.all("SELECT " SPECD_SPEC_COLUMNS
                   " FROM specs WHERE project = ? AND deleted_at IS NULL ORDER BY dir",
                   spec_of, project);
  }
  const PathRange range(dir);
  return db_.all("SELECT " SPECD_SPEC_COLUMNS
                 " FROM specs WHERE project = ?1 AND deleted_at IS NULL "
                 // Bounded on both sides first: an OR alone would walk every spec of the project.
                 "AND dir >= ?2 AND dir < ?4 AND (dir = ?2 OR dir > ?3) ORDER BY dir",
                 spec_of, project, dir, range.first, range.last);
}

Result<std::vector<Spec>> Specs::list_live(ProjectId project) const {
  return db_.all("SELECT " SPECD_SPEC_COLUMNS
                 " FROM specs WHERE project = ? AND deleted_at IS NULL ORDER BY kind, id",
                 spec_of, project);
}

Result<std::vector<SpecPlace>> Specs::places(ProjectId project) const {
  return db_.all(
      "SELECT key, kind, dir, dir_dev, dir_ino FROM specs WHERE project = ? AND deleted_at IS NULL",
      place_of, project);
}

Result<std::optional<SpecPlace>> Specs::live_place(const SpecKey& key) const {
  return db_.first(
      "SELECT key, kind, dir, dir_dev, dir_ino FROM specs WHERE key = ? AND deleted_at IS NULL",
      place_of, key);
}

Result<std::vector<Spec>> Specs::list_work(ProjectId project) const {
  return db_.all("SELECT " SPECD_SPEC_COLUMNS
                 " FROM specs "
                 "WHERE project = ? AND deleted_at IS NULL AND kind IN ('change', 'leanspec')",
                 spec_of, project);
}

Result<std::vector<SpecVersion>> Specs::work_versions(ProjectId project) const {
  const auto version_of = [](sqlite::Row& row) {
    SpecVersion found;
    found.key = spec_key(row);
    found.version = row.integer();
    return found;
  };
  return db_.all(
      "SELECT key, version FROM specs "
      "WHERE project = ? AND deleted_at IS NULL AND kind IN ('change', 'leanspec')",
      version_of, project);
}

Result<std::vector<std::string>> Specs::live_dirs(ProjectId project) const {
  return db_.all(
      "SELECT dir FROM specs INDEXED BY specs_live_dir "
      "WHERE project = ? AND deleted_at IS NULL ORDER BY dir",
      [](sqlite::Row& row) { return row.text(); }, project);
}

Result<int64_t> Specs::count_live(ProjectId project) const {
  return db_.integer("SELECT count(*) FROM specs WHERE project = ? AND deleted_at IS NULL",
                     project);
}

Result<int64_t> Specs::count_failing(ProjectId project) const {
  return db_.integer(
      "SELECT count(*) FROM specs WHERE project = ? AND deleted_at IS NULL AND sync_error <> ''",
      project);
}

Result<bool> Specs::has_deleted(ProjectId project) const {
  auto count = db_.integer(
      "SELECT EXISTS (SELECT 1 FROM specs WHERE project = ? AND deleted_at IS NOT NULL)", project);
  if (!count) return Failure(std::move(count.error()));
  return *count != 0;
}

Result<std::vector<Spec>> Specs::revivable(ProjectId project, std::string_view change_id,
                                           uint64_t dir_dev, uint64_t dir_ino) const {
  return db_.all("SELECT " SPECD_SPEC_COLUMNS
                 " FROM specs WHERE project = ?1 AND deleted_at IS NOT NULL "
                 "AND ((?2 <> '' AND change_id = ?2) "
                 "OR (?4 <> 0 AND dir_dev = ?3 AND dir_ino = ?4)) "
                 "ORDER BY deleted_at DESC, key DESC",
                 spec_of, project, change_id, dir_dev, dir_ino);
}

Result<> Specs::remember_contents(const SpecKey& key, std::span<const Digest> contents) {
  assert_writing(db_);
  SPECD_TRY(forget_contents(key));
  for (const Digest& content : contents) {
    SPECD_TRY(
        db_.run("INSERT INTO deleted_contents (spec, sha256, files) VALUES (?, ?, 1) "
                "ON CONFLICT (spec, sha256) DO UPDATE SET files = files + 1",
                key, content));
  }
  return {};
}

Result<std::vector<Digest>> Specs::contents_of_deleted(const SpecKey& key) const {
  std::vector<Digest> contents;
  SPECD_TRY(db_.each(
      "SELECT sha256, files FROM deleted_contents WHERE spec = ? ORDER BY sha256",
      [&](sqlite::Row& row) {
        const std::optional<Digest> content = row.maybe_digest();
        const auto files = static_cast<size_t>(row.integer());
        if (content) contents.insert(contents.end(), files, *content);
      },
      key));
  return contents;
}

Result<> Specs::forget_contents(const SpecKey& key) {
  assert_writing(db_);
  SPECD_TRY(db_.run("DELETE FROM deleted_contents WHERE spec = ?", key));
  return {};
}

Result<Totals> Specs::totals(const SpecKey& key) const {
  const auto totals_of = [](sqlite::Row& row) {
    Totals totals;
    totals.files = row.integer();
    totals.tasks_done = row.integer();
    totals.tasks_total = row.integer();
    totals.first_error = row.text();
    return totals;
  };
  auto totals = db_.first(
      "SELECT count(*), coalesce(sum(tasks_done), 0), coalesce(sum(tasks_total), 0), "
      "(SELECT path || ': ' || error FROM file_state WHERE spec = ?1 AND error <> '' "
      "ORDER BY path LIMIT 1) "
      "FROM file_state WHERE spec = ?1 AND (base_sha256 IS NOT NULL OR error <> '')",
      totals_of, key);
  if (!totals) return Failure(std::move(totals.error()));
  return **totals;
}

}  // namespace specd::store
