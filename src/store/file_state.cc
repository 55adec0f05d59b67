#include "store/file_state.h"

#include "store/columns.h"

namespace specd::store {
namespace {

#define SPECD_STATE_COLUMNS                                                                    \
  "project, path, spec, role, base_sha256, previous_sha256, base_from_push, pushed_rev, dev, " \
  "ino, size, mtime_ns, ctime_ns, title, tasks_done, tasks_total, front_matter, error"

std::optional<Fingerprint> fingerprint_of(sqlite::Row& row) {
  const bool seen = !row.at_null();
  Fingerprint fingerprint;
  fingerprint.dev = row.bits();
  fingerprint.ino = row.bits();
  fingerprint.size = row.integer();
  fingerprint.mtime_ns = row.integer();
  fingerprint.ctime_ns = row.integer();
  return seen ? std::optional(fingerprint) : std::nullopt;
}

FileState state_of(sqlite::Row& row) {
  FileState state;
  state.project = ProjectId{row.integer()};
  state.path = row.text();
  state.spec = spec_key(row);
  state.role = spec::parse_role(row.bytes()).value_or(spec::Role::other);
  state.base = row.maybe_digest();
  state.previous_base = row.maybe_digest();
  state.base_from_push = row.boolean();
  state.pushed_rev = Rev{row.integer()};
  state.fingerprint = fingerprint_of(row);
  state.facts.title = row.text();
  state.facts.tasks_done = row.integer();
  state.facts.tasks_total = row.integer();
  state.facts.front_matter = row.maybe_text();
  state.facts.error = row.text();
  return state;
}

}  // namespace

Result<> FileStates::agree(const Agreement& agreement) {
  assert_writing(db_);
  const auto& seen = agreement.fingerprint;
  const auto part = [&](auto member) {
    return seen ? sqlite::Param((*seen).*member) : sqlite::Param();
  };
  SPECD_TRY(db_.run(
      "INSERT INTO file_state (project, path, spec, role, base_sha256, base_binary, "
      "base_from_push, pushed_rev, dev, ino, size, mtime_ns, ctime_ns) "
      "VALUES (?1, ?2, "
      "coalesce((SELECT spec FROM spec_files WHERE project = ?1 AND path = ?2), ''), "
      "coalesce((SELECT role FROM spec_files WHERE project = ?1 AND path = ?2), 'other'), "
      "?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) "
      "ON CONFLICT (project, path) DO UPDATE SET "
      "previous_sha256 = CASE WHEN base_sha256 IS NOT excluded.base_sha256 "
      "                       THEN coalesce(base_sha256, previous_sha256) ELSE previous_sha256 "
      "END, "
      "base_sha256 = excluded.base_sha256, base_binary = excluded.base_binary, "
      "base_from_push = excluded.base_from_push, pushed_rev = excluded.pushed_rev, "
      "dev = excluded.dev, ino = excluded.ino, size = excluded.size, "
      "mtime_ns = excluded.mtime_ns, ctime_ns = excluded.ctime_ns",
      agreement.project, agreement.path, agreement.base, agreement.binary, agreement.from_push,
      agreement.pushed_rev, part(&Fingerprint::dev), part(&Fingerprint::ino),
      part(&Fingerprint::size), part(&Fingerprint::mtime_ns), part(&Fingerprint::ctime_ns)));
  return {};
}

Result<> FileStates::refresh(ProjectId project, std::string_view path,
                             const Fingerprint& fingerprint) {
  assert_writing(db_);
  SPECD_TRY(
      db_.run("UPDATE file_state SET dev = ?, ino = ?, size = ?, mtime_ns = ?, ctime_ns = ? "
              "WHERE project = ? AND path = ?",
              fingerprint.dev, fingerprint.ino, fingerprint.size, fingerprint.mtime_ns,
              fingerprint.ctime_ns, project, path));
  return {};
}

Result<> FileStates::set_facts(ProjectId project, std::string_view path, const FileFacts& facts) {
  assert_writing(db_);
  SPECD_TRY(
      db_.run("UPDATE file_state SET title = ?, tasks_done = ?, tasks_total = ?, front_matter = ?, "
              "error = ? WHERE project = ? AND path = ?",
              facts.title, facts.tasks_done, facts.tasks_total, facts.front_matter, facts.error,
              project, path));
  return {};
}

Result<> FileStates::set_error(ProjectId project, std::string_view path, const SpecKey& spec,
                               spec::Role role, std::string_view error) {
  assert_writing(db_);
  SPECD_TRY(
      db_.run("INSERT INTO file_state (project, path, spec, role, error) VALUES (?, ?, ?, ?, ?) "
              "ON CONFLICT (project, path) DO UPDATE SET error = excluded.error",
              project, path, spec, to_string(role), error));
  return {};
}

Result<> FileStates::forget(ProjectId project, std::string_view path) {
  assert_writing(db_);
  SPECD_TRY(db_.run("DELETE FROM file_state WHERE project = ? AND path = ?", project, path));
  return {};
}

Result<std::optional<FileState>> FileStates::get(ProjectId project, std::string_view path) const {
  return db_.first("SELECT " SPECD_STATE_COLUMNS " FROM file_state WHERE project = ? AND path = ?",
                   state_of, project, path);
}

Result<> FileStates::each_look(ProjectId project,
                               const std::function<void(const FileLook&)>& visit) const {
  return db_.each(
      "SELECT path, spec, base_sha256 IS NOT NULL OR error <> '', dev, ino, size, mtime_ns, "
      "ctime_ns "
      "FROM file_state WHERE project = ? ORDER BY path",
      [&](sqlite::Row& row) {
        FileLook look;
        look.path = row.bytes();
        look.spec = row.bytes();
        look.is_there = row.boolean();
        look.fingerprint = fingerprint_of(row);
        visit(look);
      },
      project);
}

Result<std::vector<FileState>> FileStates::below(ProjectId project, std::string_view dir) const {
  if (dir.empty()) {
    return db_.all("SELECT " SPECD_STATE_COLUMNS " FROM file_state WHERE project = ? ORDER BY path",
                   state_of, project);
  }
  const PathRange range(dir);
  return db_.all("SELECT " SPECD_STATE_COLUMNS
                 " FROM file_state WHERE project = ?1 "
                 // Bounded on both sides first: an OR alone would read the whole project.
                 "AND path >= ?2 AND path < ?4 AND (path = ?2 OR path > ?3) ORDER BY path",
                 state_of, project, dir, range.first, range.last);
}

Result<std::vector<FileState>> FileStates::of_spec(const SpecKey& spec) const {
  return db_.all("SELECT " SPECD_STATE_COLUMNS " FROM file_state WHERE spec = ? ORDER BY path",
                 state_of, spec);
}

}  // namespace specd::store
