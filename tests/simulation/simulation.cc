#include "tests/simulation/simulation.h"

#include <chrono>
#include <utility>

namespace specd::simulation {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::must;

constexpr uint64_t kFewestActions = 30, kMostActions = 60;
constexpr uint64_t kMostCallsToKill = 400;
// A file that could not be written is tried again after half a minute, as all is by the batch.
constexpr int kMostBatchesToRest = 6;
constexpr int kSlowClockMinutes = 5;

}  // namespace

Simulation::Simulation(uint64_t seed)
    : Clients(seed),
      programs_(disk_of_world(), kProject, ledger_, chance_,
                [this](Hint::What what, const std::string& path, const std::string& from) {
                  notify(what, path, from);
                }) {
  meanwhile([this] { meddle(); });
}

Verdict Simulation::run() {
  for (int i = 0; i < 3; ++i) say(programs_.save());
  const uint64_t actions = kFewestActions + chance_.below(kMostActions - kFewestActions + 1);
  for (uint64_t i = 0; i < actions && wrongs_seen().empty(); ++i) act();
  rest();
  judge();
  Verdict verdict{.wrongs = wrongs_seen(), .trace = said(), .kills = kills()};
  verdict.conflicts = conflicts().size();
  return verdict;
}

void Simulation::act() {
  const uint64_t die = chance_.below(100);
  if (die < 30) return say(programs_.act());
  if (die < 45) return say(act_through_engine());
  if (die < 57) return say(act_by_sql());
  if (die < 86) return say(pass_time());
  return say(trouble());
}

std::string Simulation::pass_time() {
  const uint64_t die = chance_.below(20);
  if (die < 10) {
    step(milliseconds(chance_.below(6)));
    return "one step";
  }
  if (die < 13) {
    deliver_late(1 + chance_.below(3));
    step(milliseconds(1));
    return "late hints";
  }
  if (die < 16) {
    pass(milliseconds(20));
    return "20 ms pass";
  }
  if (die < 19) {
    pass(milliseconds(400 + chance_.below(1'000)));
    return "a second passes";
  }
  pass(options_.batch_every);
  return "a batch";
}

std::string Simulation::trouble() {
  switch (chance_.below(9)) {
    case 0:
      restart(Stop::asked);
      return "a restart";
    case 1:
      restart(Stop::killed);
      return "the daemon is killed";
    case 2:
    case 3: {
      const uint64_t calls = chance_.below(chance_.one_in(2) ? 40 : kMostCallsToKill);
      kill_after(calls);
      return "to be killed after " + std::to_string(calls) + " calls";
    }
    case 4: {
      const uint64_t calls = chance_.below(12);
      fail_after(calls);
      return "the disk will be full for a moment, after " + std::to_string(calls) + " writes";
    }
    case 5:
      jump(seconds(chance_.below(2 * kSlowClockMinutes * 60)) - seconds(kSlowClockMinutes * 60));
      return "somebody sets the clock";
    case 6:
      if (!is_trusted()) trust_database();
      return "the database is sound";
    case 7:
      return resume();
    default:
      meddlings_ += 1 + chance_.below(3);
      return "somebody acts in the middle of it";
  }
}

void Simulation::meddle() {
  if (meddlings_ == 0 || !chance_.one_in(6)) return;
  --meddlings_;
  say("  meanwhile: " + (chance_.one_in(4) ? act_by_sql() : programs_.act()));
}

// ---- the end

void Simulation::rest() {
  say("everybody rests");
  meddlings_ = 0;
  lose_no_more_hints();
  revive();
  programs_.finish();
  deliver_late(1'000);
  if (!is_trusted()) trust_database();
  resume();
  for (int i = 0; i < 4; ++i) pass(milliseconds(1'100));
  std::string why;
  for (int i = 0; i < kMostBatchesToRest; ++i) {
    pass(options_.batch_every);
    for (int j = 0; j < 3; ++j) pass(milliseconds(1'100));
    why = restless();
    if (why.empty()) return;
  }
  wrong("no rest: " + why);
}

std::string Simulation::restless() {
  const sync::ProjectStatus status = this->status();
  if (status.state != store::ProjectState::ok) return "the project is " + status.reason;
  if (!status.failure.empty()) return status.failure;
  if (status.busy != 0) return "files are busy";
  if (status.waiting != 0) return "paths wait";
  if (const auto paths = dirty_paths(); !paths.empty()) return paths.front() + " waits";
  if (status.pending_pushes != 0) return "rows wait to be written";
  if (!is_staging_empty()) return "staged files lie about";
  return "";
}

void Simulation::judge() {
  const auto files = ledger_.files();
  const auto rows = live_rows();
  for (const auto& [path, content] : files) {
    const auto row = rows.find(path);
    if (row == rows.end()) wrong(path + " is on disk, and no row");
    if (row != rows.end() && row->second.content != content)
      wrong(path + " is '" + content + "' on disk, and its row '" + row->second.content + "'");
  }
  for (const auto& [path, row] : rows) {
    if (!files.contains(path)) wrong(path + " is a row, and not on disk");
  }
  std::set<std::string> standing;
  for (const auto& [path, content] : files) standing.insert(content);
  for (const std::string& content : ledger_.to_keep()) {
    if (!standing.contains(content) && !is_kept(content)) wrong("lost: '" + content + "'");
  }
  for (const std::string& what : ledger_.wrongs()) wrong(what);
  judge_idle();
}

/// Invariant 8: between two batches nothing is called at all.
void Simulation::judge_idle() {
  const uint64_t before = calls();
  const int commits = commits_;
  for (int i = 0; i < 20; ++i) step(milliseconds(100));
  if (calls() != before) wrong("something is done where nothing is to be done");
  if (commits_ != commits) wrong("something is written where nothing is to be written");
}

}  // namespace specd::simulation
