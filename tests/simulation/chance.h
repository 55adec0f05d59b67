#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/rng.h"

namespace specd::simulation {

/// What happens next, as one seed has it.
class Chance {
 public:
  explicit Chance(uint64_t seed) : random_(seed) {}

  [[nodiscard]] uint64_t below(uint64_t end) { return random_.next() % end; }
  [[nodiscard]] bool one_in(uint64_t times) { return below(times) == 0; }
  template <class T>
  [[nodiscard]] const T& of(const std::vector<T>& all) {
    return all.at(below(all.size()));
  }
  /// A text that there never was: `whose`, and a number.
  [[nodiscard]] std::string text(const std::string& whose) {
    const uint64_t number = ++texts_;
    // Some have tasks, some grow and some shrink.
    std::string text = whose + " " + std::to_string(number) + "\n";
    for (uint64_t line = below(4); line > 0; --line)
      text += "- [" + std::string(one_in(2) ? "x" : " ") + "] " + std::to_string(number) + "." +
              std::to_string(line) + " task\n";
    return text;
  }

 private:
  SeededRandom random_;
  uint64_t texts_ = 0;
};

}  // namespace specd::simulation
