#include "bench/support/floor.h"

#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string_view>

#include "base/digest.h"
#include "bench/support/bench.h"
#include "bench/support/tree.h"

namespace specd::bench {

struct FloorDatabase::Impl {
  sqlite3* handle = nullptr;
  sqlite3_stmt* insert = nullptr;

  void run(const char* sql) const {
    if (sqlite3_exec(handle, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail();
  }
  [[noreturn]] void fail() const { die(std::string("floor: ") + sqlite3_errmsg(handle)); }
  void bind(int at, std::string_view bytes) const {
    sqlite3_bind_blob(insert, at, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
  }
};

FloorDatabase::FloorDatabase(const std::string& path, Commits commits)
    : impl_(std::make_unique<Impl>()) {
  if (sqlite3_open(path.c_str(), &impl_->handle) != SQLITE_OK) impl_->fail();
  impl_->run(
      "PRAGMA journal_mode = wal; PRAGMA synchronous = normal;"
      "CREATE TABLE files (path BLOB PRIMARY KEY, content BLOB, sha256 BLOB) WITHOUT ROWID");
  if (commits == Commits::durable) impl_->run("PRAGMA synchronous = full");
  if (sqlite3_prepare_v2(impl_->handle, "INSERT OR REPLACE INTO files VALUES (?, ?, ?)", -1,
                         &impl_->insert, nullptr) != SQLITE_OK)
    impl_->fail();
}

FloorDatabase::~FloorDatabase() {
  sqlite3_finalize(impl_->insert);
  sqlite3_close(impl_->handle);
}

void FloorDatabase::begin() {
  impl_->run("BEGIN IMMEDIATE");
}
void FloorDatabase::put(const std::string& path, const std::string& content) {
  const Digest digest = sha256(content);
  impl_->bind(1, path);
  impl_->bind(2, content);
  impl_->bind(3, digest.view());
  if (sqlite3_step(impl_->insert) != SQLITE_DONE) impl_->fail();
  sqlite3_reset(impl_->insert);
}
void FloorDatabase::commit() {
  impl_->run("COMMIT");
}

size_t read_into(FloorDatabase& database, const std::string& folder) {
  size_t files = 0;
  database.begin();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    database.put(entry.path(), read_file(entry.path()));
    if (++files % 1000 == 0) {
      database.commit();
      database.begin();
    }
  }
  database.commit();
  return files;
}

void read_into(FloorDatabase& database, const std::string& root,
               const std::vector<std::string>& paths) {
  database.begin();
  for (const std::string& path : paths) database.put(path, read_file(root + "/" + path));
  database.commit();
}

namespace {

size_t walk(int parent, const char* name) {
  const int fd = ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* dir = fd < 0 ? nullptr : ::fdopendir(fd);
  if (dir == nullptr) die(std::string("cannot list ") + name);
  size_t files = 0;
  while (const dirent* entry = ::readdir(dir)) {
    const std::string_view child = entry->d_name;
    if (child == "." || child == "..") continue;
    struct stat found{};
    if (::fstatat(fd, entry->d_name, &found, AT_SYMLINK_NOFOLLOW) != 0) die("cannot stat");
    files += S_ISDIR(found.st_mode) ? walk(fd, entry->d_name) : 1;
  }
  ::closedir(dir);
  return files;
}

}  // namespace

size_t stat_walk(const std::string& folder) {
  return walk(AT_FDCWD, folder.c_str());
}

}  // namespace specd::bench
