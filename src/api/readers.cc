#include "api/readers.h"

#include <utility>

namespace specd::api {

Result<Readers::Lease> Readers::take() {
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

void Readers::give_back(std::unique_ptr<store::Reader> reader, uint64_t generation) {
  MutexLock lock(mutex_);
  if (generation == generation_) free_.push_back(std::move(reader));
}

void Readers::renew() {
  std::vector<std::unique_ptr<store::Reader>> old;  // closed without the lock
  MutexLock lock(mutex_);
  ++generation_;
  old.swap(free_);
}

}  // namespace specd::api
