#include "daemon/signals.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <initializer_list>

namespace specd::daemon {
namespace {

sigset_t ending() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : {SIGTERM, SIGINT, SIGUSR1}) sigaddset(&set, signal);
  return set;
}

}  // namespace

void block_signals() {
  const sigset_t set = ending();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGIO, SIG_IGN);
}

int wait_for_signal() {
  const sigset_t set = ending();
  int signal = 0;
  sigwait(&set, &signal);
  return signal == SIGUSR1 ? 0 : signal;
}

void wake_signals() {
  kill(getpid(), SIGUSR1);
}

}  // namespace specd::daemon
