#include "base/fs_posix.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <memory>

#include "base/fd.h"
#include "base/glance.h"
#include "base/mutex.h"
#include "base/path.h"

namespace specd {
namespace {

constexpr uint64_t kBeneath = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
constexpr uint64_t kNoLinks = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
// Longer than a tick of any kernel we run on (10 ms at 100 Hz), with room.
constexpr int64_t kSettledAfterNs = 50'000'000;
constexpr int kReadTries = 4;
constexpr int kMaxGlanceDepth = 64;  // open folders at once

Fd open_beneath(const Fd& root, const std::string& path, uint64_t flags, uint64_t resolve) {
  open_how how{};
  how.flags = flags | O_CLOEXEC;
  how.resolve = resolve;
  const char* name = path.empty() ? "." : path.c_str();
  return Fd(static_cast<int>(syscall(SYS_openat2, root.get(), name, &how, sizeof how)));
}

int64_t ns_of(const timespec& time) {
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

FileStat to_file_stat(const struct stat& st) {
  FileStat told;
  told.kind = S_ISREG(st.st_mode)   ? FileKind::regular
              : S_ISDIR(st.st_mode) ? FileKind::directory
              : S_ISLNK(st.st_mode) ? FileKind::link
                                    : FileKind::other;
  told.fingerprint = {st.st_dev, st.st_ino, st.st_size, ns_of(st.st_mtim), ns_of(st.st_ctim)};
  return told;
}

// The clock that stamps files: the coarse one, not the one that clock_gettime's users know.
bool is_settled(const Fingerprint& fingerprint) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  return fingerprint.ctime_ns + kSettledAfterNs < ns_of(now);
}

// Reads to the end; more than `limit` bytes are cut there, which the caller sees by the size.
bool read_all(const Fd& file, size_t limit, std::string& content) {
  size_t done = 0;
  for (;;) {
    if (done == content.size()) {
      if (done > limit) return true;
      content.resize(done + 1);  // room to see that the file grew
    }
    const ssize_t got =
        pread(file.get(), content.data() + done, content.size() - done, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  content.resize(done);
  return true;
}

// A link that stands where a directory was asked for is told as ELOOP, like one further up.
Fd open_folder(const Fd& root, const std::string& path) {
  Fd folder = open_beneath(root, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, kNoLinks);
  if (folder || errno != ENOTDIR) return folder;
  struct stat st{};
  const Fd entry = open_beneath(root, path, O_PATH | O_NOFOLLOW, kBeneath);
  errno = entry && fstat(entry.get(), &st) == 0 && S_ISLNK(st.st_mode) ? ELOOP : ENOTDIR;
  return folder;
}

std::string path_of(const Fd& file) {
  std::array<char, PATH_MAX> target{};
  const std::string link = "/proc/self/fd/" + std::to_string(file.get());
  const ssize_t length = readlink(link.c_str(), target.data(), target.size());
  return length < 0 ? std::string() : std::string(target.data(), static_cast<size_t>(length));
}

// Whether what a link led to lies in the same folder of the root as the link itself: specs may link
// to each other, but not to what the project keeps elsewhere (`.git`, `.env`).
bool is_near(const Fd& root, const std::string& link, const Fd& target) {
  const std::string near = path_of(root) + "/" + std::string(path::first(link)) + "/";
  return path_of(target).starts_with(near);
}

// The root's own name is empty.
Failure cannot_list(const std::string& path, int os) {
  return fail_os("list " + (path.empty() ? "." : path), os);
}

// Every entry but "." and "..", until `visit` fails.
template <class Visit>
Result<> each_entry(const Fd& dir, const std::string& path, Visit&& visit) {
  alignas(dirent64) std::array<char, 32 * 1024> buffer;
  for (;;) {
    const ssize_t got = getdents64(dir.get(), buffer.data(), buffer.size());
    if (got < 0) return cannot_list(path, errno);
    if (got == 0) return {};
    for (ssize_t at = 0; at < got;) {
      const auto* entry = reinterpret_cast<const dirent64*>(buffer.data() + at);
      at += entry->d_reclen;
      if (std::strcmp(entry->d_name, ".") == 0 || std::strcmp(entry->d_name, "..") == 0) continue;
      if (auto done = visit(*entry); !done) return done;
    }
  }
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
  return each_entry(dir, path, [&](const dirent64& entry) -> Result<> {
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
  auto walked = each_entry(dir, path, [&](const dirent64& entry) -> Result<> {
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
    if (!read_all(file, static_cast<size_t>(max_bytes), result.content)) {
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
  // Whoever opens a file that we lease sends us SIGIO, which would end the process by default.
  struct sigaction now{};
  if (sigaction(SIGIO, nullptr, &now) == 0 && now.sa_handler == SIG_DFL) signal(SIGIO, SIG_IGN);
  return std::make_unique<PosixFs>(std::move(root));
}

}  // namespace specd
