#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "bench/support/bench.h"

namespace specd::bench {

/// When the last of many clients hears of an event. It looks for the event's number and at nothing
/// else.
class LastToHear {
 public:
  explicit LastToHear(size_t clients) : ears_(clients) {}

  /// The crowd's thread.
  void hear(size_t client, std::string_view bytes);

  /// From now on, an event with a greater number than any until now is waited for.
  void expect();
  /// Until each client has heard one; milliseconds from `watch` until the last one had.
  [[nodiscard]] double wait(const Stopwatch& watch);
  /// What a client hears with an event, as the first one to hear of one had it.
  [[nodiscard]] std::string sample();
  /// The greatest number of an event.
  [[nodiscard]] uint64_t greatest();

 private:
  struct Ear {
    std::string rest;  // the end of what came, in which a number may have begun
    uint64_t seq = 0;
  };

  std::mutex mutex_;
  std::condition_variable all_have_heard_;
  std::vector<Ear> ears_;
  std::string sample_;
  uint64_t greatest_ = 0;
  uint64_t before_ = UINT64_MAX;  // the number that is to be exceeded
  size_t left_ = 0;               // clients that have not
  Stopwatch since_start_;
  double last_ms_ = 0;
};

}  // namespace specd::bench
