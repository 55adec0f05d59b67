#include "daemon/lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include "base/file_locks.h"

namespace specd::daemon {
namespace {

std::string holder_of(const std::string& folder) {
  for (const FileLock& lock : locks_on(folder)) {
    if (lock.kind == FileLock::Kind::flock) return "process " + std::to_string(lock.pid);
  }
  return "another process";
}

}  // namespace

Result<FolderLock> FolderLock::take(const std::string& folder) {
  Fd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return fail_os("lock " + folder, errno);
  if (flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return FolderLock(std::move(fd));
  if (errno != EWOULDBLOCK) return fail_os("lock " + folder, errno);
  return fail(Code::busy, holder_of(folder) + " is at work in " + folder);
}

}  // namespace specd::daemon
