#include "store/obstacle.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace specd::store {
namespace {

namespace fs = std::filesystem;

// The errno; 0: it may.
int why_not(const std::string& path, int rights) {
  return faccessat(AT_FDCWD, path.c_str(), rights, AT_EACCESS) == 0 ? 0 : errno;
}

bool is_forbidden(int os) {
  return os == EACCES || os == EPERM || os == EROFS;
}

Obstacle obstacle_at(const std::string& path, int os) {
  Obstacle obstacle{.path = path, .os = os};
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) return obstacle;
  obstacle.is_folder = S_ISDIR(status.st_mode);
  obstacle.is_ours = status.st_uid == geteuid();
  return obstacle;
}

}  // namespace

std::string Obstacle::what() const {
  return path + ": cannot be written to (" + std::generic_category().message(os) + ")";
}

std::optional<Obstacle> find_obstacle(const std::string& path) {
  fs::path folder = fs::path(path).parent_path();
  int os = why_not(folder, W_OK | X_OK);
  while (os == ENOENT && folder.has_relative_path()) {
    folder = folder.parent_path();
    os = why_not(folder, W_OK | X_OK);
  }
  if (is_forbidden(os)) {
    Obstacle obstacle = obstacle_at(folder, os);
    obstacle.is_folder = true;  // also where it lies in one that may not be entered
    return obstacle;
  }
  for (const char* suffix : {"", "-wal", "-shm"}) {
    os = why_not(path + suffix, R_OK | W_OK);
    if (is_forbidden(os)) return obstacle_at(path + suffix, os);
  }
  return std::nullopt;
}

}  // namespace specd::store
