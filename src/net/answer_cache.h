#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/mutex.h"

namespace specd::net {

/// Answers that were worded once, until what they tell of changes. Any thread.
class AnswerCache {
 public:
  using Answer = std::shared_ptr<const std::string>;
  /// Names the state that answers are made from: grows with every change of it.
  using Version = uint64_t;

  /// Holds about `limit` bytes; full, it begins anew.
  explicit AnswerCache(size_t limit) : limit_(limit) {}

  /// Whether there is one under `key`, of whatever version. Spares asking for the version.
  [[nodiscard]] bool knows(const std::string& key) const SPECD_EXCLUDES(mutex_);
  /// The answer under `key`, made from this very version; null if there is none. All older ones are
  /// forgotten.
  [[nodiscard]] Answer find(Version version, const std::string& key) SPECD_EXCLUDES(mutex_);
  /// The version must have been asked for before what the answer tells was read. Too large ones,
  /// and those of an older version than was heard of, are not kept.
  void keep(Version version, std::string key, std::string answer) SPECD_EXCLUDES(mutex_);

 private:
  void advance(Version version) SPECD_REQUIRES(mutex_);
  void forget() SPECD_REQUIRES(mutex_);

  const size_t limit_;
  mutable Mutex mutex_;
  Version version_ SPECD_GUARDED_BY(mutex_) = 0;  ///< of every answer here
  size_t bytes_ SPECD_GUARDED_BY(mutex_) = 0;
  std::unordered_map<std::string, Answer> answers_ SPECD_GUARDED_BY(mutex_);
};

}  // namespace specd::net
