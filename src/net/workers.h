#pragma once

#include <functional>
#include <vector>

#include "base/queue.h"
#include "base/thread.h"

namespace specd::net {

/// A few threads for work that may wait: files, the database.
class Workers {
 public:
  using Job = std::function<void()>;

  Workers(size_t threads, size_t queued);
  /// Waits for the jobs that run; those still queued are dropped.
  ~Workers();

  /// Any thread. False when too much is queued, or it is over.
  [[nodiscard]] bool post(Job job) { return jobs_.put(std::move(job)); }
  /// Jobs that wait for a thread.
  [[nodiscard]] size_t waiting() const { return jobs_.size(); }
  /// No more jobs. Returns at once.
  void stop() { jobs_.close(); }

 private:
  Queue<Job> jobs_;
  std::vector<Thread> threads_;
};

}  // namespace specd::net
