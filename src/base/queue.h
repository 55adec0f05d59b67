#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"

namespace specd {

/// A bounded queue from many threads to one. Nothing waits to put: whoever fills it is told, and
/// has a way to say "look everywhere" instead.
template <class T>
class Queue {
 public:
  explicit Queue(size_t capacity) : capacity_(capacity) {}

  /// False, and nothing is put, when the queue is full or closed.
  [[nodiscard]] bool put(T item) SPECD_EXCLUDES(mutex_) {
    {
      MutexLock lock(mutex_);
      if (closed_ || items_.size() >= capacity_) return false;
      items_.push_back(std::move(item));
    }
    ready_.notify_one();
    return true;
  }

  /// Everything that is there; waits until something is, `deadline` passes, or the queue is closed.
  [[nodiscard]] std::vector<T> take_all(SteadyTime deadline) SPECD_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    while (items_.empty() && !closed_) {
      if (ready_.wait_until(mutex_, deadline) == std::cv_status::timeout) break;
    }
    return drain();
  }

  /// Everything that is there now.
  [[nodiscard]] std::vector<T> take_all() SPECD_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    return drain();
  }

  /// One item; none once the queue is closed and empty.
  [[nodiscard]] std::optional<T> take() SPECD_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    while (items_.empty() && !closed_) ready_.wait(mutex_);
    if (items_.empty()) return std::nullopt;
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    return item;
  }

  [[nodiscard]] size_t size() const SPECD_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    return items_.size();
  }
  /// `look(item)` of the one that waits longest; none where nothing does. With the lock held.
  template <class Look>
  [[nodiscard]] auto front(Look look) const SPECD_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    return items_.empty() ? std::nullopt : std::optional(look(items_.front()));
  }

  /// Wakes every taker; what is in the queue can still be taken.
  void close() SPECD_EXCLUDES(mutex_) {
    {
      MutexLock lock(mutex_);
      closed_ = true;
    }
    ready_.notify_all();
  }

  [[nodiscard]] bool closed() const SPECD_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    return closed_;
  }

 private:
  std::vector<T> drain() SPECD_REQUIRES(mutex_) {
    std::vector<T> taken(std::make_move_iterator(items_.begin()),
                         std::make_move_iterator(items_.end()));
    items_.clear();
    return taken;
  }

  const size_t capacity_;
  mutable Mutex mutex_;
  CondVar ready_;
  std::deque<T> items_ SPECD_GUARDED_BY(mutex_);
  bool closed_ SPECD_GUARDED_BY(mutex_) = false;
};

}  // namespace specd
