#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"

namespace specd::sqlite {
class Database;
}

namespace specd::store {

enum class Direction { fs_to_db, db_to_fs };
enum class Trigger { file_watcher, periodic, user_edit, manual, startup, external_db };
inline constexpr size_t kTriggers = 6;  ///< how many there are
[[nodiscard]] std::string_view to_string(Direction direction);
[[nodiscard]] std::string_view to_string(Trigger trigger);
[[nodiscard]] std::optional<Direction> parse_direction(std::string_view text);
[[nodiscard]] std::optional<Trigger> parse_trigger(std::string_view text);

using HistoryId = Tagged<struct HistoryTag, int64_t>;

/// One thing that sync did, or failed at.
struct HistoryEntry {
  HistoryId id;
  ProjectId project;
  std::optional<SpecKey> spec;  ///< none: about the project
  std::string spec_name{};      ///< its id then
  std::string change{};         ///< created, updated, renamed, deleted; empty: not known
  std::string status_from{};    ///< from which status to which it was moved; both empty: it
  std::string status_to{};      ///< stayed, or is not known
  Direction direction{};
  Trigger trigger{};
  std::string origin;
  std::string actor;
  bool success = true;
  std::string error_message;
  std::vector<std::string> files_changed;
  int64_t duration_us = 0;
  WallTime at;        ///< `synced_at`; of a repeated error, the first time
  WallTime last_at;   ///< of a repeated error, the latest time
  int64_t count = 1;  ///< how often the same error came in a row
};

struct HistoryQuery {
  std::optional<ProjectId> project;
  std::optional<SpecKey> spec;
  std::optional<HistoryId> before;  ///< entries older than this one; none: from the latest
  std::optional<HistoryId> after;   ///< instead: entries newer than this one, oldest first
  int64_t limit = 50;
};

/// Table `sync_history`. Writing needs a transaction of the Store that owns this.
class History {
 public:
  explicit History(sqlite::Database& db) : db_(db) {}

  /// Adds an entry; `id`, `last_at` and `count` are ignored. A failure whose message is that of the
  /// latest entry of the same project, spec and direction only counts that one up: one row per
  /// *change* of an error. The id of the row.
  [[nodiscard]] Result<HistoryId> add(const HistoryEntry& entry);
  /// Latest first, unless `after` is set.
  [[nodiscard]] Result<std::vector<HistoryEntry>> list(const HistoryQuery& query) const;
  /// Drops entries last heard of before `before`, and the oldest beyond `max_rows`. How many.
  [[nodiscard]] Result<int64_t> trim(WallTime before, int64_t max_rows);

 private:
  [[nodiscard]] Result<std::vector<HistoryEntry>> list_after(const HistoryQuery& query) const;

  sqlite::Database& db_;
};

}  // namespace specd::store
