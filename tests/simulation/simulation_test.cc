// The whole of sync against a model: many short runs, each made by one seed.

#include "tests/simulation/simulation.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

namespace specd::simulation {
namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr uint64_t kRuns = 60;  // each takes many times as long
#else
constexpr uint64_t kRuns = 1'000;
#endif

uint64_t asked(const char* name, uint64_t otherwise) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

std::string to_lines(const std::vector<std::string>& all) {
  std::string lines;
  for (const std::string& one : all) lines += one + "\n";
  return lines;
}

TEST(SimulationTest, NothingIsLostAndAllIsInStepWhateverHappens) {
  const uint64_t one = asked("SPECD_SEED", 0);
  const uint64_t first = one != 0 ? one : 1;
  const uint64_t last = one != 0 ? one : asked("SPECD_SIMULATIONS", kRuns);
  uint64_t kills = 0, conflicts = 0;
  for (uint64_t seed = first; seed <= last; ++seed) {
    const Verdict verdict = Simulation(seed).run();
    kills += verdict.kills;
    conflicts += verdict.conflicts;
    if (one != 0 || !verdict.wrongs.empty()) std::cout << to_lines(verdict.trace);
    EXPECT_TRUE(verdict.wrongs.empty()) << "SPECD_SEED=" << seed << "\n"
                                        << to_lines(verdict.wrongs);
  }
  std::cout << last - first + 1 << " runs: " << kills << " kills, " << conflicts << " conflicts\n";
}

TEST(SimulationTest, ARunIsAFunctionOfItsSeed) {
  const auto trace_of = [](uint64_t seed) { return Simulation(seed).run().trace; };
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const auto first = trace_of(seed);
    EXPECT_EQ(first, trace_of(seed));
  }
}

}  // namespace
}  // namespace specd::simulation
