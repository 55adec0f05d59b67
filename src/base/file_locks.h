#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace specd {

/// A lock that some process has on a file.
struct FileLock {
  enum class Kind { flock, posix } kind = Kind::posix;
  pid_t pid = 0;
  int64_t first_byte = 0;
};

/// Those on the file or folder at `path`, which is looked at by stat alone. None where the kernel
/// does not tell (/proc/locks), and on file systems that it knows by another number.
[[nodiscard]] std::vector<FileLock> locks_on(const std::string& path);

/// For people: "sqlite3 (process 1234)"; "process 1234" where its name is not to be had.
[[nodiscard]] std::string named_process(pid_t pid);

}  // namespace specd
