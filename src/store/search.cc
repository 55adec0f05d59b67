#include "store/search.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <map>
#include <system_error>

#include "base/log.h"
#include "sqlite/error.h"
#include "store/columns.h"
#include "store/obstacle.h"
#include "store/schema.h"

namespace specd::store {
namespace {

constexpr std::chrono::milliseconds kCourtesy{10};
constexpr int64_t kApplicationId = 0x73706373;  // "spcs"

void remove_files(const std::string& path) {
  for (const char* suffix : {"-wal", "-shm", ""}) {
    std::error_code ignored;  // what cannot be removed fails to open next, and is told then
    std::filesystem::remove(path + suffix, ignored);
  }
}

Result<sqlite::Database> open_index(const std::string& path) {
  // Nobody waits for this thread, so it may empty the log whenever that has grown.
  auto db = sqlite::Database::open(
      path, {.busy_timeout = std::chrono::seconds(1), .auto_checkpoint_pages = 1000});
  if (!db) return db;
  std::error_code failed;
  std::filesystem::permissions(
      path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, failed);
  if (failed) return fail_os("chmod " + path, failed.value());
  auto migrated = sqlite::migrate(*db, {.application_id = kApplicationId,
                                        .what = "specd search index",
                                        .migrations = search_migrations()});
  if (!migrated) return fail_within(path, std::move(migrated.error()));
  return db;
}

// SQLite would open one that may not be written to, and fail at the first write without a word of
// which.
Result<sqlite::Database> open_writable(const std::string& path) {
  if (const auto obstacle = find_obstacle(path))
    return fail(Code::refused, obstacle->what(), obstacle->os);
  return open_index(path);
}

// An index that cannot be used, whatever is wrong with it, is made anew: it can be.
Result<sqlite::Database> open_or_replace(const std::string& path) {
  auto db = open_writable(path);
  if (db) return db;
  const bool useless = sqlite::is_corruption(db.error()) || db.error().code == Code::refused;
  if (!useless) return db;
  log::warn("search.replaced", {{"why", db.error().message}});
  remove_files(path);
  return open_writable(path);
}

}  // namespace

Search::Search(std::string folder, std::unique_ptr<Reader> reader, sqlite::Database db)
    : folder_(std::move(folder)), reader_(std::move(reader)), db_(std::move(db)) {}

Search::~Search() {
  stop();
}

Result<std::unique_ptr<Search>> Search::open(const std::string& folder) {
  auto reader = Reader::open(folder);
  if (!reader) return Failure(std::move(reader.error()));
  auto db = open_or_replace(search_path(folder));
  if (!db) return Failure(std::move(db.error()));
  return std::unique_ptr<Search>(new Search(folder, std::move(*reader), std::move(*db)));
}

void Search::notify() {
  {
    MutexLock lock(mutex_);
    notified_ = true;
    if (!notified_since_) notified_since_ = system_clock().steady();
  }
  wake_.notify_one();
}

std::optional<SteadyTime> Search::behind_since() const {
  MutexLock lock(mutex_);
  return indexing_since_ ? indexing_since_ : notified_since_;
}

void Search::start() {
  thread_ = Thread("search", [this] { run(); });
}

void Search::stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  end_.notify_one();
  thread_.join();
  // What a reader keeps in the log, the next start reads there.
  (void)db_.checkpoint(sqlite::Database::Checkpoint::truncate);
}

void Search::run() {
  for (;;) {
    {
      MutexLock lock(mutex_);
      while (!notified_ && !stopping_) wake_.wait(mutex_);
      // Who waits for the event of this commit needs the processor now; we can take the next
      // commits along.
      if (!stopping_) end_.wait_for(mutex_, kCourtesy);
      if (stopping_) return;
      notified_ = false;
      if (!indexing_since_) indexing_since_ = notified_since_;
      notified_since_.reset();
    }
    if (!step_until_done()) continue;
    MutexLock lock(mutex_);
    indexing_since_.reset();
  }
}

bool Search::step_until_done() {
  for (;;) {
    {
      MutexLock lock(mutex_);
      if (stopping_) return false;
    }
    const auto more = step();
    if (more && !*more) return true;
    if (more) continue;
    log::warn("search.failed", {{"why", more.error().message}});
    if (!sqlite::is_corruption(more.error()) || !rebuild()) return false;
  }
}

Result<bool> Search::step(int64_t limit) {
  if (!compared_) SPECD_TRY(compare());
  std::vector<File> files;
  if (backlog_.empty()) {
    auto found = newer(limit);
    if (!found) return Failure(std::move(found.error()));
    files = std::move(*found);
  } else {
    const auto count = std::min(static_cast<size_t>(limit), backlog_.size());
    for (size_t i = 0; i < count; ++i) {
      files.push_back(std::move(backlog_.back()));
      backlog_.pop_back();
    }
  }
  if (auto done = index(files); !done) {
    compared_ = false;
    return Failure(std::move(done.error()));
  }
  if (!backlog_.empty() || static_cast<int64_t>(files.size()) == limit) return true;
  const auto differ = counts_differ();
  if (!differ) return Failure(differ.error());
  if (!*differ) return false;
  // Rows have vanished (a project was removed, a folder renamed): look at everything once.
  SPECD_TRY(compare());
  return !backlog_.empty();
}

Result<> Search::rebuild() {
  remove_files(search_path(folder_));
  auto db = open_index(search_path(folder_));
  if (!db) return Failure(std::move(db.error()));
  db_ = std::move(*db);
  compared_ = false;
  backlog_.clear();
  return {};
}

Result<> Search::compare() {
  struct Entry {
    int64_t id = 0;
    int64_t rev = 0;
  };
  std::map<std::pair<int64_t, std::string>, Entry> indexed;
  SPECD_TRY(db_.each("SELECT project, path, id, rev FROM indexed", [&](sqlite::Row& row) {
    const int64_t project = row.integer();
    Entry& entry = indexed[{project, row.text()}];
    entry.id = row.integer();
    entry.rev = row.integer();
  }));
  // Backwards, since they are taken from the end: what is archived is to be indexed first, and what
  // changed last to be the latest.
  std::vector<File> archived;
  backlog_.clear();
  mark_ = {};
  SPECD_TRY(reader_->db_.each(
      "SELECT f.rev, f.project, f.path, coalesce(s.kind = 'archived', 0) "
      "FROM spec_files AS f INDEXED BY spec_files_rev LEFT JOIN specs AS s ON s.key = f.spec "
      "ORDER BY f.rev, f.project, f.path",
      [&](sqlite::Row& row) {
        mark_.rev = row.integer();
        mark_.file.project = ProjectId{row.integer()};
        mark_.file.path = row.text();
        std::vector<File>& files = row.boolean() ? archived : backlog_;
        const auto entry = indexed.find({mark_.file.project.value, mark_.file.path});
        const bool known = entry != indexed.end();
        if (!known || entry->second.rev != mark_.rev) files.push_back(mark_.file);
        if (known) indexed.erase(entry);
      }));
  std::reverse(backlog_.begin(), backlog_.end());
  backlog_.insert(backlog_.end(), std::make_move_iterator(archived.rbegin()),
                  std::make_move_iterator(archived.rend()));
  auto transaction = db_.begin();
  if (!transaction) return Failure(std::move(transaction.error()));
  for (const auto& [file, entry] : indexed) {
    SPECD_TRY(db_.run("DELETE FROM texts WHERE rowid = ?", entry.id));
    SPECD_TRY(db_.run("DELETE FROM indexed WHERE id = ?", entry.id));
  }
  SPECD_TRY(transaction->commit());
  compared_ = true;
  return {};
}

// Several rows can have one rev (a renamed folder), so the mark is a place in the index over rev.
// It is what was listed last, not what was indexed last: a row that is indexed may have moved on
// since it was listed, past others that were not.
Result<std::vector<Search::File>> Search::newer(int64_t limit) {
  return reader_->db_.all(
      "SELECT rev, project, path FROM spec_files INDEXED BY spec_files_rev "
      "WHERE (rev, project, path) > (?, ?, ?) ORDER BY rev, project, path LIMIT ?",
      [this](sqlite::Row& row) {
        mark_.rev = row.integer();
        mark_.file.project = ProjectId{row.integer()};
        mark_.file.path = row.text();
        return mark_.file;
      },
      mark_.rev, mark_.file.project, mark_.file.path, limit);
}

Result<> Search::index(const std::vector<File>& files) {
  if (files.empty()) return {};
  auto transaction = db_.begin();
  if (!transaction) return Failure(std::move(transaction.error()));
  for (const File& file : files) SPECD_TRY(index_one(file));
  return transaction->commit();
}

Result<> Search::index_one(const File& file) {
  SPECD_TRY(db_.run(
      "DELETE FROM texts WHERE rowid = (SELECT id FROM indexed WHERE project = ? AND path = ?)",
      file.project, file.path));
  struct Current {
    std::string spec;
    int64_t rev = 0;
    std::optional<std::string> text;
  };
  const auto current = reader_->db_.first(
      "SELECT spec, rev, CASE WHEN deleted_at IS NULL AND typeof(content) = 'text' THEN content "
      "END "
      "FROM spec_files WHERE project = ? AND path = ?",
      [](sqlite::Row& row) {
        Current found;
        found.spec = row.text();
        found.rev = row.integer();
        found.text = row.maybe_text();
        return found;
      },
      file.project, file.path);
  if (!current) return Failure(current.error());
  if (!*current) {
    SPECD_TRY(
        db_.run("DELETE FROM indexed WHERE project = ? AND path = ?", file.project, file.path));
    return {};
  }
  const auto& [spec, rev, text] = **current;
  // Under a new id, the highest: ids are in the order of change.
  SPECD_TRY(db_.run("INSERT OR REPLACE INTO indexed (project, path, spec, rev) VALUES (?, ?, ?, ?)",
                    file.project, file.path, spec, rev));
  if (!text) return {};
  SPECD_TRY(
      db_.run("INSERT INTO texts (rowid, path, content) "
              "SELECT id, path, ? FROM indexed WHERE project = ? AND path = ?",
              *text, file.project, file.path));
  return {};
}

Result<bool> Search::counts_differ() {
  const auto there = reader_->db_.integer("SELECT count(*) FROM spec_files");
  if (!there) return Failure(there.error());
  const auto here = db_.integer("SELECT count(*) FROM indexed");
  if (!here) return Failure(here.error());
  return *there != *here;
}

}  // namespace specd::store
