#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "store/store.h"

namespace specd::api {

/// Read-only connections for workers: as many as were ever needed at once. Any thread.
class Readers {
 public:
  using Open = std::function<Result<std::unique_ptr<store::Reader>>()>;

  /// One reader, for one thread, until it goes; then the next one may have it. Outlived by Readers.
  class Lease {
   public:
    Lease(Readers& from, std::unique_ptr<store::Reader> reader, uint64_t generation)
        : from_(&from), reader_(std::move(reader)), generation_(generation) {}
    Lease(Lease&&) = default;
    ~Lease() {
      if (reader_) from_->give_back(std::move(reader_), generation_);
    }
    [[nodiscard]] const store::Tables& tables() const { return reader_->tables(); }

   private:
    Readers* from_;
    std::unique_ptr<store::Reader> reader_;
    uint64_t generation_;
  };

  explicit Readers(Open open) : open_(std::move(open)) {}

  [[nodiscard]] Result<Lease> take() SPECD_EXCLUDES(mutex_);
  /// Forgets every reader, those that are out too: the database is another one now.
  void renew() SPECD_EXCLUDES(mutex_);

 private:
  void give_back(std::unique_ptr<store::Reader> reader, uint64_t generation) SPECD_EXCLUDES(mutex_);

  const Open open_;
  Mutex mutex_;
  std::vector<std::unique_ptr<store::Reader>> free_ SPECD_GUARDED_BY(mutex_);
  uint64_t generation_ SPECD_GUARDED_BY(mutex_) = 0;
};

}  // namespace specd::api
