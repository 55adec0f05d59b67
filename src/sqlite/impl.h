#pragma once

// The inside of this folder: the only header that shows SQLiteCpp, for its own .cc files.

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "sqlite/database.h"

struct sqlite3;
struct sqlite3_stmt;

namespace specd::sqlite {

/// What SQLite says, as sqlite/error.h promises.
[[nodiscard]] Error error_from(const SQLite::Exception& exception, sqlite3* handle);

/// See functions.cc.
void add_functions(SQLite::Database& db);
/// See tokenizer.cc.
void add_tokenizer(SQLite::Database& db);

/// One prepared statement, and SQLite's own handle of it: what is bound and read by the handle is
/// neither copied nor, as SQLiteCpp's Column does for each value, counted as a reference.
struct Statement {
  Statement(SQLite::Database& db, const char* sql);

  SQLite::Statement steps;
  sqlite3_stmt* const handle;  // lives as long as `steps`
};

struct Database::Impl {
  Impl(const std::string& path, int flags) : db(path, flags) {}

  /// A prepared statement for `sql`: the kept one, or a further one while that is at work (a
  /// callback that runs the same statement again).
  class Lease;

  void exec(const char* sql) { db.exec(sql); }

  SQLite::Database db;
  // By address of the literal. After `db`, so that they are finalized before it is closed.
  std::unordered_map<const char*, std::vector<std::unique_ptr<Statement>>> idle;
  Durability durability = Durability::full;
  bool in_transaction = false;
  std::function<void(End)> ended;
  uint64_t dev = 0;
  int busy_ms = 0;  ///< that a statement waits for others
};

}  // namespace specd::sqlite
