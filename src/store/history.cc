#include "store/history.h"

#include "store/columns.h"

namespace specd::store {
namespace {

constexpr std::string_view kDirections[] = {"fs_to_db", "db_to_fs"};
constexpr std::string_view kTriggerNames[kTriggers] = {"file_watcher", "periodic", "user_edit",
                                                       "manual",       "startup",  "external_db"};

HistoryEntry entry_of(sqlite::Row& row) {
  HistoryEntry entry;
  entry.id = HistoryId{row.integer()};
  entry.project = ProjectId{row.integer()};
  entry.spec = maybe_spec_key(row);
  entry.direction = checked_word(row, parse_direction);
  entry.trigger = checked_word(row, parse_trigger);
  entry.origin = row.text();
  entry.actor = row.text();
  entry.success = row.boolean();
  entry.error_message = row.text();
  entry.files_changed = string_list(row);
  entry.duration_us = row.integer();
  entry.at = row.time();
  entry.last_at = row.time();
  entry.count = row.integer();
  entry.change = row.text();
  entry.spec_name = row.text();
  entry.status_from = row.text();
  entry.status_to = row.text();
  return entry;
}

// The latest entry of the same project, spec and direction, if it is this very failure.
Result<std::optional<HistoryId>> repeated(sqlite::Database& db, const HistoryEntry& entry) {
  const auto id_of = [](sqlite::Row& row) { return HistoryId{row.integer()}; };
  if (entry.spec) {
    return db.first(
        "SELECT id FROM (SELECT id, success, error_message FROM sync_history "
        "WHERE project = ? AND spec_id = ? AND sync_direction = ? ORDER BY id DESC LIMIT 1) "
        "WHERE success = 0 AND error_message = ?",
        id_of, entry.project, *entry.spec, to_string(entry.direction), entry.error_message);
  }
  return db.first(
      "SELECT id FROM (SELECT id, success, error_message FROM sync_history "
      "WHERE project = ? AND spec_id IS NULL AND sync_direction = ? ORDER BY id DESC LIMIT 1) "
      "WHERE success = 0 AND error_message = ?",
      id_of, entry.project, to_string(entry.direction), entry.error_message);
}

}  // namespace

std::string_view to_string(Direction direction) {
  return kDirections[static_cast<size_t>(direction)];
}
std::string_view to_string(Trigger trigger) {
  return kTriggerNames[static_cast<size_t>(trigger)];
}

std::optional<Direction> parse_direction(std::string_view text) {
  for (size_t i = 0; i < std::size(kDirections); ++i) {
    if (kDirections[i] == text) return static_cast<Direction>(i);
  }
  return std::nullopt;
}

std::optional<Trigger> parse_trigger(std::string_view text) {
  for (size_t i = 0; i < std::size(kTriggerNames); ++i) {
    if (kTriggerNames[i] == text) return static_cast<Trigger>(i);
  }
  return std::nullopt;
}

Result<HistoryId> History::add(const HistoryEntry& entry) {
  assert_writing(db_);
  if (!entry.success) {
    const auto same = repeated(db_, entry);
    if (!same) return Failure(same.error());
    if (*same) {
      SPECD_TRY(db_.run("UPDATE sync_history SET count = count + 1, last_at = ? WHERE id = ?",
                        entry.at, **same));
      return **same;
    }
  }
  SPECD_TRY(db_.run(
      "INSERT INTO sync_history (project, spec_id, sync_direction, triggered_by, origin, actor, "
      "success, error_message, files_changed, duration_us, synced_at, last_at, change, spec_name, "
      "status_from, status_to) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?11, ?11, ?12, ?13, ?14, ?15)",
      entry.project, entry.spec, to_string(entry.direction), to_string(entry.trigger), entry.origin,
      entry.actor, entry.success, entry.error_message, json_of(entry.files_changed),
      entry.duration_us, entry.at, entry.change, entry.spec_name, entry.status_from,
      entry.status_to));
  return HistoryId{db_.last_insert_rowid()};
}

#define SPECD_HISTORY_COLUMNS                                                                 \
  "SELECT id, project, spec_id, sync_direction, triggered_by, origin, actor, success, "       \
  "error_message, files_changed, duration_us, synced_at, last_at, count, change, spec_name, " \
  "status_from, status_to FROM sync_history "

// What is new is little, and lies together: it is looked through for the project or spec.
Result<std::vector<HistoryEntry>> History::list_after(const HistoryQuery& query) const {
  return db_.all(SPECD_HISTORY_COLUMNS
                 "WHERE id > ?1 AND (?2 IS NULL OR spec_id = ?2) AND (?3 IS NULL OR project = ?3) "
                 "ORDER BY id LIMIT ?4",
                 entry_of, *query.after, query.spec, query.project, query.limit);
}

Result<std::vector<HistoryEntry>> History::list(const HistoryQuery& query) const {
  if (query.after) return list_after(query);
  const int64_t before = query.before ? query.before->value : INT64_MAX;
  // Projects are few: walking from the latest finds theirs soon, and spares every commit an index.
  if (query.spec) {
    return db_.all(SPECD_HISTORY_COLUMNS
                   "WHERE spec_id = ?1 AND id < ?2 AND (?3 IS NULL OR project = ?3) "
                   "ORDER BY id DESC LIMIT ?4",
                   entry_of, *query.spec, before, query.project, query.limit);
  }
  if (query.project) {
    return db_.all(SPECD_HISTORY_COLUMNS "WHERE project = ? AND id < ? ORDER BY id DESC LIMIT ?",
                   entry_of, *query.project, before, query.limit);
  }
  return db_.all(SPECD_HISTORY_COLUMNS "WHERE id < ? ORDER BY id DESC LIMIT ?", entry_of, before,
                 query.limit);
}

Result<int64_t> History::trim(WallTime before, int64_t max_rows) {
  assert_writing(db_);
  auto old = db_.run("DELETE FROM sync_history WHERE last_at < ?", before);
  if (!old) return old;
  auto many = db_.run(
      "DELETE FROM sync_history WHERE id <= "
      "(SELECT id FROM sync_history ORDER BY id DESC LIMIT 1 OFFSET ?)",
      max_rows);
  if (!many) return many;
  return *old + *many;
}

}  // namespace specd::store
