#include "base/file_locks.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "base/path.h"

namespace specd {

// Lines such as "1: FLOCK  ADVISORY  WRITE 1234 fe:00:5678 0 EOF"; one that waits has "->" before
// its kind, and is passed over.
std::vector<FileLock> locks_on(const std::string& path) {
  struct stat file{};
  if (::stat(path.c_str(), &file) != 0) return {};
  std::vector<FileLock> found;
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    std::istringstream fields(line);
    std::string number, kind, mode, access, place;
    FileLock lock;
    if (!(fields >> number >> kind >> mode >> access >> lock.pid >> place >> lock.first_byte))
      continue;
    unsigned major = 0, minor = 0;
    unsigned long long inode = 0;
    if (std::sscanf(place.c_str(), "%x:%x:%llu", &major, &minor, &inode) != 3) continue;
    if (inode != file.st_ino || ::makedev(major, minor) != file.st_dev) continue;
    if (kind != "FLOCK" && kind != "POSIX") continue;
    lock.kind = kind == "FLOCK" ? FileLock::Kind::flock : FileLock::Kind::posix;
    found.push_back(lock);
  }
  return found;
}

std::string named_process(pid_t pid) {
  std::string process = "process " + std::to_string(pid);
  std::ifstream in("/proc/" + std::to_string(pid) + "/comm");
  std::string name;
  if (!std::getline(in, name) || name.empty()) return process;
  return printable_utf8(name) + " (" + process + ")";
}

}  // namespace specd
