// A large project where nothing happens: what one batch costs, and how often a thread wakes up
// between two of them. The batch comes every other second here, and every half minute otherwise.
// Floor: names and stats of the tree.
#include <sys/resource.h>

#include <thread>

#include "bench/support/bench.h"
#include "bench/support/daemon.h"
#include "bench/support/floor.h"
#include "bench/support/tree.h"

namespace {

double own_cpu_ms() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto ms = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
  };
  return ms(used.ru_utime) + ms(used.ru_stime);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace specd::bench;
  const Arguments arguments = specd::bench::arguments(argc, argv);
  const Workspace work;
  const std::string root = work.at("project");
  const Tree tree = make_openspec_tree(root, large_project(arguments));
  constexpr int kBatchSeconds = 2;
  const int batches = arguments.quick ? 2 : 10;
  const Daemon daemon(root, {.batch_seconds = kBatchSeconds, .state_folder = {}});
  daemon.wait_for_search(tree.files.size());
  // The next one moves the log of the first scan into the database.
  std::this_thread::sleep_for(std::chrono::seconds(2 * kBatchSeconds));

  Times times;
  std::vector<double> wakeups;
  for (int i = 0; i < batches; ++i) {
    const double cpu = daemon.cpu_ms();
    const uint64_t woken = daemon.wakeups();
    std::this_thread::sleep_for(std::chrono::seconds(kBatchSeconds));
    times.ours.push_back(daemon.cpu_ms() - cpu);
    wakeups.push_back(static_cast<double>(daemon.wakeups() - woken));
    const double before = own_cpu_ms();
    if (stat_walk(root + "/openspec") != tree.files.size()) die("the floor misses files");
    times.floor.push_back(own_cpu_ms() - before);
  }
  report("idle.cpu_of_a_batch", times);
  report_alone("idle.cpu", quantile(times.ours, 0.5) / 30'000 * 100, "%");
  report_alone("idle.wakeups_of_a_batch", quantile(wakeups, 0.5), "");
  daemon.expect_in_step(tree.files.size());
}
