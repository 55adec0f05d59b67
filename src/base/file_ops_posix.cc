#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "base/fd.h"
#include "base/file_ops.h"
#include "base/path.h"
#include "base/posix.h"

namespace specd {
namespace {

constexpr mode_t kPermissions = 07777;
constexpr int kMostTries = 3;  // of lists of attributes that grow meanwhile

Result<> done(int result, const char* what) {
  if (result != 0) return fail_os(what, errno);
  return {};
}

std::string path_of_fd(int fd) {
  return "/proc/self/fd/" + std::to_string(fd);
}

/// What a call that fills a buffer says, however much that is: extended attributes and their names.
template <class Fill>
Result<std::string> filled(const char* what, Fill fill) {
  for (int tries = 0; tries < kMostTries; ++tries) {
    const ssize_t size = fill(nullptr, size_t{0});
    if (size < 0) return fail_os(what, errno);
    std::string value(static_cast<size_t>(size), '\0');
    const ssize_t got = fill(value.data(), value.size());
    if (got < 0 && errno == ERANGE) continue;
    if (got < 0) return fail_os(what, errno);
    value.resize(static_cast<size_t>(got));
    return value;
  }
  return fail(Code::busy, what, ERANGE);
}

/// Which mount something lies in; where the kernel does not say (before 5.8), which file system.
Result<std::pair<uint64_t, uint64_t>> mount_of(const Handle& handle) {
  struct statx stx{};
  if (::statx(handle.number(), "", AT_EMPTY_PATH, STATX_MNT_ID, &stx) != 0)
    return fail_os("look at its mount", errno);
  const uint64_t device = makedev(stx.stx_dev_major, stx.stx_dev_minor);
  return std::pair(device, (stx.stx_mask & STATX_MNT_ID) != 0 ? stx.stx_mnt_id : 0);
}

class PosixFileOps final : public FileOps {
 public:
  explicit PosixFileOps(Fd root) : root_(std::move(root)) {}

  Result<Handle> open_folder(const std::string& path) override {
    return handle(
        posix::open_beneath(root_, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, posix::kNoLinks),
        "open folder");
  }

  Result<Handle> open_staging(const std::string& absolute_path) override {
    if (::mkdir(absolute_path.c_str(), S_IRWXU) != 0 && errno != EEXIST)
      return fail_os("make folder", errno);
    return handle(
        Fd(::open(absolute_path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)),
        "open folder");
  }

  Result<Handle> open_folder(Entry entry) override {
    return handle(Fd(::openat(entry.folder.number(), entry.name.c_str(),
                              O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)),
                  "open folder");
  }

  Result<bool> is_one_mount(const Handle& one, const Handle& other) override {
    auto a = mount_of(one), b = mount_of(other);
    if (!a) return tl::unexpected(a.error());
    if (!b) return tl::unexpected(b.error());
    return *a == *b;
  }

  Result<std::string> resolve(const std::string& path) override {
    struct stat st{};
    const Fd entry = posix::open_beneath(root_, path, O_PATH | O_NOFOLLOW, posix::kNoLinks);
    if (!entry || fstat(entry.get(), &st) != 0) return fail_os("look at it", errno);
    if (!S_ISLNK(st.st_mode)) return path;
    const Fd target = posix::open_beneath(root_, path, O_PATH, posix::kBeneath);
    if (!target || fstat(target.get(), &st) != 0) return fail_os("follow the link", errno);
    if (!S_ISREG(st.st_mode) || !posix::is_near(root_, path, target))
      return fail(Code::refused, "a link out of the spec folders");
    return posix::path_of(target).substr(posix::path_of(root_).size() + 1);
  }

  Result<Handle> open(Entry entry) override {
    constexpr int kFlags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC;
    Fd file(::openat(entry.folder.number(), entry.name.c_str(), kFlags | O_NOATIME));
    if (!file && errno == EPERM)
      file = Fd(::openat(entry.folder.number(), entry.name.c_str(), kFlags));
    struct stat st{};
    if (!file || fstat(file.get(), &st) != 0) return fail_os("open", errno);
    if (!S_ISREG(st.st_mode)) return fail(Code::refused, "not a regular file");
    return handle(std::move(file), "open");
  }

  Result<Handle> create_unnamed(const Handle& folder) override {
    return handle(
        Fd(::openat(folder.number(), ".", O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR)),
        "create");
  }

  Result<Handle> create(Entry entry) override {
    return handle(
        Fd(::openat(entry.folder.number(), entry.name.c_str(),
                    O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR)),
        "create");
  }

  Result<> write(const Handle& file, std::string_view content) override {
    while (!content.empty()) {
      const ssize_t wrote = ::write(file.number(), content.data(), content.size());
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0) return fail_os("write", errno);
      content.remove_prefix(static_cast<size_t>(wrote));
    }
    return {};
  }

  Result<Attributes> attributes(const Handle& file) override {
    struct stat st{};
    if (fstat(file.number(), &st) != 0) return fail_os("look at it", errno);
    Attributes found{
        .mode = st.st_mode & kPermissions, .owner = st.st_uid, .group = st.st_gid, .extended = {}};
    auto names = filled("list attributes", [&](char* into, size_t size) {
      return flistxattr(file.number(), into, size);
    });
    if (!names && names.error().os == EOPNOTSUPP) return found;
    if (!names) return tl::unexpected(names.error());
    for (size_t at = 0; at < names->size(); at += std::strlen(names->data() + at) + 1) {
      const char* name = names->data() + at;
      auto value = filled("read attributes", [&](char* into, size_t size) {
        return fgetxattr(file.number(), name, into, size);
      });
      if (!value) return tl::unexpected(value.error());
      found.extended.emplace_back(name, std::move(*value));
    }
    std::ranges::sort(found.extended);
    return found;
  }

  Attributes attributes_of_new() override {
    return {.mode = 0, .owner = geteuid(), .group = getegid(), .extended = {}};
  }

  Result<> set_attributes(const Handle& file, const Attributes& wanted) override {
    auto present = attributes(file);
    if (!present) return tl::unexpected(present.error());
    // The owner first, since a change of it takes set-id bits away.
    if (present->owner != wanted.owner || present->group != wanted.group) {
      if (fchown(file.number(), wanted.owner, wanted.group) != 0)
        return fail_os("give it the owner", errno);
    }
    if (fchmod(file.number(), wanted.mode) != 0) return fail_os("give it the mode", errno);
    for (const auto& pair : wanted.extended) {
      const auto& [name, value] = pair;
      if (std::ranges::find(present->extended, pair) != present->extended.end()) continue;
      if (fsetxattr(file.number(), name.c_str(), value.data(), value.size(), 0) != 0)
        return fail_os("give it the attribute " + printable_utf8(name), errno);
    }
    return {};
  }

  Result<> sync(const Handle& handle) override { return done(fsync(handle.number()), "sync"); }

  Result<> name(const Handle& file, Entry entry) override {
    return done(linkat(AT_FDCWD, path_of_fd(file.number()).c_str(), entry.folder.number(),
                       entry.name.c_str(), AT_SYMLINK_FOLLOW),
                "name");
  }

  Lease lease(const Handle& file) override {
    if (fcntl(file.number(), F_SETLEASE, F_RDLCK) == 0) return Lease::taken;
    return errno == EAGAIN ? Lease::busy : Lease::unsupported;
  }
  bool is_leased(const Handle& file) override {
    return fcntl(file.number(), F_GETLEASE) == F_RDLCK;
  }
  void release(const Handle& file) override { (void)fcntl(file.number(), F_SETLEASE, F_UNLCK); }

  Result<OpenStat> stat(const Handle& handle) override {
    struct stat st{};
    if (fstat(handle.number(), &st) != 0) return fail_os("look at it", errno);
    const FileStat told = posix::to_file_stat(st);
    return OpenStat{told, st.st_nlink, posix::is_settled(told.fingerprint)};
  }
  Result<FileStat> stat(Entry entry) override {
    struct stat st{};
    if (fstatat(entry.folder.number(), entry.name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0)
      return fail_os("look at it", errno);
    return posix::to_file_stat(st);
  }

  Result<std::string> read(const Handle& file, int64_t max_bytes) override {
    struct stat st{};
    if (fstat(file.number(), &st) != 0) return fail_os("read", errno);
    const auto limit = static_cast<size_t>(max_bytes);
    std::string content(std::min(static_cast<size_t>(st.st_size), limit) + 1, '\0');
    if (!posix::read_all(file.number(), limit, content)) return fail_os("read", errno);
    if (content.size() > limit) return fail(Code::refused, "too large", EFBIG);
    return content;
  }

  Result<std::vector<std::string>> list(const Handle& folder) override {
    // Of its own, since a stream reads on where the last one stopped.
    Fd again(::openat(folder.number(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!again) return fail_os("list", errno);
    std::vector<std::string> names;
    auto walked = posix::each_entry(again, "", [&](const dirent64& entry) -> Result<> {
      names.emplace_back(entry.d_name);
      return {};
    });
    if (!walked) return tl::unexpected(walked.error());
    return names;
  }

  Result<> exchange(Entry a, Entry b) override {
    return done(renameat2(a.folder.number(), a.name.c_str(), b.folder.number(), b.name.c_str(),
                          RENAME_EXCHANGE),
                "exchange");
  }
  Result<> rename(Entry from, Entry to) override {
    return done(renameat2(from.folder.number(), from.name.c_str(), to.folder.number(),
                          to.name.c_str(), RENAME_NOREPLACE),
                "rename");
  }
  Result<> move(Entry from, Entry to) override {
    return done(
        renameat(from.folder.number(), from.name.c_str(), to.folder.number(), to.name.c_str()),
        "rename");
  }
  Result<> link(Entry from, Entry to) override {
    return done(
        linkat(from.folder.number(), from.name.c_str(), to.folder.number(), to.name.c_str(), 0),
        "link");
  }
  Result<> unlink(Entry entry) override {
    return done(unlinkat(entry.folder.number(), entry.name.c_str(), 0), "remove");
  }
  Result<> make_folder(Entry entry) override {
    return done(mkdirat(entry.folder.number(), entry.name.c_str(), 0777), "make folder");
  }
  Result<> remove_folder(Entry entry) override {
    return done(unlinkat(entry.folder.number(), entry.name.c_str(), AT_REMOVEDIR), "remove folder");
  }

 protected:
  void close(int number) override { ::close(number); }

 private:
  Result<Handle> handle(Fd fd, const char* what) {
    if (!fd) return fail_os(what, errno);
    return Handle(*this, fd.release());
  }

  const Fd root_;
};

}  // namespace

Result<std::unique_ptr<FileOps>> posix_file_ops(const std::string& root) {
  posix::ignore_lease_signals();
  Fd fd(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return fail_os(root, errno);
  return std::make_unique<PosixFileOps>(std::move(fd));
}

}  // namespace specd
