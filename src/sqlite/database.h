#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.h"
#include "sqlite/value.h"

namespace specd::sqlite {

enum class Access { read_write, read_only };
/// What a commit survives: `normal` a killed process; `full` a power cut too.
enum class Durability { normal, full };

class Transaction;

/// One connection to one database file. Belongs to one thread at a time. `migrate` puts a file into
/// WAL mode.
///
/// Statements are prepared once per connection and kept. None stays un-reset between two calls, so
/// a reader never holds the log back. SQLite's exceptions end here; failures are told as
/// sqlite/error.h says.
class Database {
 public:
  struct Options {
    Access access = Access::read_write;
    std::chrono::milliseconds busy_timeout{0};  ///< 0: `busy` at once
    int cache_kib = 2048;
    int page_bytes = 4096;  ///< of a file that this call makes
    /// Commits that find more pages in the log move them into the file; 0: never.
    int auto_checkpoint_pages = 0;
  };

  /// Opens `path`; `read_write` makes the file where there is none. Unless the options ask for it
  /// no checkpoint is made unasked, and none on closing.
  [[nodiscard]] static Result<Database> open(const std::string& path, const Options& options);
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  /// Runs one statement to its end. Rows changed by it directly (not by triggers).
  template <class... Args>
  [[nodiscard]] Result<int64_t> run(Sql sql, const Args&... args) {
    return run_with(sql, {Param(args)...});
  }

  /// Calls `on_row(Row&)` for every row; where it returns bool, false ends the walk.
  template <class OnRow, class... Args>
  [[nodiscard]] Result<> each(Sql sql, OnRow&& on_row, const Args&... args) {
    const auto call = [](void* context, Row& row) -> bool {
      auto& callee = *static_cast<std::remove_reference_t<OnRow>*>(context);
      if constexpr (std::is_same_v<decltype(callee(row)), bool>) return callee(row);
      callee(row);
      return true;
    };
    return each_with(sql, {Param(args)...}, call,
                     const_cast<void*>(static_cast<const void*>(&on_row)));
  }

  /// `map(row)` of the first row, if there is one.
  template <class Map, class... Args>
  [[nodiscard]] auto first(Sql sql, Map map, const Args&... args) {
    using T = decltype(map(std::declval<Row&>()));
    std::optional<T> found;
    auto walked = each(
        sql,
        [&](Row& row) {
          found.emplace(map(row));
          return false;
        },
        args...);
    if (!walked) return Result<std::optional<T>>(tl::unexpect, std::move(walked.error()));
    return Result<std::optional<T>>(std::move(found));
  }

  /// `map(row)` of every row.
  template <class Map, class... Args>
  [[nodiscard]] auto all(Sql sql, Map map, const Args&... args) {
    using T = decltype(map(std::declval<Row&>()));
    std::vector<T> rows;
    auto walked = each(sql, [&](Row& row) { rows.push_back(map(row)); }, args...);
    if (!walked) return Result<std::vector<T>>(tl::unexpect, std::move(walked.error()));
    return Result<std::vector<T>>(std::move(rows));
  }

  /// The first column of the only row.
  template <class... Args>
  [[nodiscard]] Result<int64_t> integer(Sql sql, const Args&... args) {
    auto row = first(sql, [](Row& r) { return r.integer(); }, args...);
    if (!row) return Failure(std::move(row.error()));
    if (!*row) return fail(Code::not_found, "no row");
    return **row;
  }

  /// Runs a script of several statements, such as a schema.
  [[nodiscard]] Result<> script(const std::string& sql);

  /// BEGIN IMMEDIATE: `busy` if another connection writes, and has not ended within `patience`. One
  /// at a time.
  [[nodiscard]] Result<Transaction> begin(Durability durability = Durability::normal,
                                          std::chrono::milliseconds patience = {});
  /// A snapshot: until it ends, this connection sees one state of the database. Keep it short: the
  /// log cannot be emptied past it.
  [[nodiscard]] Result<Transaction> snapshot();
  [[nodiscard]] bool in_transaction() const;
  /// Called at the end of every transaction, a snapshot's included.
  enum class End { committed, rolled_back };
  void on_end(std::function<void(End)> ended);
  [[nodiscard]] int64_t last_insert_rowid() const;
  /// Rows that this connection has ever changed, those that triggers did included.
  [[nodiscard]] int64_t changes() const;

  /// Changes whenever another connection has committed.
  [[nodiscard]] Result<int64_t> data_version();
  /// Moves the log into the database file, as far as readers allow, without waiting for any.
  /// `truncate` also empties the log file, and is `busy` while a reader is at work.
  enum class Checkpoint { passive, truncate };
  /// In bytes, after a checkpoint.
  struct Log {
    int64_t size = 0;  ///< what has been written to it since it last began anew
    int64_t left = 0;  ///< of these, what a reader keeps from being moved
  };
  [[nodiscard]] Result<Log> checkpoint(Checkpoint mode);
  /// PRAGMA quick_check: what is wrong, at most 20 findings; nothing when the file is sound.
  [[nodiscard]] Result<std::vector<std::string>> quick_check();
  /// Whether another file, or none, is at the path by now. By stat alone.
  [[nodiscard]] Result<bool> replaced();

 private:
  friend class Transaction;
  struct Impl;
  using OnRowCall = bool (*)(void* context, Row& row);

  explicit Database(std::unique_ptr<Impl> impl);
  Result<int64_t> run_with(Sql sql, std::initializer_list<Param> params);
  Result<> each_with(Sql sql, std::initializer_list<Param> params, OnRowCall call, void* context);

  std::unique_ptr<Impl> impl_;
};

/// Rolled back by its destructor unless committed. Must not outlive its Database, which must not be
/// moved meanwhile.
class Transaction {
 public:
  Transaction(Transaction&& other) noexcept : db_(std::exchange(other.db_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  /// On failure nothing is committed, and the transaction is over.
  [[nodiscard]] Result<> commit();
  void rollback();

 private:
  friend class Database;
  explicit Transaction(Database& db) : db_(&db) {}
  void end(Database::End how);

  Database* db_;  // null once it is over
};

}  // namespace specd::sqlite
