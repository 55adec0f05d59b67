#include "bench/support/bench.h"

#include <stdlib.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <string_view>

#include "base/log.h"

namespace specd::bench {

Arguments arguments(int argc, char** argv) {
  Arguments found;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) != "--quick")
      die("usage: " + std::string(argv[0]) + " [--quick]");
    found = {.quick = true, .runs = 1};
  }
  log::set_level(log::Level::warn);
  return found;
}

void die(const std::string& why) {
  std::fprintf(stderr, "bench: %s\n", why.c_str());
  std::exit(1);
}

double time_of(const std::function<void()>& work) {
  const Stopwatch watch;
  work();
  return watch.ms();
}

double quantile(std::vector<double> values, double part) {
  if (values.empty()) die("nothing was measured");
  std::sort(values.begin(), values.end());
  const auto rank = static_cast<size_t>(std::ceil(part * static_cast<double>(values.size())));
  return values[std::max<size_t>(rank, 1) - 1];
}

void report(const std::string& name, double ours, double floor, const std::string& unit) {
  std::printf("%-24s %10.3f %-3s %10.3f %-3s %8.2f\n", name.c_str(), ours, unit.c_str(), floor,
              unit.c_str(), ours / floor);
  std::fflush(stdout);
}

void report_alone(const std::string& name, double ours, const std::string& unit) {
  std::printf("%-24s %10.3f %s\n", name.c_str(), ours, unit.c_str());
  std::fflush(stdout);
}

void report(const std::string& name, const Times& times) {
  report(name, quantile(times.ours, 0.5), quantile(times.floor, 0.5));
}

Workspace::Workspace() {
  // The temporary folder may be in memory; what we measure lives on disks.
  std::string pattern = (std::filesystem::current_path() / "specd-bench-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) die("cannot make " + pattern);
  path_ = pattern;
}
Workspace::~Workspace() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace specd::bench
