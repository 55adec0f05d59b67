#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "bench/support/bench.h"
#include "bench/support/daemon.h"

namespace specd::bench {

/// The version of each spec, by its key.
using Versions = std::map<std::string, uint64_t, std::less<>>;
/// As the API lists them.
[[nodiscard]] Versions listed_versions(const Daemon& daemon);

/// Many clients that each keep the version of every spec, from events alone. Of an event they read
/// the key and the version, and nothing else.
class Followers {
 public:
  Followers(size_t clients, const Versions& begin);

  /// The crowd's thread.
  void hear(size_t client, std::string_view bytes);

  /// Until each of them has what the API lists, and nothing comes any more; ends the program after
  /// a minute. Milliseconds from `watch` until the last one learned what was new to it.
  [[nodiscard]] double wait(const Stopwatch& watch, const Daemon& daemon);
  /// What one of them was told, in bytes, since the last call.
  [[nodiscard]] uint64_t bytes_told();

 private:
  struct View {
    std::vector<uint64_t> versions;  // by place
    std::string rest;                // the end of what came, with an event that is not whole
    uint64_t bytes = 0;
  };
  [[nodiscard]] size_t learn(View& view, std::string_view bytes);
  [[nodiscard]] size_t views_unlike(const Versions& versions);
  [[nodiscard]] double last_ms();

  std::mutex mutex_;
  std::map<std::string, size_t, std::less<>> places_;  // of keys
  std::vector<View> views_;
  Stopwatch since_start_;
  double last_ms_ = 0;
  uint64_t told_before_ = 0;
};

}  // namespace specd::bench
