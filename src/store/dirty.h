#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"

namespace specd::sqlite {
class Database;
}

namespace specd::store {

/// A path to look at, because its row was edited through the database. A hint: what is true is the
/// comparison of rev and pushed_rev (Files::unpushed).
struct Dirty {
  ProjectId project;
  std::string path;  ///< of a file; or a spec's dir, where a foreign client set a column of `specs`
  Rev rev;           ///< counter of the latest edit
  bool foreign = false;  ///< by a SQL client; edits of our own go first
  WallTime at;
};

/// A row that a SQL client has edited, and that is not on disk yet.
struct ForeignEdit {
  std::string path;
  SpecKey spec;
  Rev rev;
  bool is_deletion = false;
  bool has_base = false;  ///< there is such a file on disk, as far as is known
};

/// Table `dirty`, kept by triggers and Files::edit. Writing needs a transaction of the Store.
class DirtyRows {
 public:
  explicit DirtyRows(sqlite::Database& db) : db_(db) {}

  /// At most `limit`, our own edits first, then the oldest.
  [[nodiscard]] Result<std::vector<Dirty>> list(int64_t limit) const;
  [[nodiscard]] Result<std::optional<Dirty>> get(ProjectId project, std::string_view path) const;
  [[nodiscard]] Result<int64_t> count() const;
  /// Of one project, whatever they are of.
  [[nodiscard]] Result<int64_t> count(ProjectId project) const;
  /// Of one project, in the same order, those of files alone: at most `limit` that come after
  /// `last`, which may be gone by now.
  [[nodiscard]] Result<std::vector<Dirty>> files(ProjectId project,
                                                 const std::optional<Dirty>& last,
                                                 int64_t limit) const;
  /// Of one project, by path: rows of files that SQL clients have edited and that no edit of ours
  /// has written over since.
  [[nodiscard]] Result<std::vector<ForeignEdit>> foreign(ProjectId project) const;
  /// Of one project, those without a row of a file: rows that are physically missing, and folders
  /// of specs.
  [[nodiscard]] Result<std::vector<Dirty>> without_row(ProjectId project) const;
  /// Files of the project whose rows wait to be written to disk.
  [[nodiscard]] Result<int64_t> count_files(ProjectId project) const;
  /// Takes the entry away unless it was edited after `handled`. Whether it is gone.
  [[nodiscard]] Result<bool> clear(ProjectId project, std::string_view path, Rev handled);

 private:
  sqlite::Database& db_;
};

}  // namespace specd::store
