#include "store/files.h"

#include <functional>

#include "base/hash.h"
#include "base/path.h"
#include "store/file_columns.h"

namespace specd::store {
namespace {

using sqlite::Blob;
using sqlite::Param;

/// TEXT if every SQL client can take it for text, BLOB otherwise.
bool is_text(std::string_view content) {
  return content.find('\0') == std::string_view::npos && is_utf8(content);
}

Param content_param(std::string_view content) {
  return is_text(content) ? Param(content) : Param(Blob{content});
}

// The daemon's way to write: rev is one above the counter, so that no trigger takes it for a
// foreign edit; and then the counter follows.
Result<> raise_counter(sqlite::Database& db) {
  SPECD_TRY(db.run("UPDATE counter SET rev = rev + 1"));
  return {};
}

Result<Rev> counter(sqlite::Database& db) {
  const auto rev = db.integer("SELECT rev FROM counter");
  if (!rev) return Failure(rev.error());
  return Rev{*rev};
}

// A row that an edit of ours has just written: the counter follows, and it is to be pushed.
Result<Rev> mark_edited(sqlite::Database& db, ProjectId project, std::string_view path,
                        WallTime now) {
  SPECD_TRY(raise_counter(db));
  const auto rev = counter(db);
  if (!rev) return Failure(rev.error());
  SPECD_TRY(
      db.run("INSERT INTO dirty (project, path, rev, is_foreign, at) VALUES (?, ?, ?, 0, ?) "
             "ON CONFLICT DO UPDATE SET rev = excluded.rev, is_foreign = 0, at = excluded.at",
             project, path, *rev, now));
  return *rev;
}

Result<> unmark(sqlite::Database& db, ProjectId project, std::string_view path) {
  SPECD_TRY(db.run("DELETE FROM dirty WHERE project = ? AND path = ?", project, path));
  return {};
}

Reason reason_of(OldContent old_content) {
  return old_content == OldContent::keep_displaced ? Reason::displaced : Reason::superseded;
}

// Keeps the row's content, if it is about to be replaced by another one.
Result<> keep_old(sqlite::Database& db, const Pull& pull, const Param& content) {
  if (pull.old_content == OldContent::drop) return {};
  SPECD_TRY(
      db.run("INSERT INTO rescued (project, path, spec, rev, reason, origin, actor, at, content) "
             "SELECT f.project, f.path, f.spec, f.rev, ?, " SPECD_WRITER_OF_F ", ?, f.content "
             "FROM spec_files AS f WHERE f.project = ? AND f.path = ? AND f.rev = ? "
             "AND f.content IS NOT NULL "
             "AND CAST(f.content AS BLOB) IS NOT CAST(? AS BLOB)",
             to_string(reason_of(pull.old_content)), pull.now, pull.project, pull.path,
             pull.planned, content));
  return {};
}

Result<int64_t> write_row(sqlite::Database& db, const Pull& pull, const Param& content) {
  if (pull.planned.value == 0) {
    return db.run(
        "INSERT INTO spec_files (project, path, spec, role, rev, content) "
        "VALUES (?, ?, ?, ?, (SELECT rev FROM counter) + 1, ?) ON CONFLICT DO NOTHING",
        pull.project, pull.path, pull.spec, to_string(pull.role), content);
  }
  // Naming spec or role in SET would rewrite their index even where they stay, which they nearly
  // always do.
  auto same_spec = db.run(
      "UPDATE spec_files SET rev = (SELECT rev FROM counter) + 1, edit = 0, deleted_at = NULL, "
      "content = ? WHERE project = ? AND path = ? AND rev = ? AND spec = ? AND role = ?",
      content, pull.project, pull.path, pull.planned, pull.spec, to_string(pull.role));
  if (!same_spec || *same_spec != 0) return same_spec;
  return db.run(
      "UPDATE spec_files SET spec = ?, role = ?, rev = (SELECT rev FROM counter) + 1, edit = 0, "
      "deleted_at = NULL, content = ? WHERE project = ? AND path = ? AND rev = ?",
      pull.spec, to_string(pull.role), content, pull.project, pull.path, pull.planned);
}

// After raise_counter, so that the counter is the row's rev.
Result<> write_state(sqlite::Database& db, const Pull& pull, bool binary) {
  const auto seen = [&](auto member) {
    return pull.fingerprint ? Param((*pull.fingerprint).*member) : Param();
  };
  const FileFacts& facts = *pull.facts;
  const auto run = [&](sqlite::Sql sql) {
    return db.run(sql, pull.digest, binary, seen(&Fingerprint::dev), seen(&Fingerprint::ino),
                  seen(&Fingerprint::size), seen(&Fingerprint::mtime_ns),
                  seen(&Fingerprint::ctime_ns), facts.title, facts.tasks_done, facts.tasks_total,
                  facts.error, facts.front_matter, pull.project, pull.path, pull.spec,
                  to_string(pull.role));
  };
  // Nearly always the spec and role stay, and with them the index over specs.
  if (pull.planned.value != 0) {
    const auto known = run(
        "UPDATE file_state SET "
        "previous_sha256 = CASE WHEN base_sha256 IS NOT ?1 "
        "                       THEN coalesce(base_sha256, previous_sha256) ELSE previous_sha256 "
        "END, "
        "base_sha256 = ?1, base_binary = ?2, base_from_push = 0, "
        "pushed_rev = (SELECT rev FROM counter), dev = ?3, ino = ?4, size = ?5, mtime_ns = ?6, "
        "ctime_ns = ?7, title = ?8, tasks_done = ?9, tasks_total = ?10, error = ?11, "
        "front_matter = ?12 WHERE project = ?13 AND path = ?14 AND spec = ?15 AND role = ?16");
    if (!known) return Failure(known.error());
    if (*known != 0) return {};
  }
  SPECD_TRY(run(
      "INSERT INTO file_state (base_sha256, base_binary, pushed_rev, dev, ino, size, mtime_ns, "
      "ctime_ns, title, tasks_done, tasks_total, error, front_matter, project, path, spec, role) "
      "VALUES (?, ?, (SELECT rev FROM counter), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (project, path) DO UPDATE SET "
      "previous_sha256 = CASE WHEN base_sha256 IS NOT excluded.base_sha256 "
      "                       THEN coalesce(base_sha256, previous_sha256) ELSE previous_sha256 "
      "END, "
      "base_sha256 = excluded.base_sha256, base_binary = excluded.base_binary, "
      "base_from_push = 0, pushed_rev = excluded.pushed_rev, dev = excluded.dev, "
      "ino = excluded.ino, size = excluded.size, mtime_ns = excluded.mtime_ns, "
      "ctime_ns = excluded.ctime_ns, title = excluded.title, tasks_done = excluded.tasks_done, "
      "tasks_total = excluded.tasks_total, error = excluded.error, "
      "front_matter = excluded.front_matter, spec = excluded.spec, role = excluded.role"));
  return {};
}

}  // namespace

std::string_view to_string(Reason reason) {
  return reason == Reason::displaced ? "displaced" : "superseded";
}

Result<> rescue_row(sqlite::Database& db, ProjectId project, std::string_view path, Reason reason,
                    WallTime now) {
  SPECD_TRY(
      db.run("INSERT INTO rescued (project, path, spec, rev, reason, origin, actor, at, content) "
             "SELECT f.project, f.path, f.spec, f.rev, ?, " SPECD_WRITER_OF_F ", ?, f.content "
             "FROM spec_files AS f WHERE f.project = ? AND f.path = ? "
             "AND f.content IS NOT NULL",
             to_string(reason), now, project, path));
  return {};
}

Result<bool> Files::pull(const Pull& pull) {
  assert_writing(db_);
  SPECD_ASSERT(pull.facts != nullptr);
  const Param content = content_param(pull.content);
  if (pull.planned.value != 0) SPECD_TRY(keep_old(db_, pull, content));
  const auto written = write_row(db_, pull, content);
  if (!written) return Failure(written.error());
  if (*written == 0) return false;
  SPECD_TRY(raise_counter(db_));
  SPECD_TRY(unmark(db_, pull.project, pull.path));
  SPECD_TRY(write_state(db_, pull, content.kind == Param::Kind::blob));
  return true;
}

Result<std::optional<Rev>> Files::edit(const RowEdit& edit) {
  assert_writing(db_);
  const Param content = edit.content ? content_param(*edit.content) : Param();
  const Param deleted_at = edit.content ? Param() : Param(edit.now);
  const auto present = peek(edit.project, edit.path);
  if (!present) return Failure(present.error());
  const Rev at = *present ? (*present)->rev : Rev{0};
  if (at != edit.planned) return std::nullopt;
  if (*present) {
    SPECD_TRY(rescue_row(db_, edit.project, edit.path, edit.old_content, edit.now));
    SPECD_TRY(db_.run(
        "UPDATE spec_files SET spec = ?1, role = ?2, rev = (SELECT rev FROM counter) + 1, "
        "edit = ?3, modified_at = ?4, deleted_at = ?5, "
        "content = CASE WHEN ?5 IS NULL THEN ?6 ELSE content END WHERE project = ?7 AND path = ?8",
        edit.spec, to_string(edit.role), edit.edit, edit.now, deleted_at, content, edit.project,
        edit.path));
  } else {
    if (!edit.content) return std::nullopt;
    SPECD_TRY(db_.run(
        "INSERT INTO spec_files (spec, role, rev, edit, modified_at, content, project, path) "
        "VALUES (?, ?, (SELECT rev FROM counter) + 1, ?, ?, ?, ?, ?)",
        edit.spec, to_string(edit.role), edit.edit, edit.now, content, edit.project, edit.path));
  }
  // Where another spec had the place before, a client's REPLACE would give the row back to that.
  SPECD_TRY(
      db_.run("UPDATE file_state SET spec = ?1, role = ?2 WHERE project = ?3 AND path = ?4 "
              "AND spec <> ?1",
              edit.spec, to_string(edit.role), edit.project, edit.path));
  const auto rev = mark_edited(db_, edit.project, edit.path, edit.now);
  if (!rev) return Failure(rev.error());
  return *rev;
}

Result<> Files::keep(ProjectId project, std::string_view path, WallTime now) {
  assert_writing(db_);
  return rescue_row(db_, project, path, Reason::superseded, now);
}

Result<bool> Files::touch(ProjectId project, std::string_view path, Rev planned, EditId edit,
                          WallTime now) {
  assert_writing(db_);
  const auto touched = db_.run(
      "UPDATE spec_files SET rev = (SELECT rev FROM counter) + 1, edit = ?, modified_at = ? "
      "WHERE project = ? AND path = ? AND rev = ?",
      edit, now, project, path, planned);
  if (!touched) return Failure(touched.error());
  if (*touched == 0) return false;
  SPECD_TRY(mark_edited(db_, project, path, now));
  return true;
}

Result<bool> Files::soft_delete(ProjectId project, std::string_view path, Rev planned, WallTime now,
                                OldContent old_content) {
  assert_writing(db_);
  if (old_content != OldContent::drop) {
    const auto row = peek(project, path);
    if (!row) return Failure(row.error());
    if (!*row || (*row)->rev != planned) return false;
    SPECD_TRY(rescue_row(db_, project, path, reason_of(old_content), now));
  }
  const auto marked = db_.run(
      "UPDATE spec_files SET rev = (SELECT rev FROM counter) + 1, edit = 0, deleted_at = ? "
      "WHERE project = ? AND path = ? AND rev = ?",
      now, project, path, planned);
  if (!marked) return Failure(marked.error());
  if (*marked == 0) return false;
  SPECD_TRY(raise_counter(db_));
  SPECD_TRY(unmark(db_, project, path));
  // A row that a foreign client has made may have no state yet.
  SPECD_TRY(
      db_.run("INSERT INTO file_state (project, path, spec, role) SELECT project, path, spec, role "
              "FROM spec_files WHERE project = ? AND path = ? ON CONFLICT DO NOTHING",
              project, path));
  SPECD_TRY(
      db_.run("UPDATE file_state SET previous_sha256 = coalesce(base_sha256, previous_sha256), "
              "base_sha256 = NULL, base_binary = 0, base_from_push = 0, "
              "pushed_rev = (SELECT rev FROM counter), dev = NULL, ino = NULL, size = NULL, "
              "mtime_ns = NULL, ctime_ns = NULL, error = '' WHERE project = ? AND path = ?",
              project, path));
  return true;
}

Result<std::optional<Rev>> Files::assign(ProjectId project, std::string_view path, Rev planned,
                                         const SpecKey& spec, spec::Role role) {
  assert_writing(db_);
  const auto assigned = db_.run(
      "UPDATE spec_files SET spec = ?, role = ?, rev = (SELECT rev FROM counter) + 1 "
      "WHERE project = ? AND path = ? AND rev = ?",
      spec, to_string(role), project, path, planned);
  if (!assigned) return Failure(assigned.error());
  if (*assigned == 0) return std::nullopt;
  SPECD_TRY(raise_counter(db_));
  const auto rev = counter(db_);
  if (!rev) return Failure(rev.error());
  SPECD_TRY(
      db_.run("UPDATE dirty SET rev = ? WHERE project = ? AND path = ?", *rev, project, path));
  SPECD_TRY(
      db_.run("UPDATE file_state SET spec = ?, role = ?, "
              "pushed_rev = CASE WHEN pushed_rev = ? THEN ? ELSE pushed_rev END "
              "WHERE project = ? AND path = ?",
              spec, to_string(role), planned, *rev, project, path));
  return *rev;
}

Result<> Files::forget(ProjectId project, std::string_view path, WallTime now) {
  assert_writing(db_);
  SPECD_TRY(rescue_row(db_, project, path, Reason::displaced, now));
  SPECD_TRY(db_.run(
      "UPDATE spec_files SET rev = (SELECT rev FROM counter) + 1 WHERE project = ? AND path = ?",
      project, path));
  SPECD_TRY(db_.run("DELETE FROM spec_files WHERE project = ? AND path = ?", project, path));
  SPECD_TRY(raise_counter(db_));
  SPECD_TRY(unmark(db_, project, path));
  SPECD_TRY(db_.run("DELETE FROM file_state WHERE project = ? AND path = ?", project, path));
  return {};
}

Result<std::optional<FileRow>> Files::get(ProjectId project, std::string_view path) const {
  const auto with_content = [](sqlite::Row& row) {
    FileRow file = file_row_of(row);
    file.content = row.text();
    return file;
  };
  return db_.first("SELECT " SPECD_FILE_COLUMNS
                   ", f.content FROM spec_files AS f WHERE f.project = ? AND f.path = ?",
                   with_content, project, path);
}

Result<std::optional<FileRow>> Files::peek(ProjectId project, std::string_view path) const {
  return db_.first("SELECT " SPECD_FILE_COLUMNS
                   " FROM spec_files AS f WHERE f.project = ? AND f.path = ?",
                   file_row_of, project, path);
}

Result<std::vector<FileRow>> Files::of_spec(const SpecKey& spec) const {
  return db_.all("SELECT " SPECD_FILE_COLUMNS
                 " FROM spec_files AS f WHERE f.spec = ? ORDER BY f.path",
                 file_row_of, spec);
}

Result<bool> Files::has_live(const SpecKey& spec) const {
  const auto found = db_.integer(
      "SELECT EXISTS (SELECT 1 FROM spec_files WHERE spec = ? AND deleted_at IS NULL)", spec);
  if (!found) return Failure(found.error());
  return *found != 0;
}

Result<bool> Files::has_unmade(const SpecKey& spec) const {
  const auto found = db_.integer(
      "SELECT EXISTS (SELECT 1 FROM spec_files AS f LEFT JOIN file_state AS s "
      "ON s.project = f.project AND s.path = f.path WHERE f.spec = ? AND f.deleted_at IS NULL "
      "AND f.rev IS NOT s.pushed_rev AND s.base_sha256 IS NULL)",
      spec);
  if (!found) return Failure(found.error());
  return *found != 0;
}

Result<> Files::each_of_spec(const SpecKey& spec,
                             const std::function<void(const FileSummary&)>& visit) const {
  const auto summarize = [&](sqlite::Row& row) {
    FileSummary file;
    file.path = row.bytes();
    file.role = spec::parse_role(row.bytes()).value_or(spec::Role::other);
    file.base = row.maybe_digest();
    file.is_in_step = row.boolean();
    file.title = row.bytes();
    file.tasks_done = row.integer();
    file.tasks_total = row.integer();
    file.error = row.bytes();
    visit(file);
  };
  SPECD_TRY(
      db_.each("SELECT f.path, f.role, s.base_sha256, "
               "s.base_sha256 IS NOT NULL AND s.pushed_rev = f.rev, "
               "s.title, s.tasks_done, s.tasks_total, s.error "
               "FROM spec_files AS f LEFT JOIN file_state AS s "
               "ON s.project = f.project AND s.path = f.path AND s.spec = f.spec "
               "WHERE f.spec = ? AND f.deleted_at IS NULL ORDER BY f.path",
               summarize, spec));
  return db_.each(
      "SELECT path, role, base_sha256, 0, title, tasks_done, tasks_total, error "
      "FROM file_state AS s WHERE spec = ? AND error <> '' AND NOT EXISTS "
      "(SELECT 1 FROM spec_files AS f WHERE f.project = s.project AND f.path = s.path "
      "AND f.spec = s.spec) ORDER BY path",
      summarize, spec);
}

Result<std::vector<FileRow>> Files::orphans(ProjectId project) const {
  return db_.all("SELECT " SPECD_FILE_COLUMNS
                 " FROM spec_files AS f INDEXED BY spec_files_spec "
                 "WHERE f.spec = '' AND f.project = ? ORDER BY f.path",
                 file_row_of, project);
}

Result<std::vector<std::string>> Files::waiting_for_spec(ProjectId project, int64_t limit) const {
  return db_.all(
      "SELECT path FROM spec_files INDEXED BY spec_files_spec "
      "WHERE spec = '' AND project = ? AND deleted_at IS NULL "
      "ORDER BY path LIMIT ?",
      [](sqlite::Row& row) { return row.text(); }, project, limit);
}

Result<bool> Files::all_pushed(ProjectId project) const {
  uint64_t rows = 0, states = 0;
  const auto add_to = [](uint64_t& sum) {
    return [&sum](sqlite::Row& row) {
      const uint64_t path = std::hash<std::string_view>()(row.bytes());
      sum += mixed(path ^ mixed(row.bits()));
    };
  };
  SPECD_TRY(db_.each("SELECT path, rev FROM spec_files INDEXED BY spec_files_rev WHERE project = ?",
                     add_to(rows), project));
  SPECD_TRY(
      db_.each("SELECT path, pushed_rev FROM file_state WHERE project = ? AND pushed_rev <> 0",
               add_to(states), project));
  return rows == states;
}

Result<std::vector<std::string>> Files::missing(ProjectId project) const {
  return db_.all(
      "SELECT s.path FROM file_state AS s WHERE s.project = ? AND s.base_sha256 IS NOT NULL "
      "AND NOT EXISTS (SELECT 1 FROM spec_files AS f "
      "                WHERE f.project = s.project AND f.path = s.path) ORDER BY s.path",
      [](sqlite::Row& row) { return row.text(); }, project);
}

Result<std::vector<FileRow>> Files::unpushed(ProjectId project) const {
  // The inner query reads only the index over rev, and so no content.
  return db_.all("SELECT " SPECD_FILE_COLUMNS
                 " FROM spec_files AS f WHERE f.project = ?1 AND f.path IN "
                 "(SELECT r.path FROM spec_files AS r INDEXED BY spec_files_rev "
                 " LEFT JOIN file_state AS s ON s.project = r.project AND s.path = r.path "
                 " WHERE r.project = ?1 AND r.rev IS NOT s.pushed_rev) ORDER BY f.path",
                 file_row_of, project);
}

}  // namespace specd::store
