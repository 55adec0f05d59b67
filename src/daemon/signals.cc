#include "daemon/signals.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <initializer_list>
#include <limits>

namespace specd::daemon {
namespace {

sigset_t heard() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&set, signal);
  return set;
}

Fd signal_file() {
  const sigset_t set = heard();
  return Fd(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
}

}  // namespace

void block_signals() {
  const sigset_t set = heard();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGIO, SIG_IGN);
}

Wakeups::Wakeups()
    : signals_(signal_file()), clock_(timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC)) {
  arm_clock();
}

void Wakeups::arm_clock() {
  itimerspec never{};
  never.it_value.tv_sec = std::numeric_limits<time_t>::max();
  timerfd_settime(clock_.get(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, nullptr);
}

Wake Wakeups::wait(std::optional<std::chrono::microseconds> limit) {
  pollfd waiting[] = {{signals_.get(), POLLIN, 0}, {clock_.get(), POLLIN, 0}};
  timespec left{};
  if (limit) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*limit);
    left.tv_sec = seconds.count();
    left.tv_nsec = std::chrono::nanoseconds(*limit - seconds).count();
  }
  const int woken = ppoll(waiting, 2, limit ? &left : nullptr, nullptr);
  if (woken == 0) return Wake::timeout;
  signalfd_siginfo signal{};
  if (read(signals_.get(), &signal, sizeof signal) == sizeof signal) {
    if (signal.ssi_signo == SIGHUP) return Wake::reload;
    return signal.ssi_signo == SIGUSR1 ? Wake::poked : Wake::end;
  }
  uint64_t expirations = 0;
  if (read(clock_.get(), &expirations, sizeof expirations) < 0 && errno == ECANCELED) {
    arm_clock();
    return Wake::clock_set;
  }
  return Wake::poked;
}

void Wakeups::poke() {
  kill(getpid(), SIGUSR1);
}

}  // namespace specd::daemon
