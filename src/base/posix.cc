#include "base/posix.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <climits>

#include "base/path.h"

namespace specd::posix {
namespace {

// Longer than a tick of any kernel we run on (10 ms at 100 Hz), with room.
constexpr int64_t kSettledAfterNs = 50'000'000;

int64_t ns_of(const timespec& time) {
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

Fd open_beneath(const Fd& root, const std::string& path, uint64_t flags, uint64_t resolve) {
  open_how how{};
  how.flags = flags | O_CLOEXEC;
  how.resolve = resolve;
  const char* name = path.empty() ? "." : path.c_str();
  return Fd(static_cast<int>(syscall(SYS_openat2, root.get(), name, &how, sizeof how)));
}

FileStat to_file_stat(const struct stat& st) {
  FileStat told;
  told.kind = S_ISREG(st.st_mode)   ? FileKind::regular
              : S_ISDIR(st.st_mode) ? FileKind::directory
              : S_ISLNK(st.st_mode) ? FileKind::link
                                    : FileKind::other;
  told.fingerprint = {st.st_dev, st.st_ino, st.st_size, ns_of(st.st_mtim), ns_of(st.st_ctim)};
  return told;
}

// The clock that stamps files: the coarse one, not the one that clock_gettime's users know.
bool is_settled(const Fingerprint& fingerprint) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  return fingerprint.ctime_ns + kSettledAfterNs < ns_of(now);
}

bool read_all(int file, size_t limit, std::string& content) {
  size_t done = 0;
  for (;;) {
    if (done == content.size()) {
      if (done > limit) return true;
      content.resize(done + 1);  // room to see that the file grew
    }
    const ssize_t got =
        pread(file, content.data() + done, content.size() - done, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  content.resize(done);
  return true;
}

std::string path_of(const Fd& file) {
  std::array<char, PATH_MAX> target{};
  const std::string link = "/proc/self/fd/" + std::to_string(file.get());
  const ssize_t length = readlink(link.c_str(), target.data(), target.size());
  return length < 0 ? std::string() : std::string(target.data(), static_cast<size_t>(length));
}

bool is_near(const Fd& root, const std::string& link, const Fd& target) {
  const std::string near = path_of(root) + "/" + std::string(path::first(link)) + "/";
  return path_of(target).starts_with(near);
}

void ignore_lease_signals() {
  struct sigaction now{};
  if (sigaction(SIGIO, nullptr, &now) == 0 && now.sa_handler == SIG_DFL) signal(SIGIO, SIG_IGN);
}

}  // namespace specd::posix
