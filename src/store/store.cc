#include "store/store.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "base/file_locks.h"
#include "sqlite/error.h"
#include "store/columns.h"
#include "store/obstacle.h"
#include "store/schema.h"

namespace specd::store {
namespace {

namespace fs = std::filesystem;

// Most commits of others are over in a moment, and nobody is told of that. What takes longer is no
// reason to keep all else waiting.
constexpr std::chrono::milliseconds kPatience{50};
// Of those who start and stop a daemon.
constexpr std::chrono::milliseconds kLongPatience{5'000};
// A log that is moved begins anew by itself at the next commit, unless somebody reads at that
// moment; one of this size is made to.
constexpr int64_t kLargeLog = int64_t{16} << 20;

// A folder that is somebody else's keeps its mode: the files in it are ours alone.
Result<> private_folder(const std::string& folder) {
  std::error_code failed;
  const bool is_made = fs::create_directories(folder, failed);
  if (is_made && !failed) fs::permissions(folder, fs::perms::owner_all, failed);
  if (failed) return fail_os("make folder " + folder, failed.value());
  return {};
}

// SQLite would open the file all the same, and fail at the first write without a word of which.
Result<> check_writable(const std::string& path) {
  const auto obstacle = find_obstacle(path);
  if (!obstacle) return {};
  const bool is_mode = obstacle->is_ours && obstacle->os != EROFS;
  const std::string mend =
      is_mode ? (obstacle->is_folder ? "`chmod u+rwx` it, or " : "`chmod u+rw` it, or ") : "";
  return fail(
      Code::refused,
      obstacle->what() + "; " + mend + "choose another place for the database with --db FILE",
      obstacle->os);
}

Result<sqlite::Migrated> prepare(sqlite::Database& db, const std::string& path) {
  // By path, before the log is made with the same mode: no descriptor of ours may ever be closed on
  // this file, since that would drop SQLite's locks.
  if (::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0) return fail_os("chmod " + path, errno);
  return sqlite::migrate(db, {.application_id = kMainApplicationId,
                              .what = "specd database",
                              .migrations = main_migrations()});
}

struct Prepared {
  sqlite::Database db;
  sqlite::Migrated migrated;
};

Result<Prepared> open_database(const std::string& path) {
  auto db = sqlite::Database::open(path, {});
  if (!db) return Failure(std::move(db.error()));
  auto migrated = prepare(*db, path);
  if (!migrated) return fail_within(path, std::move(migrated.error()));
  return Prepared{std::move(*db), *migrated};
}

// Opens the database; a corrupt one is put out of the way once.
Result<Prepared> open_or_set_aside(const OpenOptions& options, OpenReport& report) {
  const std::string path = database_path(options.folder);
  auto prepared = open_database(path);
  if (prepared || !sqlite::is_corruption(prepared.error())) return prepared;
  report.problem = prepared.error().message;
  auto aside = set_aside(options.folder, options.now);
  if (!aside) return Failure(std::move(aside.error()));
  report.set_aside = std::move(*aside);
  return open_database(path);
}

Result<std::string> meta_text(sqlite::Database& db, std::string_view name) {
  auto text = db.first(
      "SELECT value FROM meta WHERE name = ?", [](sqlite::Row& row) { return row.text(); }, name);
  if (!text) return Failure(std::move(text.error()));
  return std::move(*text).value_or("");
}

Result<> set_meta(sqlite::Database& db, std::string_view name, const sqlite::Param& value) {
  SPECD_TRY(
      db.run("INSERT INTO meta (name, value) VALUES (?, ?) "
             "ON CONFLICT DO UPDATE SET value = excluded.value",
             name, value));
  return {};
}

// Notes that we are at work, and finds out how the last owner left.
Result<> take_over(sqlite::Database& db, const OpenOptions& options, OpenReport& report) {
  auto transaction = db.begin(sqlite::Durability::full, kLongPatience);
  if (!transaction) return Failure(std::move(transaction.error()));
  const auto running = meta_text(db, "running");
  if (!running) return Failure(running.error());
  const auto boot = meta_text(db, "boot");
  if (!boot) return Failure(boot.error());
  report.unclean = *running == "1";
  // A killed process loses no commit; a machine that went down may have lost the last ones, and
  // with them numbers that subscribers have seen.
  report.epoch_renewed = report.unclean && (options.boot_id.empty() || options.boot_id != *boot);
  if (report.created || report.epoch_renewed) {
    SPECD_TRY(Events(db).renew(options.now));
  }
  SPECD_TRY(set_meta(db, "running", 1));
  SPECD_TRY(set_meta(db, "boot", options.boot_id));
  return transaction->commit();
}

// SQLite puts its files beside the one that a link leads to.
std::string resolved(const std::string& path) {
  std::error_code failed;
  const fs::path target = fs::canonical(path, failed);
  return failed ? path : target.string();
}

// Locks of a database in WAL mode, as bytes of its shared memory's file
// (sqlite.org/walformat.html).
constexpr int64_t kWriteLock = 120;
constexpr int64_t kFirstReadLock = 123;
constexpr int64_t kLastReadLock = 127;

std::string holders(const std::string& shared_memory, int64_t first, int64_t last) {
  std::set<pid_t> pids;
  for (const FileLock& lock : locks_on(shared_memory)) {
    if (lock.first_byte >= first && lock.first_byte <= last && lock.pid != ::getpid())
      pids.insert(lock.pid);
  }
  std::string named;
  for (const pid_t pid : pids) named += (named.empty() ? "" : ", ") + named_process(pid);
  return named.empty() ? "another program" : named;
}

std::string compact_utc(WallTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(seconds - day);
  char text[32];
  std::snprintf(text, sizeof text, "%04d%02u%02uT%02d%02d%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

}  // namespace

std::string database_path(const std::string& folder) {
  return folder.ends_with(".db") ? folder : folder + "/specd.db";
}

std::string search_path(const std::string& folder) {
  const fs::path database = database_path(folder);
  const std::string name =
      database.filename() == "specd.db" ? "search.db" : database.stem().string() + "-search.db";
  return database.parent_path() / name;
}

FileSizes file_sizes(const std::string& folder) {
  const auto size = [](const std::string& path) {
    std::error_code failed;
    const auto bytes = fs::file_size(path, failed);
    return failed ? int64_t{0} : static_cast<int64_t>(bytes);
  };
  const std::string database = database_path(folder);
  return {size(database), size(database + "-wal"), size(search_path(folder))};
}

Result<std::string> set_aside(const std::string& folder, WallTime now) {
  const std::string path = database_path(folder);
  const std::string wanted = path + ".corrupt-" + compact_utc(now);
  std::string target = wanted;
  for (int number = 2; fs::exists(target); ++number) {
    target = wanted + "-" + std::to_string(number);
  }
  // The database last: while it is at its place, it is found corrupt and set aside again.
  for (const char* suffix : {"-wal", "-shm", ""}) {
    std::error_code failed;
    fs::rename(path + suffix, target + suffix, failed);
    if (failed && failed != std::errc::no_such_file_or_directory) {
      return fail_os("set aside " + path + suffix, failed.value());
    }
  }
  return target;
}

Store::Store(sqlite::Database db, std::string path)
    : db_(std::move(db)), path_(std::move(path)), tables(db_) {
  tables.events.remember_in(recent_);
  db_.on_end([this](sqlite::Database::End how) {
    how == sqlite::Database::End::committed ? recent_.commit() : recent_.forget();
    count_end();
  });
}
Store::~Store() = default;

Result<sqlite::Transaction> Store::begin(sqlite::Durability durability) {
  changes_before_ = db_.changes();
  is_counted_ = true;
  ++own_writes_;
  auto transaction = db_.begin(durability, kPatience);
  if (transaction) return transaction;
  count_end();
  if (transaction.error().code == Code::busy)
    transaction.error().message =
        foreign_writer() +
        " keeps the database's write lock; end its transaction, or try again later";
  return transaction;
}

// One that wrote nothing leaves the number as it was.
void Store::count_end() {
  if (!std::exchange(is_counted_, false)) return;
  own_writes_ += db_.changes() != changes_before_ ? uint64_t{1} : UINT64_MAX;
}

Result<Store::Opened> Store::open(const OpenOptions& options) {
  SPECD_TRY(private_folder(fs::path(database_path(options.folder)).parent_path()));
  SPECD_TRY(check_writable(database_path(options.folder)));
  OpenReport report;
  auto prepared = open_or_set_aside(options, report);
  if (!prepared) return Failure(std::move(prepared.error()));
  const auto [from, to] = prepared->migrated;
  report.created = from == 0;
  report.migrated_from = from < to ? from : 0;
  std::unique_ptr<Store> store(new Store(std::move(prepared->db), database_path(options.folder)));
  if (auto taken = take_over(store->db_, options, report); !taken) {
    if (taken.error().code != Code::busy) return Failure(std::move(taken.error()));
    return fail(Code::busy, store->path_ +
                                ": another program has been writing to this database for " +
                                std::to_string(kLongPatience.count() / 1000) +
                                " s and has not ended; end it, or try again");
  }
  return Opened{std::move(store), std::move(report)};
}

Result<int64_t> Store::checkpoint() {
  using Checkpoint = sqlite::Database::Checkpoint;
  const auto log = db_.checkpoint(Checkpoint::passive);
  if (!log) return Failure(log.error());
  // One that is not all moved goes on growing.
  if (log->left > 0) return log->size;
  if (log->size <= kLargeLog) return 0;
  const auto emptied = db_.checkpoint(Checkpoint::truncate);
  if (emptied) return 0;
  // A reader that came after the last commit needs nothing of it, and still keeps it from starting
  // again.
  if (emptied.error().code == Code::busy) return log->size;
  return Failure(emptied.error());
}

std::string Store::foreign_writer() const {
  return holders(shared_memory_path(), kWriteLock, kWriteLock);
}

std::string Store::foreign_readers() const {
  return holders(shared_memory_path(), kFirstReadLock, kLastReadLock);
}

std::string Store::log_path() const {
  return resolved(path_) + "-wal";
}

std::string Store::shared_memory_path() const {
  return resolved(path_) + "-shm";
}

Result<> Store::close() {
  auto transaction = db_.begin(sqlite::Durability::full, kLongPatience);
  if (!transaction) return Failure(std::move(transaction.error()));
  SPECD_TRY(set_meta(db_, "running", 0));
  SPECD_TRY(transaction->commit());
  auto emptied = db_.checkpoint(sqlite::Database::Checkpoint::truncate);
  // A reader at work keeps the log; it is whole, and the next start empties it.
  if (!emptied && emptied.error().code != Code::busy) return Failure(emptied.error());
  return {};
}

Result<> Store::probe_write_lock() {
  auto transaction = db_.begin();
  if (!transaction) return Failure(std::move(transaction.error()));
  transaction->rollback();
  return {};
}

Result<std::unique_ptr<Reader>> Reader::open(const std::string& folder) {
  constexpr sqlite::Database::Options kReader{.access = sqlite::Access::read_only,
                                              .busy_timeout = std::chrono::seconds(1),
                                              .cache_kib = 512};
  auto db = sqlite::Database::open(database_path(folder), kReader);
  if (!db) return Failure(std::move(db.error()));
  return std::unique_ptr<Reader>(new Reader(std::move(*db)));
}

}  // namespace specd::store
