#include "base/thread.h"

#include <pthread.h>
#include <signal.h>

namespace specd {

Thread::Thread(const std::string& name, std::function<void()> body) {
  // A new thread inherits the mask, so that there is no moment in which it could be interrupted.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([name = name.substr(0, 15), body = std::move(body)]() noexcept {
    pthread_setname_np(pthread_self(), name.c_str());
    body();
  });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace specd
