#pragma once

#include <functional>
#include <string>
#include <thread>

namespace specd {

/// A named thread with all signals blocked (the main thread takes them), joined by the destructor.
/// Whoever owns it must have told its loop to end by then.
class Thread {
 public:
  Thread() = default;
  /// `name` is cut to 15 characters, as the kernel wants it. An exception out of `body` ends the
  /// process.
  Thread(const std::string& name, std::function<void()> body);
  Thread(Thread&&) = default;
  Thread& operator=(Thread&&) = default;
  ~Thread() { join(); }
  void join() {
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::thread thread_;
};

}  // namespace specd
