#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "base/mutex.h"
#include "base/result.h"
#include "store/store.h"

namespace specd::api {

/// Counts the states of the database, whoever changes it. A connection of its own, since SQLite
/// tells changes by numbers that mean nothing to another one. Any thread.
class StateVersion {
 public:
  using Open = std::function<Result<std::unique_ptr<store::Reader>>()>;

  explicit StateVersion(Open open) : open_(std::move(open)) {}

  /// The same as before only if nobody has committed since. None where the database cannot be read
  /// just now.
  [[nodiscard]] std::optional<uint64_t> now() SPECD_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    if (!reader_) {
      auto opened = open_();
      if (!opened) return std::nullopt;
      reader_ = std::move(*opened);
      seen_ = -1;
    }
    const auto seen = reader_->data_version();
    if (!seen) {
      reader_.reset();
      return std::nullopt;
    }
    if (*seen != seen_) ++version_;
    seen_ = *seen;
    return version_;
  }

 private:
  const Open open_;
  Mutex mutex_;
  std::unique_ptr<store::Reader> reader_ SPECD_GUARDED_BY(mutex_);
  int64_t seen_ SPECD_GUARDED_BY(mutex_) = -1;  ///< what SQLite said last
  uint64_t version_ SPECD_GUARDED_BY(mutex_) = 0;
};

}  // namespace specd::api
