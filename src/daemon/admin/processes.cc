#include "daemon/admin/processes.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "base/path.h"
#include "daemon/places.h"

namespace specd::admin {
namespace {

namespace stdfs = std::filesystem;

// The names in a folder; none where it cannot be read.
std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (stdfs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    names.push_back(at->path().filename().string());
  return names;
}

// The kernel's own dev_t: 12 bits and 20 bits, other than in user space.
uint64_t device_from_kernel(unsigned device) {
  return makedev(device >> 20, device & 0xfffff);
}

void read_files(const std::string& folder, Process& process) {
  for (const std::string& number : names_in(folder + "/fd")) {
    std::error_code error;
    const std::string target = stdfs::read_symlink(folder + "/fd/" + number, error).string();
    if (error) continue;
    if (target.starts_with('/')) process.files.push_back(target);
    if (target != "anon_inode:inotify" && target != "inotify") continue;
    ++process.inotify_instances;
    const auto info = daemon::read_text_file(folder + "/fdinfo/" + number);
    if (!info) continue;
    const auto watched = watches_in(*info);
    process.watched.insert(process.watched.end(), watched.begin(), watched.end());
  }
}

// "\040" and such stand for what would end a field.
std::string unescaped(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      plain +=
          static_cast<char>(std::strtol(std::string(text.substr(i + 1, 3)).c_str(), nullptr, 8));
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::istringstream in{std::string(text)};
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace

std::vector<Process> processes(const std::string& proc) {
  std::vector<Process> found;
  for (const std::string& name : names_in(proc)) {
    const long pid = std::atol(name.c_str());
    const std::string folder = proc + "/" + name;
    struct stat st{};
    if (pid <= 0 || pid == getpid()) continue;
    if (stat(folder.c_str(), &st) != 0 || st.st_uid != getuid()) continue;
    Process process{.pid = pid};
    process.name = daemon::read_text_file(folder + "/comm").value_or("");
    while (process.name.ends_with('\n')) process.name.pop_back();
    read_files(folder, process);
    found.push_back(std::move(process));
  }
  std::ranges::sort(found, {}, &Process::pid);
  return found;
}

int64_t number_in_file(const std::string& path) {
  const auto text = daemon::read_text_file(path);
  return text && !text->empty() ? std::atoll(text->c_str()) : -1;
}

// "Max open files            1024                 524288               files     "
std::optional<int64_t> max_open_files(std::string_view limits) {
  for (const std::string& line : lines_of(limits)) {
    long long hard = 0;
    if (std::sscanf(line.c_str(), "Max open files %*s %lld", &hard) == 1) return hard;
  }
  return std::nullopt;
}

// "inotify wd:1 ino:2a03 sdev:fe00000 mask:fc6 ignored_mask:0 fhandle-bytes:8 …"
std::vector<FileId> watches_in(std::string_view fdinfo) {
  std::vector<FileId> found;
  for (const std::string& line : lines_of(fdinfo)) {
    unsigned long long inode = 0;
    unsigned device = 0;
    if (std::sscanf(line.c_str(), "inotify wd:%*x ino:%llx sdev:%x", &inode, &device) == 2)
      found.emplace_back(device_from_kernel(device), inode);
  }
  return found;
}

// "1: FLOCK  ADVISORY  WRITE 1234 fe:00:5678 0 EOF"
std::vector<long> lock_holders(std::string_view locks, FileId file) {
  std::vector<long> pids;
  for (const std::string& line : lines_of(locks)) {
    long pid = 0;
    unsigned major = 0, minor = 0;
    unsigned long long inode = 0;
    const int read = std::sscanf(line.c_str(), "%*d: FLOCK ADVISORY %*s %ld %x:%x:%llu", &pid,
                                 &major, &minor, &inode);
    if (read == 4 && FileId{makedev(major, minor), inode} == file) pids.push_back(pid);
  }
  return pids;
}

// "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw"; a later one covers an earlier.
Mount mount_of(std::string_view mountinfo, std::string_view path) {
  Mount best;
  size_t longest = 0;
  for (const std::string& line : lines_of(mountinfo)) {
    std::istringstream fields(line);
    long id = -1;
    std::string parent, device, root, point, word, type;
    if (!(fields >> id >> parent >> device >> root >> point)) continue;
    point = unescaped(point);
    const bool is_in = point == "/" || path == point || path.starts_with(point + "/");
    if (!is_in || point.size() < longest) continue;
    while (fields >> word && word != "-") {
    }
    if (!(fields >> type)) continue;
    longest = point.size();
    best = {id, type};
  }
  return best;
}

}  // namespace specd::admin
