#include "tests/system/small_disk.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "base/assert.h"
#include "base/fd.h"

namespace specd::test {
namespace {

constexpr const char* kFilling = "/filling";

}  // namespace

SmallDisk::SmallDisk(std::string folder, int mib) : folder_(std::move(folder)) {
  std::filesystem::create_directories(folder_);
  const std::string options = "size=" + std::to_string(mib) + "m";
  const bool is_mounted = ::unshare(CLONE_NEWNS) == 0 &&
                          ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                          ::mount("small", folder_.c_str(), "tmpfs", 0, options.c_str()) == 0;
  if (!is_mounted) obstacle_ = std::string("no disk can be mounted here: ") + std::strerror(errno);
}

SmallDisk::~SmallDisk() {
  if (obstacle_.empty()) ::umount2(folder_.c_str(), MNT_DETACH);
}

void SmallDisk::fill() const {
  const Fd file(::open((folder_ + kFilling).c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600));
  const std::vector<char> page(4096, 'x');
  while (::write(file.get(), page.data(), page.size()) > 0) {
  }
  SPECD_ASSERT(errno == ENOSPC);
}

void SmallDisk::make_room() const {
  std::filesystem::remove(folder_ + kFilling);
}

}  // namespace specd::test
