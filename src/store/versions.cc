#include "store/versions.h"

#include <map>
#include <utility>

#include "base/zstd.h"
#include "store/columns.h"

namespace specd::store {
namespace {

// No content is larger: files past a limit far below this are not imported.
constexpr size_t kMaxContent = size_t{1} << 30;

#define SPECD_VERSION_COLUMNS                                                              \
  "v.id, v.project, v.path, v.spec, v.sha256, c.size, v.reason, v.origin, v.actor, v.at, " \
  "v.dismissed_at FROM versions AS v JOIN contents AS c ON c.sha256 = v.sha256"

std::optional<Reason> parse_reason(std::string_view text) {
  if (text == "displaced") return Reason::displaced;
  if (text == "superseded") return Reason::superseded;
  return std::nullopt;
}

Version version_of(sqlite::Row& row) {
  Version version;
  version.id = VersionId{row.integer()};
  version.project = ProjectId{row.integer()};
  version.path = row.text();
  version.spec = spec_key(row);
  version.digest = row.maybe_digest().value_or(Digest{});
  version.size = row.integer();
  version.reason = checked_word(row, parse_reason);
  version.origin = row.text();
  version.actor = row.text();
  version.at = row.time();
  version.dismissed_at = row.maybe_time();
  return version;
}

Result<> put_content(sqlite::Database& db, const Digest& digest, std::string_view content) {
  const auto present = db.integer("SELECT count(*) FROM contents WHERE sha256 = ?", digest);
  if (!present) return Failure(present.error());
  if (*present != 0) return {};
  const std::string frame = zstd::compress(content);
  SPECD_TRY(db.run("INSERT INTO contents (sha256, size, zstd) VALUES (?, ?, ?)", digest,
                   static_cast<int64_t>(content.size()), sqlite::Blob{frame}));
  return {};
}

// Every version as retention sees it. Of a content that something still rests on, the latest
// version is pinned.
Result<std::vector<Candidate>> candidates(sqlite::Database& db) {
  std::map<std::pair<int64_t, std::string>, int64_t> files;
  const auto candidate_of = [&](sqlite::Row& row) {
    Candidate candidate;
    candidate.id = VersionId{row.integer()};
    const int64_t project = row.integer();
    candidate.file =
        files.try_emplace({project, row.text()}, static_cast<int64_t>(files.size())).first->second;
    candidate.at = row.time();
    candidate.bytes = row.integer();
    candidate.pinned = row.boolean();
    return candidate;
  };
  return db.all(
      "WITH needed (sha256) AS (SELECT base_sha256 FROM file_state "
      "  UNION SELECT previous_sha256 FROM file_state "
      "  UNION SELECT base_sha256 FROM conflicts WHERE resolution = 'open' "
      "  UNION SELECT disk_sha256 FROM conflicts WHERE resolution = 'open' "
      "  UNION SELECT row_sha256 FROM conflicts WHERE resolution = 'open') "
      "SELECT v.id, v.project, v.path, v.at, "
      "(SELECT length(zstd) FROM contents WHERE sha256 = v.sha256), "
      "(v.reason = 'displaced' AND v.dismissed_at IS NULL) OR "
      "(EXISTS (SELECT 1 FROM needed WHERE needed.sha256 = v.sha256) AND NOT EXISTS "
      " (SELECT 1 FROM versions AS n WHERE n.sha256 = v.sha256 AND n.id > v.id)) "
      "FROM versions AS v",
      candidate_of);
}

}  // namespace

Result<VersionId> Versions::put(const Keep& keep) {
  assert_writing(db_);
  const Digest digest = sha256(keep.content);
  const auto same = db_.first(
      "SELECT id FROM (SELECT id, sha256, reason, dismissed_at FROM versions "
      "WHERE project = ? AND path = ? ORDER BY id DESC LIMIT 1) "
      "WHERE sha256 = ? AND dismissed_at IS NULL AND (reason = 'displaced' OR reason = ?)",
      [](sqlite::Row& row) { return VersionId{row.integer()}; }, keep.project, keep.path, digest,
      to_string(keep.reason));
  if (!same) return Failure(same.error());
  if (*same) return **same;
  SPECD_TRY(put_content(db_, digest, keep.content));
  SPECD_TRY(
      db_.run("INSERT INTO versions (project, path, spec, sha256, reason, origin, actor, at) "
              "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
              keep.project, keep.path, keep.spec, digest, to_string(keep.reason),
              keep.source.origin, keep.source.actor, keep.now));
  return VersionId{db_.last_insert_rowid()};
}

Result<> Versions::dismiss(VersionId id, WallTime now) {
  assert_writing(db_);
  const auto done = db_.run("UPDATE versions SET dismissed_at = ? WHERE id = ?", now, id);
  if (!done) return Failure(done.error());
  if (*done == 0) return fail(Code::not_found, "no such version");
  return {};
}

Result<> Versions::release(ProjectId project, std::string_view path, const Digest& digest,
                           WallTime now) {
  assert_writing(db_);
  SPECD_TRY(db_.run(
      "UPDATE versions SET dismissed_at = ?4 WHERE project = ?1 AND path = ?2 AND sha256 = ?3 "
      "AND reason = 'displaced' AND dismissed_at IS NULL AND NOT EXISTS "
      "(SELECT 1 FROM conflicts AS c WHERE c.resolution = 'open' AND c.project = ?1 "
      " AND c.path = ?2 AND ?3 IN (c.base_sha256, c.disk_sha256, c.row_sha256))",
      project, path, digest, now));
  return {};
}

Result<> Versions::keep(VersionId id) {
  assert_writing(db_);
  const auto done =
      db_.run("UPDATE versions SET dismissed_at = NULL, reason = 'displaced' WHERE id = ?", id);
  if (!done) return Failure(done.error());
  if (*done == 0) return fail(Code::not_found, "no such version");
  return {};
}

Result<int64_t> Versions::apply(const RetentionPolicy& policy, WallTime now) {
  assert_writing(db_);
  const auto versions = candidates(db_);
  if (!versions) return Failure(versions.error());
  const std::vector<VersionId> gone = expired(*versions, policy, now);
  for (const VersionId id : gone) SPECD_TRY(db_.run("DELETE FROM versions WHERE id = ?", id));
  if (!gone.empty()) {
    SPECD_TRY(
        db_.run("DELETE FROM contents WHERE NOT EXISTS "
                "(SELECT 1 FROM versions WHERE versions.sha256 = contents.sha256)"));
  }
  return static_cast<int64_t>(gone.size());
}

Result<int64_t> Versions::count_displaced(ProjectId project) const {
  return db_.integer(
      "SELECT (SELECT count(*) FROM versions WHERE project = ?1 AND reason = 'displaced' "
      "AND dismissed_at IS NULL) + "
      "(SELECT count(*) FROM rescued WHERE project = ?1 AND reason = 'displaced')",
      project);
}

Result<std::vector<Version>> Versions::list(ProjectId project, std::string_view path,
                                            int64_t limit) const {
  return db_.all("SELECT " SPECD_VERSION_COLUMNS
                 " WHERE v.project = ? AND v.path = ? ORDER BY v.id DESC LIMIT ?",
                 version_of, project, path, limit);
}

Result<std::optional<Version>> Versions::get(VersionId id) const {
  return db_.first("SELECT " SPECD_VERSION_COLUMNS " WHERE v.id = ?", version_of, id);
}

Result<std::string> Versions::content(const Digest& digest) const {
  const auto text_of = [](sqlite::Row& row) { return row.text(); };
  const auto frame = db_.first("SELECT zstd FROM contents WHERE sha256 = ?", text_of, digest);
  if (!frame) return Failure(frame.error());
  if (*frame) return zstd::decompress(**frame, kMaxContent);
  // Put aside a moment ago, and not yet moved: few, and not indexed by content.
  std::optional<std::string> raw;
  SPECD_TRY(db_.each("SELECT content FROM rescued ORDER BY id DESC", [&](sqlite::Row& row) {
    const std::string_view bytes = row.bytes();
    if (sha256(bytes) != digest) return true;
    raw = bytes;
    return false;
  }));
  if (!raw) return fail(Code::not_found, "no content with SHA-256 " + digest.hex());
  return std::move(*raw);
}

Result<std::vector<std::string>> Versions::paths_of(const SpecKey& spec,
                                                    const Digest& digest) const {
  return db_.all(
      "SELECT path FROM versions WHERE spec = ? AND sha256 = ? GROUP BY path ORDER BY max(id) DESC",
      [](sqlite::Row& row) { return row.text(); }, spec, digest);
}

Result<bool> Versions::has(ProjectId project, std::string_view path, const Digest& digest) const {
  const auto kept =
      db_.integer("SELECT count(*) FROM versions WHERE project = ? AND path = ? AND sha256 = ?",
                  project, path, digest);
  if (!kept) return Failure(kept.error());
  if (*kept != 0) return true;
  bool found = false;
  // Asked about is what was put aside a moment ago.
  SPECD_TRY(db_.each(
      "SELECT content FROM rescued WHERE project = ? AND path = ? ORDER BY id DESC",
      [&](sqlite::Row& row) { return !(found = sha256(row.bytes()) == digest); }, project, path));
  return found;
}

Result<int64_t> Rescued::count() const {
  return db_.integer("SELECT count(*) FROM rescued");
}

Result<std::vector<Version>> Rescued::list(ProjectId project, std::string_view path,
                                           int64_t limit) const {
  return db_.all(
      "SELECT spec, reason, origin, actor, at, content FROM rescued "
      "WHERE project = ? AND path = ? AND content IS NOT NULL ORDER BY id DESC LIMIT ?",
      [&](sqlite::Row& row) {
        Version version{.project = project, .path = std::string(path), .spec = spec_key(row)};
        version.reason = checked_word(row, parse_reason);
        version.origin = row.text();
        version.actor = row.text();
        version.at = row.time();
        const std::string_view content = row.bytes();
        version.digest = sha256(content);
        version.size = static_cast<int64_t>(content.size());
        return version;
      },
      project, path, limit);
}

// One at a time: contents can be large.
Result<bool> Rescued::move_oldest(Versions& versions, std::optional<ProjectId> project,
                                  std::string_view path) {
  struct Raw {
    int64_t id = 0;
    Version version;
    std::optional<std::string> content;
  };
  const auto raw_of = [](sqlite::Row& row) {
    Raw raw;
    raw.id = row.integer();
    raw.version.project = ProjectId{row.integer()};
    raw.version.path = row.text();
    raw.version.spec = spec_key(row);
    raw.version.reason = checked_word(row, parse_reason);
    raw.version.origin = row.text();
    raw.version.actor = row.text();
    raw.version.at = row.time();
    raw.content = row.maybe_text();
    return raw;
  };
  const auto raw = db_.first(
      "SELECT id, project, path, spec, reason, origin, actor, at, content FROM rescued "
      "WHERE ?1 IS NULL OR (project = ?1 AND path = ?2) ORDER BY id LIMIT 1",
      raw_of, project, path);
  if (!raw) return Failure(raw.error());
  if (!*raw) return false;
  const auto& [id, version, content] = **raw;
  if (content) {
    SPECD_TRY(versions.put({.project = version.project,
                            .path = version.path,
                            .spec = version.spec,
                            .content = *content,
                            .reason = version.reason,
                            .source = {version.origin, version.actor},
                            .now = version.at}));
  }
  SPECD_TRY(db_.run("DELETE FROM rescued WHERE id = ?", id));
  return true;
}

Result<int64_t> Rescued::move_to_versions(Versions& versions, int64_t limit) {
  assert_writing(db_);
  for (int64_t moved = 0; moved < limit; ++moved) {
    const auto has_moved = move_oldest(versions, {}, "");
    if (!has_moved) return Failure(has_moved.error());
    if (!*has_moved) return moved;
  }
  return limit;
}

Result<> Rescued::move_to_versions(Versions& versions, ProjectId project, std::string_view path) {
  assert_writing(db_);
  for (;;) {
    const auto has_moved = move_oldest(versions, project, path);
    if (!has_moved) return Failure(has_moved.error());
    if (!*has_moved) return {};
  }
}

}  // namespace specd::store
