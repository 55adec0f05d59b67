// Renaming the folders of specs: every path below them changes, in every table that is keyed by
// path, and nothing else does.
//
// Two folders may swap names, so each path goes through a parking place, "/KEY/rest", that no file
// can have. Paths are bytes, not always UTF-8; hence substr over BLOBs.

#include "store/file_columns.h"

namespace specd::store {
namespace {

struct Leg {
  std::string from;
  std::string to;
};

// What the three tables keyed by path hold of the spec below `from`. State goes first, while it can
// still be seen whether row and state agree, and takes the agreement along to the row's new rev.
// A row that is physically missing (a foreign DELETE) has only its state and its dirty entry.
Result<> move_keys(sqlite::Database& db, ProjectId project, const SpecKey& spec, const Leg& leg) {
  const PathRange from(leg.from);
  const auto skip = static_cast<int64_t>(leg.from.size()) + 1;  // substr counts from 1
  SPECD_TRY(
      db.run("UPDATE dirty SET rev = (SELECT rev FROM counter) + 1, "
             "path = CAST(?6 || CAST(substr(CAST(path AS BLOB), ?5) AS TEXT) AS TEXT) "
             "WHERE project = ?1 AND path > ?3 AND path < ?4 AND path IN "
             "(SELECT path FROM spec_files WHERE project = ?1 AND spec = ?2 UNION "
             " SELECT path FROM file_state WHERE project = ?1 AND spec = ?2)",
             project, spec, from.first, from.last, skip, leg.to));
  SPECD_TRY(db.run(
      "UPDATE file_state SET pushed_rev = CASE WHEN pushed_rev = "
      "  (SELECT f.rev FROM spec_files AS f WHERE f.project = file_state.project "
      "   AND f.path = file_state.path) THEN (SELECT rev FROM counter) + 1 ELSE pushed_rev END, "
      "path = CAST(?6 || CAST(substr(CAST(path AS BLOB), ?5) AS TEXT) AS TEXT) "
      "WHERE project = ?1 AND spec = ?2 AND path > ?3 AND path < ?4",
      project, spec, from.first, from.last, skip, leg.to));
  SPECD_TRY(
      db.run("UPDATE spec_files SET rev = (SELECT rev FROM counter) + 1, "
             "path = CAST(?6 || CAST(substr(CAST(path AS BLOB), ?5) AS TEXT) AS TEXT) "
             "WHERE project = ?1 AND spec = ?2 AND path > ?3 AND path < ?4",
             project, spec, from.first, from.last, skip, leg.to));
  SPECD_TRY(db.run("UPDATE counter SET rev = rev + 1"));
  return {};
}

// Kept contents and conflicts follow their file; nothing is unique there.
Result<> move_past(sqlite::Database& db, ProjectId project, const SpecKey& spec, const Leg& leg) {
  const PathRange from(leg.from);
  const auto skip = static_cast<int64_t>(leg.from.size()) + 1;
  SPECD_TRY(
      db.run("UPDATE versions SET path = ?6 || CAST(substr(CAST(path AS BLOB), ?5) AS TEXT) "
             "WHERE project = ?1 AND spec = ?2 AND path > ?3 AND path < ?4",
             project, spec, from.first, from.last, skip, leg.to));
  SPECD_TRY(
      db.run("UPDATE rescued SET path = ?6 || CAST(substr(CAST(path AS BLOB), ?5) AS TEXT) "
             "WHERE project = ?1 AND spec = ?2 AND path > ?3 AND path < ?4",
             project, spec, from.first, from.last, skip, leg.to));
  SPECD_TRY(
      db.run("UPDATE conflicts SET path = ?6 || CAST(substr(CAST(path AS BLOB), ?5) AS TEXT) "
             "WHERE project = ?1 AND spec = ?2 AND path > ?3 AND path < ?4",
             project, spec, from.first, from.last, skip, leg.to));
  // A dirty entry of the spec itself stands under its dir.
  SPECD_TRY(db.run("UPDATE dirty SET path = ? WHERE project = ? AND path = ?", leg.to, project,
                   leg.from));
  return {};
}

// Paths at `to` that a parked file is about to take.
Result<std::vector<std::string>> taken(sqlite::Database& db, ProjectId project,
                                       const std::string& parked, const std::string& to) {
  const PathRange from(parked);
  const auto skip = static_cast<int64_t>(parked.size()) + 1;
  return db.all(
      "WITH target (path) AS "
      "(SELECT ?5 || CAST(substr(CAST(path AS BLOB), ?4) AS TEXT) FROM spec_files "
      " WHERE project = ?1 AND path > ?2 AND path < ?3 UNION "
      " SELECT ?5 || CAST(substr(CAST(path AS BLOB), ?4) AS TEXT) FROM file_state "
      " WHERE project = ?1 AND path > ?2 AND path < ?3) "
      "SELECT path FROM target WHERE EXISTS "
      "(SELECT 1 FROM spec_files AS f WHERE f.project = ?1 AND f.path = target.path) OR EXISTS "
      "(SELECT 1 FROM file_state AS s WHERE s.project = ?1 AND s.path = target.path)",
      [](sqlite::Row& row) { return row.text(); }, project, from.first, from.last, skip, to);
}

}  // namespace

Result<> Files::repath(ProjectId project, std::span<const DirMove> moves, WallTime now) {
  assert_writing(db_);
  const auto parking = [](const DirMove& move) { return "/" + move.spec.value.text; };
  for (const DirMove& move : moves) {
    SPECD_TRY(move_keys(db_, project, move.spec, {move.from, parking(move)}));
    SPECD_TRY(move_past(db_, project, move.spec, {move.from, parking(move)}));
  }
  for (const DirMove& move : moves) {
    const auto in_the_way = taken(db_, project, parking(move), move.to);
    if (!in_the_way) return Failure(in_the_way.error());
    for (const std::string& path : *in_the_way) SPECD_TRY(forget(project, path, now));
    SPECD_TRY(move_keys(db_, project, move.spec, {parking(move), move.to}));
    SPECD_TRY(move_past(db_, project, move.spec, {parking(move), move.to}));
  }
  return {};
}

}  // namespace specd::store
