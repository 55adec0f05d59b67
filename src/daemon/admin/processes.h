#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What /proc tells about other programs, see proc(5): of this user's alone, and none of it for
/// sure, since they come and go meanwhile.
namespace specd::admin {

/// Device (as stat(2) has it) and inode.
using FileId = std::pair<uint64_t, uint64_t>;

struct Process {
  long pid = 0;
  std::string name;  ///< as the kernel has it: 15 bytes at most
  int64_t inotify_instances = 0;
  std::vector<FileId> watched;     ///< what it watches with inotify, each watch
  std::vector<std::string> files;  ///< paths of what it has open
};

/// Every process of this user but this one, by pid. `proc`: "/proc", or what stands for it.
[[nodiscard]] std::vector<Process> processes(const std::string& proc);

/// The number in a file such as /proc/sys/fs/inotify/max_user_watches; -1 where there is none.
[[nodiscard]] int64_t number_in_file(const std::string& path);

/// The hard limit of open files, by the text of /proc/PID/limits; none where it does not tell.
[[nodiscard]] std::optional<int64_t> max_open_files(std::string_view limits);

/// The inodes that one `fdinfo` of an inotify instance names.
[[nodiscard]] std::vector<FileId> watches_in(std::string_view fdinfo);

/// Who has locked a file with flock(2), by the text of /proc/locks.
[[nodiscard]] std::vector<long> lock_holders(std::string_view locks, FileId file);

struct Mount {
  long id = -1;             ///< -1: not found
  std::string file_system;  ///< "ext4"
};
/// The one that an absolute path lies on, by the text of /proc/self/mountinfo.
[[nodiscard]] Mount mount_of(std::string_view mountinfo, std::string_view path);

}  // namespace specd::admin
