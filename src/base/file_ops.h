#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/fs.h"
#include "base/result.h"

namespace specd {

class FileOps;

/// An open file or folder, which closes itself. Outlived by its FileOps.
class Handle {
 public:
  Handle() = default;
  Handle(FileOps& ops, int number) : ops_(&ops), number_(number) {}
  Handle(Handle&& other) noexcept
      : ops_(std::exchange(other.ops_, nullptr)), number_(std::exchange(other.number_, -1)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(ops_, other.ops_);
    std::swap(number_, other.number_);
    return *this;
  }
  ~Handle();

  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] FileOps& ops() const { return *ops_; }
  [[nodiscard]] explicit operator bool() const { return ops_ != nullptr; }

 private:
  FileOps* ops_ = nullptr;
  int number_ = -1;
};

/// A name in an open folder. Borrows both.
struct Entry {
  const Handle& folder;
  const std::string& name;  ///< one part of a path
};

/// What a file has besides its content and its times.
struct Attributes {
  mode_t mode = 0;  ///< permissions alone
  uid_t owner = 0;
  gid_t group = 0;
  std::vector<std::pair<std::string, std::string>> extended;  ///< ACLs among them; by name
  friend bool operator==(const Attributes&, const Attributes&) = default;
};

/// What stat tells of an open file.
struct OpenStat {
  FileStat stat;
  uint64_t links = 0;    ///< names that it has
  bool settled = false;  ///< as FileRead::settled
};

/// How an open file was found to be used by others (fcntl(2), F_SETLEASE).
enum class Lease {
  taken,        ///< nobody has it open for writing; whoever opens it so now waits for us
  busy,         ///< somebody has it open for writing
  unsupported,  ///< this file system, or another owner's file: nobody can tell
};

/// The calls with which files are written: one of the kernel's each, as far as that goes, so that
/// tests can stop at, fail or lose any single one. What they are for, and in which order, is for
/// sync/staging to say. No call waits for another program. Any thread may call it.
///
/// Failures have the code and errno of fail_os, and a message without the path. No path leaves the
/// root, and no entry is ever followed if it is a link.
class FileOps {
 public:
  FileOps() = default;
  FileOps(const FileOps&) = delete;
  FileOps& operator=(const FileOps&) = delete;
  virtual ~FileOps() = default;

  /// A folder below the root, by a path without links (base/path.h). It stays the same folder
  /// wherever it is moved.
  [[nodiscard]] virtual Result<Handle> open_folder(const std::string& path) = 0;
  /// A folder of our own, anywhere; made with mode 0700 where it is missing.
  [[nodiscard]] virtual Result<Handle> open_staging(const std::string& absolute_path) = 0;
  /// A folder in another one.
  [[nodiscard]] virtual Result<Handle> open_folder(Entry entry) = 0;
  /// Whether a file of the one folder may change places with one of the other: both lie in one
  /// mount. Two mounts of one file system are two.
  [[nodiscard]] virtual Result<bool> is_one_mount(const Handle& one, const Handle& other) = 0;
  /// Where the file of a path is written: the same path, or the one that a link leads to, which
  /// must lie below the same first folder. `refused` for any other link.
  [[nodiscard]] virtual Result<std::string> resolve(const std::string& path) = 0;

  /// For reading. `refused` if it is no regular file.
  [[nodiscard]] virtual Result<Handle> open(Entry entry) = 0;
  /// For writing, in this folder's file system, without a name. An error with EOPNOTSUPP or EISDIR
  /// where files must have one.
  [[nodiscard]] virtual Result<Handle> create_unnamed(const Handle& folder) = 0;
  /// The same with a name that nothing has.
  [[nodiscard]] virtual Result<Handle> create(Entry entry) = 0;
  /// Appends all of it.
  [[nodiscard]] virtual Result<> write(const Handle& file, std::string_view content) = 0;
  [[nodiscard]] virtual Result<Attributes> attributes(const Handle& file) = 0;
  /// Owner and group that a new file gets, and no permissions.
  [[nodiscard]] virtual Attributes attributes_of_new() = 0;
  [[nodiscard]] virtual Result<> set_attributes(const Handle& file, const Attributes& wanted) = 0;
  /// fsync of a file, or of a folder: its names.
  [[nodiscard]] virtual Result<> sync(const Handle& handle) = 0;
  /// Gives a file of create_unnamed its name; EEXIST if something has it.
  [[nodiscard]] virtual Result<> name(const Handle& file, Entry entry) = 0;

  /// Of a file that was opened for reading. It ends with the handle.
  [[nodiscard]] virtual Lease lease(const Handle& file) = 0;
  /// Whether it still stands: nobody has opened the file for writing meanwhile, or waits to.
  [[nodiscard]] virtual bool is_leased(const Handle& file) = 0;
  virtual void release(const Handle& file) = 0;

  [[nodiscard]] virtual Result<OpenStat> stat(const Handle& handle) = 0;
  /// Of the entry itself; a link is told as one.
  [[nodiscard]] virtual Result<FileStat> stat(Entry entry) = 0;
  /// Its whole content; `refused` if that is longer.
  [[nodiscard]] virtual Result<std::string> read(const Handle& file, int64_t max_bytes) = 0;
  [[nodiscard]] virtual Result<std::vector<std::string>> list(const Handle& folder) = 0;

  /// The two names change their files, at once. EINVAL where the file system cannot.
  [[nodiscard]] virtual Result<> exchange(Entry a, Entry b) = 0;
  /// EEXIST if `to` is there. EINVAL where the file system cannot.
  [[nodiscard]] virtual Result<> rename(Entry from, Entry to) = 0;
  /// Whatever has the name gets another, which must be one that nobody else uses.
  [[nodiscard]] virtual Result<> move(Entry from, Entry to) = 0;
  /// A further name; EEXIST if `to` is there.
  [[nodiscard]] virtual Result<> link(Entry from, Entry to) = 0;
  [[nodiscard]] virtual Result<> unlink(Entry entry) = 0;
  [[nodiscard]] virtual Result<> make_folder(Entry entry) = 0;
  /// ENOTEMPTY if anything is in it.
  [[nodiscard]] virtual Result<> remove_folder(Entry entry) = 0;

 protected:
  friend class Handle;
  virtual void close(int number) = 0;
};

inline Handle::~Handle() {
  if (ops_ != nullptr) ops_->close(number_);
}

/// Those of the kernel, below the root's folder as it stands at `root` now.
[[nodiscard]] Result<std::unique_ptr<FileOps>> posix_file_ops(const std::string& root);

}  // namespace specd
