#include "watch/log_watch.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <utility>

#include "base/bell.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/thread.h"

namespace specd::watch {
namespace {

// What this process writes comes in bursts, and is told together: nobody waits for it.
constexpr int kOwnBurstMs = 2;

class InotifyLogWatch final : public LogWatch {
 public:
  InotifyLogWatch(Fd instance, std::string name, Hooks hooks)
      : name_(std::move(name)),
        hooks_(std::move(hooks)),
        instance_(std::move(instance)),
        known_writes_(hooks_.own_writes()) {
    thread_ = Thread("log watch", [this] { run(); });
  }
  ~InotifyLogWatch() override {
    is_stopping_ = true;
    bell_.ring();
    thread_.join();
  }

 private:
  void run();
  void wait_for_events() const;
  void wait_for_burst() const;
  [[nodiscard]] bool take_events() const;

  const std::string name_;
  const Hooks hooks_;
  const Fd instance_;
  const Bell bell_;
  std::atomic<bool> is_stopping_ = false;
  uint64_t known_writes_;  // own ones, whose events were taken; the thread's
  Thread thread_;          // last: it uses all of the above
};

void InotifyLogWatch::wait_for_events() const {
  std::array<pollfd, 2> waiting{{{.fd = instance_.get(), .events = POLLIN, .revents = 0},
                                 {.fd = bell_.fd(), .events = POLLIN, .revents = 0}}};
  (void)poll(waiting.data(), waiting.size(), -1);
}

void InotifyLogWatch::wait_for_burst() const {
  pollfd waiting{.fd = bell_.fd(), .events = POLLIN, .revents = 0};
  (void)poll(&waiting, 1, kOwnBurstMs);
}

// Whether any of them is about the file. Those of its neighbours come, too.
bool InotifyLogWatch::take_events() const {
  alignas(inotify_event) std::array<char, 4096> buffer{};
  bool is_written = false;
  for (;;) {
    const ssize_t got = read(instance_.get(), buffer.data(), buffer.size());
    if (got <= 0) return is_written;
    for (ssize_t at = 0; at < got;) {
      const auto& event = *reinterpret_cast<const inotify_event*>(buffer.data() + at);
      at += static_cast<ssize_t>(sizeof event + event.len);
      const bool is_lost = (event.mask & IN_Q_OVERFLOW) != 0;
      is_written = is_written || is_lost || (event.len != 0 && name_ == event.name);
    }
  }
}

void InotifyLogWatch::run() {
  for (;;) {
    wait_for_events();
    if (is_stopping_) return;
    // Before the events are taken: what comes in between is judged next time.
    const uint64_t now = hooks_.own_writes();
    if (!take_events()) continue;
    if (now == known_writes_) {
      hooks_.written_by_others();
      continue;
    }
    wait_for_burst();
    if (is_stopping_) return;
    known_writes_ = hooks_.own_writes();
    (void)take_events();
    hooks_.written();
  }
}

}  // namespace

Result<std::unique_ptr<LogWatch>> LogWatch::start(const std::string& path, Hooks hooks) {
  const std::string folder(path::parent(path));
  Fd instance(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!instance) return fail_os("watch " + path + "; see fs.inotify.max_user_instances", errno);
  if (inotify_add_watch(instance.get(), folder.c_str(), IN_MODIFY | IN_ONLYDIR) < 0)
    return fail_os("watch " + folder + "; see fs.inotify.max_user_watches", errno);
  return std::unique_ptr<LogWatch>(std::make_unique<InotifyLogWatch>(
      std::move(instance), std::string(path::name(path)), std::move(hooks)));
}

}  // namespace specd::watch
