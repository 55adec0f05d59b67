#include "net/answer_cache.h"

#include <utility>

namespace specd::net {
namespace {

/// What it takes to hold one, about: nodes and counts are not free.
size_t cost(const std::string& key, const std::string& answer) {
  return key.size() + answer.size() + 200;
}

}  // namespace

bool AnswerCache::knows(const std::string& key) const {
  MutexLock lock(mutex_);
  return answers_.contains(key);
}

AnswerCache::Answer AnswerCache::find(Version version, const std::string& key) {
  MutexLock lock(mutex_);
  advance(version);
  if (version != version_) return nullptr;
  const auto found = answers_.find(key);
  return found == answers_.end() ? nullptr : found->second;
}

void AnswerCache::keep(Version version, std::string key, std::string answer) {
  const size_t size = cost(key, answer);
  auto kept = std::make_shared<const std::string>(std::move(answer));
  MutexLock lock(mutex_);
  advance(version);
  if (version != version_ || size > limit_ / 8) return;
  if (bytes_ + size > limit_) forget();
  if (answers_.try_emplace(std::move(key), std::move(kept)).second) bytes_ += size;
}

void AnswerCache::advance(Version version) {
  if (version <= version_) return;
  forget();
  version_ = version;
}

void AnswerCache::forget() {
  answers_.clear();
  bytes_ = 0;
}

}  // namespace specd::net
