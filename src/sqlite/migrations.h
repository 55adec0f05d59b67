#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"
#include "sqlite/database.h"

namespace specd::sqlite {

/// The step that takes a database from version `version - 1` to `version`.
struct Migration {
  int64_t version;
  std::string_view name;
  std::string_view sql;
};

/// What a file of ours looks like: its `application_id`, and how to get to its newest version.
struct Schema {
  int64_t application_id;
  std::string_view what;  ///< for messages, "specd database"
  std::span<const Migration> migrations;
};

struct Migrated {
  int64_t from;  ///< 0: the file was new
  int64_t to;
};

/// Brings the database to the newest version, one transaction per step, so that a failure leaves a
/// whole older version. `refused` for a file that is another program's or a newer specd's, which is
/// then left as it was.
[[nodiscard]] Result<Migrated> migrate(Database& db, const Schema& schema);

}  // namespace specd::sqlite
