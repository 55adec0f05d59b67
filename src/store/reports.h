#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "spec/model.h"

namespace specd::sqlite {
class Database;
}

namespace specd::store {

/// Live specs that have kind, status and progress in common.
struct SpecCount {
  spec::Kind kind{};
  std::string status;  ///< empty: none
  spec::Progress progress{};
  int64_t specs = 0;
  int64_t tasks_done = 0;
  int64_t tasks_total = 0;
};

struct FileTotals {
  int64_t files = 0;  ///< that were read from disk and are there
  int64_t bytes = 0;  ///< of these, on disk
};

/// What `sync_history` holds of one day in UTC.
struct DayCount {
  int64_t day = 0;  ///< since the epoch
  int64_t changes = 0;
  int64_t failures = 0;
};

/// One file of an active change that says what it does to a capability. Borrowed: only while the
/// callback runs.
struct DeltaFile {
  SpecKey spec;
  std::string_view path;
  std::string_view content;
};

/// Reads over many rows of several tables, for statistics and overviews; of one project where one
/// is named, else of all. Use a snapshot where several must fit together.
class Reports {
 public:
  explicit Reports(sqlite::Database& db) : db_(db) {}

  /// By kind, status, progress.
  [[nodiscard]] Result<std::vector<SpecCount>> specs(std::optional<ProjectId> project) const;
  [[nodiscard]] Result<FileTotals> files(std::optional<ProjectId> project) const;
  /// Days from that of `since` on that have anything, oldest first. A failure that repeated itself
  /// counts once on the day it began, and its repetitions on the day of the latest.
  [[nodiscard]] Result<std::vector<DayCount>> activity(std::optional<ProjectId> project,
                                                       WallTime since) const;
  /// How long the latest changes took that the watcher told and that succeeded: at most `limit`
  /// values, smallest first.
  [[nodiscard]] Result<std::vector<int64_t>> durations_us(std::optional<ProjectId> project,
                                                          int64_t limit) const;
  /// Every delta of an active change, by path, until `take` says false. Reads contents.
  [[nodiscard]] Result<> each_delta(ProjectId project,
                                    const std::function<bool(const DeltaFile&)>& take) const;
  /// Rows of files, also of deleted ones, that changed after `rev`.
  [[nodiscard]] Result<int64_t> count_after(Rev rev) const;

 private:
  sqlite::Database& db_;
};

}  // namespace specd::store
