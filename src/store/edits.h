#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "store/files.h"

namespace specd::store {

/// One intent over one or several files, recovered as a set.
struct Edit {
  EditId id;
  ProjectId project;
  SpecKey spec;
  std::string origin;
  std::string actor;
  WallTime at;
  std::string status_from{};  ///< the move of the spec's status that it was; both empty: none
  std::string status_to{};
};

/// Table `edits`. Writing needs a transaction of the Store that owns this.
class Edits {
 public:
  explicit Edits(sqlite::Database& db) : db_(db) {}

  /// Returns its id, which Files::edit takes. `edit.id` and the move of the status are ignored.
  [[nodiscard]] Result<EditId> add(const Edit& edit);
  [[nodiscard]] Result<> set_move(EditId id, const std::string& from, const std::string& to);
  [[nodiscard]] Result<std::optional<Edit>> get(EditId id) const;
  /// Rows that still hold content of this intent and are not pushed yet, without contents.
  [[nodiscard]] Result<std::vector<FileRow>> pending(EditId id) const;
  /// Drops intents older than `before` of which nothing is pending. How many.
  [[nodiscard]] Result<int64_t> trim(WallTime before);

 private:
  sqlite::Database& db_;
};

}  // namespace specd::store
