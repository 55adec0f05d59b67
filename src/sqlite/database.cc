#include "sqlite/database.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/assert.h"
#include "sqlite/impl.h"

namespace specd::sqlite {
namespace {

constexpr int kOpenBusyMs = 2000;  // a foreign client may be recovering the log at this moment
constexpr int64_t kFrameHeadBytes =
    24;  // before each page in the log (sqlite.org/fileformat2.html)
constexpr int64_t kLogBytes = int64_t{16} << 20;  // what is left of the log file after a checkpoint

int open_flags(Access access) {
  // One thread at a time, so no mutex.
  const int mode = access == Access::read_only ? SQLite::OPEN_READONLY
                                               : SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE;
  return mode | SQLite::OPEN_NOMUTEX;
}

// Counting what it allocates costs SQLite a lock around each allocation, of which a statement makes
// several; nobody asks for the count. Only before its first use can that be said.
void set_up_library() {
  static const int done = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  (void)done;
}

void configure(SQLite::Database& db, const Database::Options& options) {
  // Closing leaves the log as it is: that of a corrupt file is evidence, and a checkpoint belongs
  // to the one writer, who does it before.
  sqlite3_db_config(db.getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  db.setBusyTimeout(kOpenBusyMs);
  db.exec("PRAGMA page_size=" + std::to_string(options.page_bytes));
  db.exec("PRAGMA cache_size=-" + std::to_string(options.cache_kib));
  db.exec("PRAGMA wal_autocheckpoint=" + std::to_string(options.auto_checkpoint_pages));
  db.exec("PRAGMA journal_size_limit=" + std::to_string(kLogBytes));
  // Debian's default is on, which overwrites every freed page.
  db.exec("PRAGMA secure_delete=OFF");
  db.exec("PRAGMA temp_store=MEMORY");
  if (options.access == Access::read_only) db.exec("PRAGMA query_only=ON");
  // The first read of the file: from here on it is known to be a database.
  db.exec("SELECT count(*) FROM sqlite_schema");
  db.setBusyTimeout(static_cast<int>(options.busy_timeout.count()));
}

// SQLite's own waits grow to 100 ms, and then miss every gap between the commits of a busy client.
int wait_a_millisecond(void* tries_left, int /*done*/) {
  int64_t& left = *static_cast<int64_t*>(tries_left);
  if (left-- <= 0) return 0;
  sqlite3_sleep(1);
  return 1;
}

uint64_t device_of(const std::string& path) {
  struct stat found{};
  return ::stat(path.c_str(), &found) == 0 ? static_cast<uint64_t>(found.st_dev) : 0;
}

}  // namespace

Database::Database(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Result<Database> Database::open(const std::string& path, const Options& options) {
  set_up_library();
  try {
    auto impl = std::make_unique<Impl>(path, open_flags(options.access));
    configure(impl->db, options);
    add_functions(impl->db);
    add_tokenizer(impl->db);
    impl->dev = device_of(path);
    impl->busy_ms = static_cast<int>(options.busy_timeout.count());
    return Database(std::move(impl));
  } catch (const SQLite::Exception& exception) {
    return fail_within("open " + path, error_from(exception, nullptr));
  }
}

Result<> Database::script(const std::string& sql) {
  try {
    impl_->db.exec(sql);
    return {};
  } catch (const SQLite::Exception& exception) {
    return Failure(error_from(exception, impl_->db.getHandle()));
  }
}

Result<Transaction> Database::begin(Durability durability, std::chrono::milliseconds patience) {
  SPECD_ASSERT(!impl_->in_transaction);
  try {
    if (durability != impl_->durability) {
      // Takes effect while it is compiled, so it is never one of the kept statements.
      impl_->exec(durability == Durability::full ? "PRAGMA synchronous=FULL"
                                                 : "PRAGMA synchronous=NORMAL");
      impl_->durability = durability;
    }
  } catch (const SQLite::Exception& exception) {
    return Failure(error_from(exception, impl_->db.getHandle()));
  }
  int64_t tries = patience.count();
  if (tries > 0) sqlite3_busy_handler(impl_->db.getHandle(), wait_a_millisecond, &tries);
  auto begun = run("BEGIN IMMEDIATE");
  if (patience.count() > 0) impl_->db.setBusyTimeout(impl_->busy_ms);
  if (!begun) return Failure(std::move(begun.error()));
  impl_->in_transaction = true;
  return Transaction(*this);
}

Result<Transaction> Database::snapshot() {
  SPECD_ASSERT(!impl_->in_transaction);
  if (auto begun = run("BEGIN"); !begun) return Failure(std::move(begun.error()));
  impl_->in_transaction = true;
  Transaction transaction(*this);
  // BEGIN alone takes no snapshot; the first read does. This one needs nothing but the first page.
  if (auto read = integer("PRAGMA schema_version"); !read) {
    return Failure(std::move(read.error()));
  }
  return transaction;
}

void Database::on_end(std::function<void(End)> ended) {
  impl_->ended = std::move(ended);
}

bool Database::in_transaction() const {
  return impl_->in_transaction;
}
int64_t Database::last_insert_rowid() const {
  return impl_->db.getLastInsertRowid();
}

int64_t Database::changes() const {
  return impl_->db.getTotalChanges();
}

Result<int64_t> Database::data_version() {
  return integer("PRAGMA data_version");
}

Result<Database::Log> Database::checkpoint(Checkpoint mode) {
  SPECD_ASSERT(!impl_->in_transaction);
  struct Told {
    bool is_blocked;
    int64_t frames, moved;
  };
  const auto read = [](Row& row) {
    const bool is_blocked = row.boolean();
    const int64_t frames = row.integer();
    return Told{is_blocked, frames, row.integer()};
  };
  const auto told = mode == Checkpoint::passive ? first("PRAGMA wal_checkpoint(PASSIVE)", read)
                                                : first("PRAGMA wal_checkpoint(TRUNCATE)", read);
  if (!told) return Failure(told.error());
  if (!*told || (*told)->is_blocked) return fail(Code::busy, "checkpoint: the database is in use");
  const auto page_bytes = integer("PRAGMA page_size");
  if (!page_bytes) return Failure(page_bytes.error());
  const int64_t frame_bytes = *page_bytes + kFrameHeadBytes;
  // Both counts are -1 of a database that has no log.
  return Log{.size = std::max<int64_t>((*told)->frames, 0) * frame_bytes,
             .left = ((*told)->frames - (*told)->moved) * frame_bytes};
}

Result<std::vector<std::string>> Database::quick_check() {
  auto findings = all("PRAGMA quick_check(20)", [](Row& row) { return row.text(); });
  if (findings && findings->size() == 1 && findings->front() == "ok") findings->clear();
  return findings;
}

Result<bool> Database::replaced() {
  int moved = 0;
  sqlite3* const handle = impl_->db.getHandle();
  if (sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved) != SQLITE_OK) {
    return fail(Code::io, "cannot tell whether the database file was replaced");
  }
  // SQLite compares the inode only.
  return moved != 0 || device_of(impl_->db.getFilename()) != impl_->dev;
}

Transaction::~Transaction() {
  if (db_) rollback();
}

Result<> Transaction::commit() {
  SPECD_ASSERT(db_ != nullptr);
  if (auto done = db_->run("COMMIT"); !done) {
    rollback();
    return fail_within("commit", std::move(done.error()));
  }
  end(Database::End::committed);
  return {};
}

void Transaction::rollback() {
  SPECD_ASSERT(db_ != nullptr);
  // Some failures (a full disk) have rolled back already; then this one fails, and all is well.
  (void)db_->run("ROLLBACK");
  end(Database::End::rolled_back);
}

void Transaction::end(Database::End how) {
  Database& db = *std::exchange(db_, nullptr);
  db.impl_->in_transaction = false;
  if (db.impl_->ended) db.impl_->ended(how);
}

}  // namespace specd::sqlite
