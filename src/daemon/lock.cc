#include "daemon/lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <fstream>
#include <sstream>

namespace specd::daemon {
namespace {

// From /proc/locks: "1: FLOCK  ADVISORY  WRITE 1234 fe:00:5678 0 EOF".
std::string holder_of(const Fd& folder) {
  struct stat st{};
  if (fstat(folder.get(), &st) != 0) return "another process";
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    std::istringstream fields(line);
    std::string number, kind, mode, access, place;
    long pid = 0;
    if (!(fields >> number >> kind >> mode >> access >> pid >> place)) continue;
    unsigned major = 0, minor = 0;
    unsigned long long inode = 0;
    if (std::sscanf(place.c_str(), "%x:%x:%llu", &major, &minor, &inode) != 3) continue;
    if (kind != "FLOCK" || inode != st.st_ino || makedev(major, minor) != st.st_dev) continue;
    return "process " + std::to_string(pid);
  }
  return "another process";
}

}  // namespace

Result<FolderLock> FolderLock::take(const std::string& folder) {
  Fd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return fail_os("lock " + folder, errno);
  if (flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return FolderLock(std::move(fd));
  if (errno != EWOULDBLOCK) return fail_os("lock " + folder, errno);
  return fail(Code::busy, holder_of(fd) + " is at work in " + folder);
}

}  // namespace specd::daemon
