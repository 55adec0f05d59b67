#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "base/mutex.h"
#include "base/thread.h"

namespace specd::sync {

/// A few threads that do many small things at once, such as reading files; they sleep while there
/// is nothing to do. Whoever waits for work takes part in it. `start` and `run` may be called from
/// any thread, and on a crew of no threads too.
class Crew {
 public:
  class Job;

  explicit Crew(int threads);
  ~Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  /// Begins to call `work(0)` to `work(count - 1)`, each once, in any order and on any thread. What
  /// `work` refers to must outlive the job.
  [[nodiscard]] Job start(size_t count, std::function<void(size_t)> work);
  /// The same, and returns when all is done.
  void run(size_t count, std::function<void(size_t)> work);

 private:
  struct Task;

  void live() SPECD_EXCLUDES(mutex_);
  void finish(Task& task) SPECD_EXCLUDES(mutex_);
  void wake(size_t threads);

  Mutex mutex_;
  CondVar wake_;  // there is a task, or the end
  CondVar left_;  // somebody has left a task
  std::deque<Task*> tasks_ SPECD_GUARDED_BY(mutex_);
  bool is_ending_ SPECD_GUARDED_BY(mutex_) = false;
  std::vector<Thread> threads_;
};

/// Work that a crew is at. Must not outlive the crew.
class Crew::Job {
 public:
  Job();
  Job(Crew& crew, std::unique_ptr<Task> task);
  Job(Job&&) noexcept;
  Job& operator=(Job&&) noexcept;
  /// Waits.
  ~Job();

  /// Helps, until all of it is done.
  void wait();

 private:
  Crew* crew_ = nullptr;
  std::unique_ptr<Task> task_;
};

}  // namespace specd::sync
