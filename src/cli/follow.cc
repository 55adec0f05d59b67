#include "cli/follow.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>

#include "base/fd.h"
#include "base/thread.h"
#include "cli/client.h"
#include "cli/print.h"

namespace specd::cli {
namespace {

constexpr int kFirstRetryMs = 100;
constexpr int kLongestRetryMs = 2'000;
// Several of the daemon's heartbeats.
constexpr std::chrono::seconds kSilence{60};

// The signals that end us, as something to wait for.
Fd block_ends() {
  sigset_t set;
  sigemptyset(&set);
  for (int each : {SIGINT, SIGTERM}) sigaddset(&set, each);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return Fd(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
}

/// One connection to the event stream, read by a thread of its own. What the events say does not
/// matter, only that there are some.
class Listener {
 public:
  Listener(const net::HttpClient::Options& options, const std::string& target)
      : wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
        stream_(options),
        thread_("events", [this, target] {
          (void)stream_.read(target, [this](std::string_view) {
            is_open_ = true;
            poke();
          });
          is_over_ = true;
          poke();
        }) {}
  ~Listener() {
    stream_.stop();
    thread_.join();
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  [[nodiscard]] int wake_fd() const { return wake_.get(); }
  void take() const {
    uint64_t count = 0;
    (void)!read(wake_.get(), &count, sizeof count);
  }
  [[nodiscard]] bool is_open() const { return is_open_; }  ///< something has come
  [[nodiscard]] bool is_over() const { return is_over_; }

 private:
  void poke() const { (void)!write(wake_.get(), "\1\0\0\0\0\0\0\0", 8); }

  const Fd wake_;
  std::atomic<bool> is_open_ = false;
  std::atomic<bool> is_over_ = false;
  net::HttpStream stream_;
  Thread thread_;  // last: it uses all of the above
};

class Follower {
 public:
  Follower(const AskArgs& ask, const std::string& target, const std::function<Result<>()>& catch_up)
      : ask_(ask), target_(target), catch_up_(catch_up), ends_(block_ends()) {}

  int run() {
    for (int retry_ms = kFirstRetryMs; !is_ended_;) {
      if (listen()) retry_ms = kFirstRetryMs;
      if (is_ended_) break;
      // It may answer, and have no stream for us: too many listen already.
      if (!show_news()) {
        if (!is_lost_) std::fputs("specd: the daemon is gone; waiting for it\n", stderr);
        is_lost_ = true;
      }
      if (!is_ended_) wait(-1, retry_ms);
      retry_ms = std::min(2 * retry_ms, kLongestRetryMs);
    }
    return exit_code_;
  }

 private:
  // Until the connection ends, or we do. Whether there was one at all.
  bool listen() {
    auto options = daemon_options(ask_);
    if (!options) return false;
    options->answer_limit = kSilence;
    const Listener listener(*options, target_);
    while (!is_ended_ && !listener.is_over()) {
      wait(listener.wake_fd(), -1);
      if (is_ended_) break;
      listener.take();
      if (listener.is_open() && !show_news()) break;
    }
    return listener.is_open();
  }

  // False where nobody answers any more.
  bool show_news() {
    const auto done = catch_up_();
    std::fflush(stdout);
    if (std::ferror(stdout) != 0) {
      is_ended_ = true;  // nobody reads on
    } else if (done) {
      if (is_lost_) std::fputs("specd: the daemon is back\n", stderr);
      is_lost_ = false;
    } else if (done.error().code == Code::refused || done.error().code == Code::invalid) {
      exit_code_ = give_up(done.error());
      is_ended_ = true;
    } else {
      return false;
    }
    return true;
  }

  // For a sign of the listener, an end, or the time to be over.
  void wait(int wake_fd, int limit_ms) {
    pollfd waiting[] = {{ends_.get(), POLLIN, 0}, {STDOUT_FILENO, 0, 0}, {wake_fd, POLLIN, 0}};
    if (poll(waiting, 3, limit_ms) < 0) return;
    const bool is_unread = (waiting[1].revents & (POLLERR | POLLHUP)) != 0;
    is_ended_ = is_ended_ || waiting[0].revents != 0 || is_unread;
  }

  const AskArgs& ask_;
  const std::string& target_;
  const std::function<Result<>()>& catch_up_;
  const Fd ends_;
  bool is_lost_ = false;
  bool is_ended_ = false;
  int exit_code_ = 0;
};

}  // namespace

int follow(const AskArgs& ask, const std::string& target,
           const std::function<Result<>()>& catch_up) {
  return Follower(ask, target, catch_up).run();
}

}  // namespace specd::cli
