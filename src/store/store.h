#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "sqlite/database.h"
#include "store/claims.h"
#include "store/conflicts.h"
#include "store/dirty.h"
#include "store/edits.h"
#include "store/events.h"
#include "store/file_state.h"
#include "store/files.h"
#include "store/history.h"
#include "store/projects.h"
#include "store/recent_events.h"
#include "store/reports.h"
#include "store/specs.h"
#include "store/versions.h"

namespace specd::store {

/// Every table over one connection.
struct Tables {
  explicit Tables(sqlite::Database& db)
      : projects(db),
        specs(db),
        files(db),
        states(db),
        dirty(db),
        edits(db),
        claims(db),
        versions(db),
        rescued(db),
        history(db),
        conflicts(db),
        events(db),
        reports(db) {}

  Projects projects;
  Specs specs;
  Files files;
  FileStates states;
  DirtyRows dirty;
  Edits edits;
  Claims claims;
  Versions versions;
  Rescued rescued;
  History history;
  Conflicts conflicts;
  Events events;
  Reports reports;
};

struct OpenOptions {
  std::string folder;   ///< the state folder; made with mode 0700 where it is missing
  WallTime now;         ///< becomes the epoch of a new database
  std::string boot_id;  ///< tells one run of the machine from the next; empty: not known
};

/// What was found when the database was opened.
struct OpenReport {
  bool created = false;        ///< there was none, or it was set aside
  int64_t migrated_from = 0;   ///< an older schema version; 0: none
  bool unclean = false;        ///< the last owner did not close it: quick_check, before any push
  bool epoch_renewed = false;  ///< commits may have been lost with the power
  std::string set_aside;       ///< where a corrupt database was put; empty: there was none
  std::string problem;         ///< what was wrong with that one
};

/// The database, through its only writing connection. Sync thread only.
///
/// A write is made in a transaction:
///
///     auto tx = store.begin(Durability::normal);   // `busy` if a foreign client writes for long
///     auto done = store.tables.files.pull(...);
///     auto committed = tx->commit();
class Store {
 public:
  struct Opened;
  /// Opens or makes `specd.db` in the state folder. A corrupt one is set aside (`set_aside`) and a
  /// new one made, as the report says; one of a newer specd is `refused` and left alone. The caller
  /// must hold the lock that says no other daemon is at work here.
  [[nodiscard]] static Result<Opened> open(const OpenOptions& options);

  /// Without `close`, the next `open` finds an unclean stop.
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  [[nodiscard]] Result<sqlite::Transaction> begin(
      sqlite::Durability durability = sqlite::Durability::normal);
  /// Several reads that fit together, and cost one lock; no transaction may be open.
  [[nodiscard]] Result<sqlite::Transaction> snapshot() { return db_.snapshot(); }
  /// Moves the log into the database file, as far as readers allow, and lets a large one begin
  /// anew. Tells how large it is where a reader does not allow that; 0: all is moved. For quiet
  /// moments; never waits. No transaction may be open.
  [[nodiscard]] Result<int64_t> checkpoint();
  /// Which other programs read or write the database at this moment, for people: "sqlite3 (process
  /// 1234)"; "another program" where that cannot be told.
  [[nodiscard]] std::string foreign_writer() const;
  [[nodiscard]] std::string foreign_readers() const;
  /// Says that all is written and that the next start may trust it. Nothing else after that.
  [[nodiscard]] Result<> close();

  /// Changes whenever another connection has committed: a foreign edit, perhaps.
  [[nodiscard]] Result<int64_t> data_version() { return db_.data_version(); }
  /// Rows that this connection has written so far, rolled back or not.
  [[nodiscard]] int64_t changes() const { return db_.changes(); }
  /// Another number while a transaction of this connection is open, and after one that wrote
  /// something: what is then seen of the log may have come from here. Any thread.
  [[nodiscard]] uint64_t own_writes() const { return own_writes_.load(); }
  /// Whether the write lock could be had at this moment: `busy` while a foreign client is at work.
  [[nodiscard]] Result<> probe_write_lock();
  /// Whether the file at the path is no longer the one that was opened (F56). By stat alone.
  [[nodiscard]] Result<bool> replaced() { return db_.replaced(); }
  [[nodiscard]] const std::string& path() const { return path_; }
  /// Where SQLite keeps the log: beside the file that a link leads to.
  [[nodiscard]] std::string log_path() const;
  /// The tail of the outbox. May be read by any thread, as long as the Store lives.
  [[nodiscard]] const RecentEvents& recent_events() const { return recent_; }

 private:
  Store(sqlite::Database db, std::string path);
  void count_end();
  [[nodiscard]] std::string shared_memory_path() const;

  sqlite::Database db_;
  const std::string path_;
  RecentEvents recent_;
  std::atomic<uint64_t> own_writes_ = 0;
  int64_t changes_before_ = 0;  // the transaction that is open
  bool is_counted_ = false;     // one is, and is no snapshot

 public:
  Tables tables;
};

struct Store::Opened {
  std::unique_ptr<Store> store;
  OpenReport report;
};

/// A read-only connection with a small cache. Belongs to one thread at a time; every API thread has
/// its own. Sees the last commit; use `snapshot` where several reads must fit together.
class Reader {
 public:
  /// See Database::snapshot.
  using Snapshot = sqlite::Transaction;

  [[nodiscard]] static Result<std::unique_ptr<Reader>> open(const std::string& folder);

  [[nodiscard]] const Tables& tables() const { return tables_; }
  [[nodiscard]] Result<Snapshot> snapshot() { return db_.snapshot(); }
  /// What is wrong with the file; nothing if it is sound. Takes a while (reads all of it).
  [[nodiscard]] Result<std::vector<std::string>> quick_check() { return db_.quick_check(); }
  [[nodiscard]] Result<int64_t> data_version() { return db_.data_version(); }

 private:
  friend class Search;
  explicit Reader(sqlite::Database db) : db_(std::move(db)), tables_(db_) {}

  sqlite::Database db_;
  Tables tables_;
};

/// Path of the database in the state folder.
/// Wherever a state folder is asked for, the path of a database file, which must end in ".db", will
/// do: its folder is then the state folder, and its name stands for `specd.db`.
[[nodiscard]] std::string database_path(const std::string& folder);
/// Path of the full-text index beside it: `search.db`, or `NAME-search.db` beside NAME.db.
[[nodiscard]] std::string search_path(const std::string& folder);
/// In bytes; 0 where there is none. By stat alone.
struct FileSizes {
  int64_t database = 0;
  int64_t log = 0;  ///< what is committed and not in the database file yet, and room for more
  int64_t search = 0;
};
[[nodiscard]] FileSizes file_sizes(const std::string& folder);
/// Renames the database and its log to `specd.db.corrupt-TIME` (TIME in UTC, compact; -2, -3 where
/// taken). Every Store, Reader and Search on it must be gone. Returns the new path. The file is
/// never opened.
[[nodiscard]] Result<std::string> set_aside(const std::string& folder, WallTime now);

}  // namespace specd::store
