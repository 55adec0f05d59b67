#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bench/support/bench.h"

namespace specd::bench {

/// How editors save.
enum class Save { in_place, by_renaming };

/// Runs from right before the system call that ends the save: whoever waits for it may well be
/// woken before it returns.
[[nodiscard]] Stopwatch save(const std::string& path, const std::string& text, Save how);

/// What save number `number` writes, some 3 KB.
[[nodiscard]] std::string save_text(int number);

/// Between two saves; a person is slower still.
void pause_between_saves();

/// How the bare work ends. `tell` is called on a thread of its own after each commit; `heard`, on
/// that of the saves, waits for it, and says how long it took.
struct Telling {
  std::function<void()> tell;
  std::function<double(const Stopwatch&)> heard;
};
/// What the bare work costs: one thread waits for inotify on one folder, reads, hashes and commits,
/// and tells. Milliseconds of each save.
[[nodiscard]] std::vector<double> floor_of_saving(const Workspace& work, int saves, Save how,
                                                  const Telling& telling);
/// And another thread is told.
enum class Teller { in_process, over_tcp };
[[nodiscard]] std::vector<double> floor_of_saving(const Workspace& work, int saves, Save how,
                                                  Teller teller);

}  // namespace specd::bench
