#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace specd {

/// SQLite's way to its files, in which every call may fail, and is told if it changed something:
/// below all databases that are opened while it lives. One at a time.
class FaultVfs {
 public:
  enum class Call { open, read, write, truncate, sync, lock, shm };
  /// The failure of this call, one of SQLite's codes; SQLITE_OK: it goes through. Any thread.
  using Faults = std::function<int(Call)>;

  /// A write, a truncation or a sync that went through.
  struct Change {
    Call call;
    std::string_view path;
    int64_t at;  ///< where it was written, or the new size
    std::string_view bytes{};
  };
  using Seen = std::function<void(const Change&)>;

  explicit FaultVfs(Faults faults, Seen seen = nullptr) {
    faults_ = std::move(faults);
    seen_ = std::move(seen);
    below_ = sqlite3_vfs_find(nullptr);
    vfs_ = *below_;
    vfs_.zName = "fault";
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + below_->szOsFile;
    vfs_.xOpen = open;
    sqlite3_vfs_register(&vfs_, 1);
  }
  /// Databases must be closed by now.
  ~FaultVfs() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(below_, 1);
    faults_ = nullptr;
    seen_ = nullptr;
  }
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

 private:
  struct File {
    sqlite3_file as_seen;
    const char* name;  ///< SQLite keeps it as long as the file is open; null: a temporary one
    [[nodiscard]] sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };
  static sqlite3_file* real(sqlite3_file* file) { return reinterpret_cast<File*>(file)->real(); }
  template <class Do>
  static int through(Call call, Do what) {
    const int fault = faults_ ? faults_(call) : SQLITE_OK;
    return fault == SQLITE_OK ? what() : fault;
  }
  /// The same, and told.
  template <class Do>
  static int change(sqlite3_file* file, Change change, Do what) {
    const int done = through(change.call, what);
    const char* name = reinterpret_cast<File*>(file)->name;
    if (done != SQLITE_OK || !seen_ || name == nullptr) return done;
    change.path = name;
    seen_(change);
    return done;
  }

  static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    file->pMethods = nullptr;
    reinterpret_cast<File*>(file)->name = name;
    const int opened = through(
        Call::open, [&] { return below_->xOpen(below_, name, real(file), flags, out_flags); });
    if (opened == SQLITE_OK) file->pMethods = methods();
    return opened;
  }
  static const sqlite3_io_methods* methods() {
    static const sqlite3_io_methods all = [] {
      sqlite3_io_methods m{};
      m.iVersion = 2;  // without memory-mapped files
      m.xClose = [](sqlite3_file* f) { return real(f)->pMethods->xClose(real(f)); };
      m.xRead = [](sqlite3_file* f, void* to, int bytes, sqlite3_int64 at) {
        return through(Call::read,
                       [&] { return real(f)->pMethods->xRead(real(f), to, bytes, at); });
      };
      m.xWrite = [](sqlite3_file* f, const void* from, int bytes, sqlite3_int64 at) {
        const std::string_view text(static_cast<const char*>(from), static_cast<size_t>(bytes));
        return change(f, {Call::write, {}, at, text},
                      [&] { return real(f)->pMethods->xWrite(real(f), from, bytes, at); });
      };
      m.xTruncate = [](sqlite3_file* f, sqlite3_int64 size) {
        return change(f, {Call::truncate, {}, size},
                      [&] { return real(f)->pMethods->xTruncate(real(f), size); });
      };
      m.xSync = [](sqlite3_file* f, int flags) {
        return change(f, {Call::sync, {}, 0},
                      [&] { return real(f)->pMethods->xSync(real(f), flags); });
      };
      m.xFileSize = [](sqlite3_file* f, sqlite3_int64* size) {
        return real(f)->pMethods->xFileSize(real(f), size);
      };
      m.xLock = [](sqlite3_file* f, int lock) {
        return through(Call::lock, [&] { return real(f)->pMethods->xLock(real(f), lock); });
      };
      m.xUnlock = [](sqlite3_file* f, int lock) {
        return real(f)->pMethods->xUnlock(real(f), lock);
      };
      m.xCheckReservedLock = [](sqlite3_file* f, int* out) {
        return real(f)->pMethods->xCheckReservedLock(real(f), out);
      };
      m.xFileControl = [](sqlite3_file* f, int what, void* with) {
        return real(f)->pMethods->xFileControl(real(f), what, with);
      };
      m.xSectorSize = [](sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); };
      m.xDeviceCharacteristics = [](sqlite3_file* f) {
        return real(f)->pMethods->xDeviceCharacteristics(real(f));
      };
      m.xShmMap = [](sqlite3_file* f, int page, int bytes, int extend, void volatile** out) {
        return through(Call::shm, [&] {
          return real(f)->pMethods->xShmMap(real(f), page, bytes, extend, out);
        });
      };
      m.xShmLock = [](sqlite3_file* f, int at, int count, int flags) {
        const auto lock = [&] { return real(f)->pMethods->xShmLock(real(f), at, count, flags); };
        // What lets go cannot fail.
        return (flags & SQLITE_SHM_UNLOCK) != 0 ? lock() : through(Call::shm, lock);
      };
      m.xShmBarrier = [](sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); };
      m.xShmUnmap = [](sqlite3_file* f, int is_to_delete) {
        return real(f)->pMethods->xShmUnmap(real(f), is_to_delete);
      };
      return m;
    }();
    return &all;
  }

  inline static Faults faults_;
  inline static Seen seen_;
  inline static sqlite3_vfs* below_ = nullptr;
  sqlite3_vfs vfs_{};
};

}  // namespace specd
