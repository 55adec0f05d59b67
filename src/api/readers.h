#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "store/search.h"
#include "store/store.h"

namespace specd::api {

/// Read-only connections for workers: as many as were ever needed at once. Any thread.
template <class Reader>
class Pool {
 public:
  using Open = std::function<Result<std::unique_ptr<Reader>>()>;

  /// One reader, for one thread, until it goes; then the next one may have it. Outlived by Pool.
  class Lease {
   public:
    Lease(Pool& from, std::unique_ptr<Reader> reader, uint64_t generation)
        : from_(&from), reader_(std::move(reader)), generation_(generation) {}
    Lease(Lease&&) noexcept = default;
    ~Lease() {
      if (reader_) from_->give_back(std::move(reader_), generation_);
    }
    [[nodiscard]] Reader& reader() const { return *reader_; }
    [[nodiscard]] const store::Tables& tables() const { return reader_->tables(); }

   private:
    Pool* from_;
    std::unique_ptr<Reader> reader_;
    uint64_t generation_;
  };

  explicit Pool(Open open) : open_(std::move(open)) {}

  [[nodiscard]] Result<Lease> take() SPECD_EXCLUDES(mutex_) {
    uint64_t generation = 0;
    {
      MutexLock lock(mutex_);
      generation = generation_;
      if (!free_.empty()) {
        auto reader = std::move(free_.back());
        free_.pop_back();
        return Lease(*this, std::move(reader), generation);
      }
    }
    auto opened = open_();
    if (!opened) return tl::unexpected(opened.error());
    return Lease(*this, std::move(*opened), generation);
  }
  /// Forgets every reader, those that are out too: the database is another one now.
  void renew() SPECD_EXCLUDES(mutex_) {
    std::vector<std::unique_ptr<Reader>> old;  // closed without the lock
    MutexLock lock(mutex_);
    ++generation_;
    old.swap(free_);
  }

 private:
  void give_back(std::unique_ptr<Reader> reader, uint64_t generation) SPECD_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    if (generation == generation_) free_.push_back(std::move(reader));
  }

  const Open open_;
  Mutex mutex_;
  std::vector<std::unique_ptr<Reader>> free_ SPECD_GUARDED_BY(mutex_);
  uint64_t generation_ SPECD_GUARDED_BY(mutex_) = 0;
};

using Readers = Pool<store::Reader>;
using Searches = Pool<store::SearchReader>;

}  // namespace specd::api
