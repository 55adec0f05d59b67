// The same large project, of which nothing has changed since: from opening the database until every
// file has been looked at. Floor: names and stats of the tree.
#include "bench/support/bench.h"
#include "bench/support/floor.h"
#include "bench/support/subject.h"
#include "bench/support/tree.h"

int main(int argc, char** argv) {
  using namespace specd::bench;
  const Arguments arguments = specd::bench::arguments(argc, argv);
  const Workspace work;
  const std::string root = work.at("project");
  const Tree tree = make_openspec_tree(root, large_project(arguments));
  {
    const Subject first(root, work.at("state"));
  }
  Times times;
  for (int run = 0; run < arguments.runs; ++run) {
    times.floor.push_back(time_of([&] {
      if (stat_walk(root + "/openspec") != tree.files.size()) die("the floor misses files");
    }));
    Subject subject(root, work.at("state"));
    times.ours.push_back(subject.ready_ms());
    subject.expect_in_step(tree.files.size());
  }
  report("warm_start", times);
}
