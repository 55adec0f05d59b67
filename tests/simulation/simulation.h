#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/simulation/clients.h"
#include "tests/simulation/programs.h"

namespace specd::simulation {

/// What came of one run.
struct Verdict {
  std::vector<std::string> wrongs;  ///< for people; none: the invariants hold
  std::vector<std::string> trace;   ///< what happened, in order
  uint64_t kills = 0;
  uint64_t conflicts = 0;
};

/// One run: programs save, clients edit, hints come late or never, clocks are set and the engine is
/// killed, all of it as one seed has it. Then everybody rests until the engine has nothing to do,
/// and the model (Ledger) judges the invariants of DESIGN §2. A pure function of its seed.
class Simulation : private Clients {
 public:
  explicit Simulation(uint64_t seed);
  /// Once.
  [[nodiscard]] Verdict run();

 private:
  void act();
  std::string pass_time();
  std::string trouble();
  void meddle();

  void rest();
  [[nodiscard]] std::string restless();
  void judge();
  void judge_idle();

  Programs programs_;
  uint64_t meddlings_ = 0;  // between two of the engine's calls, still to come
};

}  // namespace specd::simulation
