#include "daemon/admin/probe.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "base/fd.h"

namespace specd::admin {
namespace {

/// An empty file of ours, for as long as this lives.
class Scrap {
 public:
  explicit Scrap(std::string path)
      : path_(std::move(path)),
        file_(open(path_.c_str(), O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)),
        failed_(file_ ? 0 : errno) {}
  ~Scrap() {
    if (file_) unlink(path_.c_str());
  }
  Scrap(const Scrap&) = delete;
  Scrap& operator=(const Scrap&) = delete;

  [[nodiscard]] const char* path() const { return path_.c_str(); }
  [[nodiscard]] int fd() const { return file_.get(); }
  /// errno; 0: it is there.
  [[nodiscard]] int failed() const { return failed_; }

 private:
  const std::string path_;
  const Fd file_;
  const int failed_;
};

bool can_lease(int fd) {
  if (fcntl(fd, F_SETLEASE, F_RDLCK) != 0) return false;
  (void)fcntl(fd, F_SETLEASE, F_UNLCK);
  return true;
}

}  // namespace

Abilities probe_folder(const std::string& folder) {
  signal(SIGIO, SIG_IGN);  // should anybody break the lease in this moment
  const std::string name = folder + "/.specd-doctor-" + std::to_string(getpid());
  const Scrap one(name + "-1.specd-tmp"), other(name + "-2.specd-tmp");
  for (const Scrap* scrap : {&one, &other}) {
    if (scrap->failed() != 0)
      return {.untried = folder + ": " + std::generic_category().message(scrap->failed())};
  }
  Abilities found;
  found.can_lease = can_lease(one.fd());
  found.can_exchange =
      renameat2(AT_FDCWD, one.path(), AT_FDCWD, other.path(), RENAME_EXCHANGE) == 0;
  return found;
}

}  // namespace specd::admin
