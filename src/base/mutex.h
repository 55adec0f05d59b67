#pragma once

#include <condition_variable>
#include <mutex>

/// Locks that clang's thread-safety analysis understands
/// (https://clang.llvm.org/docs/ThreadSafetyAnalysis.html). Other compilers see nothing.
#if defined(__clang__)
#define SPECD_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define SPECD_THREAD_ATTRIBUTE(x)
#endif

#define SPECD_GUARDED_BY(x) SPECD_THREAD_ATTRIBUTE(guarded_by(x))
#define SPECD_REQUIRES(...) SPECD_THREAD_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define SPECD_EXCLUDES(...) SPECD_THREAD_ATTRIBUTE(locks_excluded(__VA_ARGS__))

namespace specd {

class SPECD_THREAD_ATTRIBUTE(capability("mutex")) Mutex {
 public:
  void lock() SPECD_THREAD_ATTRIBUTE(acquire_capability()) { mutex_.lock(); }
  void unlock() SPECD_THREAD_ATTRIBUTE(release_capability()) { mutex_.unlock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

class SPECD_THREAD_ATTRIBUTE(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) SPECD_THREAD_ATTRIBUTE(acquire_capability(mutex))
      : mutex_(mutex) {
    mutex_.lock();
  }
  ~MutexLock() SPECD_THREAD_ATTRIBUTE(release_capability()) { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

/// Waits with a Mutex held; loop over the condition yourself, so that the analysis sees the guarded
/// reads.
class CondVar {
 public:
  void wait(Mutex& mutex) SPECD_REQUIRES(mutex) {
    std::unique_lock lock(mutex.mutex_, std::adopt_lock);
    cond_.wait(lock);
    lock.release();
  }
  template <class TimePoint>
  std::cv_status wait_until(Mutex& mutex, TimePoint deadline) SPECD_REQUIRES(mutex) {
    std::unique_lock lock(mutex.mutex_, std::adopt_lock);
    const std::cv_status status = cond_.wait_until(lock, deadline);
    lock.release();
    return status;
  }
  template <class Duration>
  std::cv_status wait_for(Mutex& mutex, Duration length) SPECD_REQUIRES(mutex) {
    std::unique_lock lock(mutex.mutex_, std::adopt_lock);
    const std::cv_status status = cond_.wait_for(lock, length);
    lock.release();
    return status;
  }
  void notify_one() { cond_.notify_one(); }
  void notify_all() { cond_.notify_all(); }

 private:
  std::condition_variable cond_;
};

}  // namespace specd
