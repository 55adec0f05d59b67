#include "sync/crew.h"

#include <algorithm>
#include <utility>

namespace specd::sync {

struct Crew::Task {
  std::function<void(size_t)> work;
  size_t count = 0;
  std::atomic<size_t> next = 0;
  size_t helpers = 0;  // guarded by the crew's mutex

  void help() {
    for (size_t i = next++; i < count; i = next++) work(i);
  }
};

Crew::Crew(int threads) {
  for (int i = 0; i < threads; ++i) {
    threads_.emplace_back("crew", [this] { live(); });
  }
}

Crew::~Crew() {
  {
    MutexLock lock(mutex_);
    is_ending_ = true;
  }
  wake_.notify_all();
}

void Crew::live() {
  for (;;) {
    Task* task = nullptr;
    {
      MutexLock lock(mutex_);
      while (tasks_.empty() && !is_ending_) wake_.wait(mutex_);
      if (tasks_.empty()) return;
      task = tasks_.front();
      ++task->helpers;
    }
    task->help();
    MutexLock lock(mutex_);
    // Nothing of it is left to begin; whoever owns it may still wait for others that are at it.
    std::erase(tasks_, task);
    if (--task->helpers == 0) left_.notify_all();
  }
}

void Crew::finish(Task& task) {
  task.help();
  MutexLock lock(mutex_);
  std::erase(tasks_, &task);
  while (task.helpers != 0) left_.wait(mutex_);
}

Crew::Job Crew::start(size_t count, std::function<void(size_t)> work) {
  auto task = std::make_unique<Task>();
  task->work = std::move(work);
  task->count = count;
  if (count > 0) {
    MutexLock lock(mutex_);
    tasks_.push_back(task.get());
  }
  wake(count);
  return {*this, std::move(task)};
}

void Crew::run(size_t count, std::function<void(size_t)> work) {
  // Whoever waits takes part, so nobody is to be woken for one thing.
  if (count != 1) return start(count, std::move(work)).wait();
  work(0);
}

void Crew::wake(size_t threads) {
  if (threads >= threads_.size()) return wake_.notify_all();
  for (size_t i = 0; i < threads; ++i) wake_.notify_one();
}

Crew::Job::Job(Crew& crew, std::unique_ptr<Task> task) : crew_(&crew), task_(std::move(task)) {}
Crew::Job::Job() = default;
Crew::Job::Job(Job&&) noexcept = default;
Crew::Job& Crew::Job::operator=(Job&& other) noexcept {
  wait();
  crew_ = other.crew_;
  task_ = std::move(other.task_);
  return *this;
}
Crew::Job::~Job() {
  wait();
}

void Crew::Job::wait() {
  if (!task_) return;
  crew_->finish(*task_);
  task_.reset();
}

}  // namespace specd::sync
