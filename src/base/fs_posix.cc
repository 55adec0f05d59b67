#include "base/fs_posix.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <memory>

#include "base/fd.h"
#include "base/glance.h"
#include "base/mutex.h"
#include "base/path.h"
#include "base/posix.h"

namespace specd {
namespace {

using posix::is_near;
using posix::is_settled;
using posix::kBeneath;
using posix::kNoLinks;
using posix::open_beneath;
using posix::to_file_stat;

constexpr int kReadTries = 4;
constexpr int kMaxGlanceDepth = 64;  // open folders at once

// A link that stands where a directory was asked for is told as ELOOP, like one further up.
Fd open_folder(const Fd& root, const std::string& path) {
  Fd folder = open_beneath(root, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, kNoLinks);
  if (folder || errno != ENOTDIR) return folder;
  struct stat st{};
  const Fd entry = open_beneath(root, path, O_PATH | O_NOFOLLOW, kBeneath);
  errno = entry && fstat(entry.get(), &st) == 0 && S_ISLNK(st.st_mode) ? ELOOP : ENOTDIR;
  return folder;
}

// The root's own name is empty.
Failure cannot_list(const std::string& path, int os) {
  return fail_os("list " + (path.empty() ? "." : path), os);
}

class PosixFs final : public Fs {
 public:
  explicit PosixFs(std::string root) : path_(std::move(root)) {}

  Result<FileStat> attach() override;
  Result<FileStat> stat(const std::string& path) override;
  Result<Listing> list(const std::string& path) override;
  Result<uint64_t> glance(const std::string& path, const Enters& enters) override;
  Result<std::vector<std::string>> folders(const std::string& path) override;
  Result<FileRead> read(const std::string& path, ReadMode mode, int64_t max_bytes) override;

 private:
  // Readers keep the root they began with while attach() opens another.
  Result<std::shared_ptr<const Fd>> root() SPECD_EXCLUDES(mutex_);
  Result<FileStat> resolve_link(const Fd& root, const std::string& path, FileStat link);
  template <class Visit>
  Result<> each_stat(const Fd& root, const Fd& dir, const std::string& path, Visit&& visit);
  Result<> glance_below(const Fd& root, const Fd& dir, const std::string& path,
                        const Enters& enters, int depth, Glance& sum);

  const std::string path_;
  Mutex mutex_;
  std::shared_ptr<const Fd> root_ SPECD_GUARDED_BY(mutex_);
};

Result<std::shared_ptr<const Fd>> PosixFs::root() {
  {
    MutexLock lock(mutex_);
    if (root_) return root_;
  }
  if (auto attached = attach(); !attached) return tl::unexpected(attached.error());
  MutexLock lock(mutex_);
  if (!root_) return fail(Code::not_found, path_ + ": gone");
  return root_;
}

Result<FileStat> PosixFs::attach() {
  struct stat there{};
  if (::stat(path_.c_str(), &there) != 0) {
    const int os = errno;
    MutexLock lock(mutex_);
    root_.reset();
    return fail_os(path_, os);
  }
  if (!S_ISDIR(there.st_mode)) return fail(Code::not_found, path_ + ": not a directory");
  MutexLock lock(mutex_);
  struct stat held{};
  const bool same = root_ && fstat(root_->get(), &held) == 0 && held.st_dev == there.st_dev &&
                    held.st_ino == there.st_ino;
  if (!same) {
    Fd fd(::open(path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!fd || fstat(fd.get(), &there) != 0) return fail_os(path_, errno);
    root_ = std::make_shared<const Fd>(std::move(fd));
  }
  return to_file_stat(there);
}

Result<FileStat> PosixFs::resolve_link(const Fd& root, const std::string& path, FileStat link) {
  struct stat st{};
  const Fd target = open_beneath(root, path, O_PATH, kBeneath);
  const bool is_file = target && fstat(target.get(), &st) == 0 && S_ISREG(st.st_mode);
  return is_file && is_near(root, path, target) ? to_file_stat(st) : link;
}

Result<FileStat> PosixFs::stat(const std::string& path) {
  auto root = this->root();
  if (!root) return tl::unexpected(root.error());
  struct stat st{};
  const Fd entry = open_beneath(**root, path, O_PATH | O_NOFOLLOW, kNoLinks);
  if (!entry || fstat(entry.get(), &st) != 0) return fail_os("look at " + path, errno);
  const FileStat told = to_file_stat(st);
  return told.kind == FileKind::link ? resolve_link(**root, path, told) : told;
}

// Every entry with what `stat` tells of it, until `visit` fails.
template <class Visit>
Result<> PosixFs::each_stat(const Fd& root, const Fd& dir, const std::string& path, Visit&& visit) {
  return posix::each_entry(dir, path, [&](const dirent64& entry) -> Result<> {
    const char* name = entry.d_name;
    struct stat st{};
    if (fstatat(dir.get(), name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) return {};  // gone since the kernel wrote the entry down
      return fail_os("look at " + path + "/" + name, errno);
    }
    FileStat told = to_file_stat(st);
    if (told.kind == FileKind::link) {
      told = *resolve_link(root, path.empty() ? name : path + "/" + name, told);
    }
    return visit(name, told);
  });
}

Result<Listing> PosixFs::list(const std::string& path) {
  auto root = this->root();
  if (!root) return tl::unexpected(root.error());
  const Fd dir = open_folder(**root, path);
  if (!dir) return cannot_list(path, errno);
  Listing listing;
  struct stat own{};
  if (fstat(dir.get(), &own) != 0) return cannot_list(path, errno);
  listing.folder = to_file_stat(own);
  auto walked =
      each_stat(**root, dir, path, [&](const char* name, const FileStat& stat) -> Result<> {
        listing.entries.push_back({name, stat});
        return {};
      });
  if (!walked) return tl::unexpected(walked.error());
  return listing;
}

Result<> PosixFs::glance_below(const Fd& root, const Fd& dir, const std::string& path,
                               const Enters& enters, int depth, Glance& sum) {
  if (depth > kMaxGlanceDepth) return fail(Code::refused, "look at " + path + ": too deep");
  struct stat own{};
  if (fstat(dir.get(), &own) != 0) return cannot_list(path, errno);
  const Fingerprint folder = to_file_stat(own).fingerprint;
  sum.enter(folder);
  return each_stat(root, dir, path, [&](const char* name, const FileStat& stat) -> Result<> {
    sum.add(folder, name, stat);
    if (stat.kind != FileKind::directory) return {};
    const std::string below = path::join(path, name);
    if (!enters(below)) return {};
    // By its name alone: the way to it was checked on the way to here.
    const Fd opened = open_folder(dir, name);
    if (!opened) return cannot_list(below, errno);
    return glance_below(root, opened, below, enters, depth + 1, sum);
  });
}

Result<uint64_t> PosixFs::glance(const std::string& path, const Enters& enters) {
  auto root = this->root();
  if (!root) return tl::unexpected(root.error());
  const Fd dir = open_folder(**root, path);
  if (!dir) return cannot_list(path, errno);
  Glance sum;
  if (auto done = glance_below(**root, dir, path, enters, 0, sum); !done)
    return tl::unexpected(done.error());
  return sum.value();
}

Result<std::vector<std::string>> PosixFs::folders(const std::string& path) {
  auto root = this->root();
  if (!root) return tl::unexpected(root.error());
  const Fd dir = open_folder(**root, path);
  if (!dir) return cannot_list(path, errno);
  std::vector<std::string> names;
  auto walked = posix::each_entry(dir, path, [&](const dirent64& entry) -> Result<> {
    bool is_folder = entry.d_type == DT_DIR;
    if (entry.d_type == DT_UNKNOWN) {  // this file system does not say
      struct stat st{};
      is_folder =
          fstatat(dir.get(), entry.d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
    }
    if (is_folder) names.emplace_back(entry.d_name);
    return {};
  });
  if (!walked) return tl::unexpected(walked.error());
  return names;
}

Result<FileRead> PosixFs::read(const std::string& path, ReadMode mode, int64_t max_bytes) {
  auto root = this->root();
  if (!root) return tl::unexpected(root.error());
  // O_NONBLOCK: neither a FIFO nor another program's lease may hold us. O_NOATIME: reading is no
  // touching; only a file's owner may ask for it.
  constexpr uint64_t flags = O_RDONLY | O_NONBLOCK | O_NOCTTY;
  const auto open = [&](uint64_t resolve) {
    Fd opened = open_beneath(**root, path, flags | O_NOATIME, resolve);
    if (!opened && errno == EPERM) opened = open_beneath(**root, path, flags, resolve);
    return opened;
  };
  Fd file = open(kNoLinks);
  if (!file && errno == ELOOP) {
    file = open(kBeneath);
    if (file && !is_near(**root, path, file))
      return fail(Code::refused, "read " + path + ": a link out of the spec folders");
  }
  if (!file) return fail_os("read " + path, errno);

  FileRead result;
  if (mode == ReadMode::leased) {
    if (fcntl(file.get(), F_SETLEASE, F_RDLCK) == 0) {
      result.leased = true;
    } else if (errno == EAGAIN) {
      return fail(Code::busy, "read " + path + ": open for writing", EAGAIN);
    }
  }
  for (int tries = 0; tries < kReadTries; ++tries) {
    struct stat before{}, after{};
    if (fstat(file.get(), &before) != 0) return fail_os("read " + path, errno);
    if (!S_ISREG(before.st_mode))
      return fail(Code::refused, "read " + path + ": not a regular file");
    if (before.st_size > max_bytes) {
      return fail(Code::refused, "read " + path + ": " + std::to_string(before.st_size) +
                                     " bytes, the limit is " + std::to_string(max_bytes));
    }
    result.content.resize(static_cast<size_t>(before.st_size) + 1);
    if (!posix::read_all(file.get(), static_cast<size_t>(max_bytes), result.content)) {
      return fail_os("read " + path, errno);
    }
    if (fstat(file.get(), &after) != 0) return fail_os("read " + path, errno);
    result.fingerprint = to_file_stat(after).fingerprint;
    result.settled = is_settled(result.fingerprint);
    const bool still = to_file_stat(before).fingerprint == result.fingerprint &&
                       static_cast<int64_t>(result.content.size()) == after.st_size;
    // A writer that came while we read has broken the lease, and waits for us to close.
    const bool stands = !result.leased || fcntl(file.get(), F_GETLEASE) == F_RDLCK;
    if (still && stands) return result;
    if (!stands) break;
  }
  return fail(Code::busy, "read " + path + ": being written", EAGAIN);
}

}  // namespace

std::unique_ptr<Fs> posix_fs(std::string root) {
  posix::ignore_lease_signals();
  return std::make_unique<PosixFs>(std::move(root));
}

}  // namespace specd
