#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

/// What every workload shares. A workload prints one line per result,
///
///     name                     ours ms     floor ms    ratio
///
/// where `floor` is what the bare work costs on this machine, measured in the same run: the ratio
/// is what can be compared between machines. Each run also proves that rows equal files, and ends
/// the program where they do not: a fast daemon that is wrong is worth nothing.
namespace specd::bench {

struct Arguments {
  bool quick = false;  ///< a twentieth of the size, one run: to see that it works
  int runs = 5;

  [[nodiscard]] size_t scaled(size_t full) const { return quick ? (full + 19) / 20 : full; }
};
/// From `[--quick]`; anything else ends the program.
[[nodiscard]] Arguments arguments(int argc, char** argv);

[[noreturn]] void die(const std::string& why);
template <class T>
T must(Result<T> result) {
  if (!result) die(result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// Milliseconds since it was made.
class Stopwatch {
 public:
  [[nodiscard]] double ms() const {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began_)
        .count();
  }

 private:
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

[[nodiscard]] double time_of(const std::function<void()>& work);

/// Milliseconds, one for each run.
struct Times {
  std::vector<double> ours;
  std::vector<double> floor;
};
/// The value that `part` of 1 of them do not exceed.
[[nodiscard]] double quantile(std::vector<double> values, double part);
void report(const std::string& name, double ours, double floor, const std::string& unit = "ms");
/// Where there is nothing to compare it with.
void report_alone(const std::string& name, double ours, const std::string& unit);
/// The medians.
void report(const std::string& name, const Times& times);

/// A folder of the benchmark's own, removed with everything in it.
class Workspace {
 public:
  Workspace();
  ~Workspace();
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;
  [[nodiscard]] std::string at(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace specd::bench
