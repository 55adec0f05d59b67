#include "bench/support/last_to_hear.h"

#include <algorithm>
#include <charconv>

namespace specd::bench {
namespace {

constexpr std::string_view kMark = "\"seq\":";
/// A mark, and as many digits as a number can have, but for one.
constexpr size_t kRest = kMark.size() + 19;

/// The last number in it that is there to its end; 0: none.
uint64_t last_seq(std::string_view bytes) {
  for (size_t at = bytes.rfind(kMark); at != std::string_view::npos;
       at = bytes.rfind(kMark, at - 1)) {
    const char* const begin = bytes.data() + at + kMark.size();
    const char* const end = bytes.data() + bytes.size();
    uint64_t seq = 0;
    if (std::from_chars(begin, end, seq).ptr != end) return seq;
    if (at == 0) break;
  }
  return 0;
}

}  // namespace

void LastToHear::hear(size_t client, std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  Ear& ear = ears_[client];
  uint64_t seq = last_seq(bytes);
  // Else a number in two pieces would not be seen.
  if (seq == 0 && !ear.rest.empty()) {
    seq = last_seq(ear.rest.append(bytes.substr(0, kRest)));
  }
  ear.rest = bytes.substr(bytes.size() - std::min(bytes.size(), kRest));
  if (seq <= ear.seq) return;
  if (seq > before_ && ear.seq <= before_ && left_ > 0 && --left_ == 0) {
    last_ms_ = since_start_.ms();
    all_have_heard_.notify_all();
  }
  ear.seq = seq;
  if (seq > greatest_) {
    greatest_ = seq;
    sample_ = bytes;
  }
}

void LastToHear::expect() {
  const std::lock_guard lock(mutex_);
  before_ = greatest_;
  left_ = ears_.size();
}

double LastToHear::wait(const Stopwatch& watch) {
  std::unique_lock lock(mutex_);
  if (!all_have_heard_.wait_for(lock, std::chrono::seconds(30), [&] { return left_ == 0; }))
    die(std::to_string(left_) + " clients did not hear of an event");
  // Both watches go on alike: what has passed since then on one has on the other.
  return watch.ms() - (since_start_.ms() - last_ms_);
}

std::string LastToHear::sample() {
  const std::lock_guard lock(mutex_);
  return sample_;
}

uint64_t LastToHear::greatest() {
  const std::lock_guard lock(mutex_);
  return greatest_;
}

}  // namespace specd::bench
