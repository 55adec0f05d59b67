// A whole look at a project of which nothing has changed, as happens every half minute: 2,000
// archived changes. Floor: names and stats of the tree.
#include "bench/support/bench.h"
#include "bench/support/floor.h"
#include "bench/support/subject.h"
#include "bench/support/tree.h"

int main(int argc, char** argv) {
  using namespace specd::bench;
  const Arguments arguments = specd::bench::arguments(argc, argv);
  const Workspace work;
  const std::string root = work.at("project");
  const Tree tree = make_openspec_tree(
      root, {.active = 20, .archived = arguments.scaled(2'000), .capabilities = 50});
  Subject subject(root, work.at("state"));
  Times times;
  for (int run = 0; run < 4 * arguments.runs; ++run) {
    times.floor.push_back(time_of([&] {
      if (stat_walk(root + "/openspec") != tree.files.size()) die("the floor misses files");
    }));
    times.ours.push_back(time_of([&] { subject.sync_now(); }));
  }
  subject.expect_in_step(tree.files.size());
  report("batch", times);
}
