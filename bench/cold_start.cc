// A large project, for the first time: from an empty state folder until every file has its row.
// Floor: every file read, hashed and inserted.
#include <filesystem>

#include "bench/support/bench.h"
#include "bench/support/floor.h"
#include "bench/support/subject.h"
#include "bench/support/tree.h"

int main(int argc, char** argv) {
  using namespace specd::bench;
  Arguments arguments = specd::bench::arguments(argc, argv);
  if (!arguments.quick) arguments.runs = 3;
  const Workspace work;
  const std::string root = work.at("project");
  const Tree tree = make_openspec_tree(root, large_project(arguments));
  Times times;
  for (int run = 0; run < arguments.runs; ++run) {
    const std::string name = std::to_string(run);
    {
      FloorDatabase database(work.at("floor" + name));
      times.floor.push_back(time_of([&] {
        if (read_into(database, root + "/openspec") != tree.files.size())
          die("the floor misses files");
      }));
    }
    Subject subject(root, work.at("state" + name));
    times.ours.push_back(subject.ready_ms());
    subject.expect_in_step(tree.files.size());
  }
  report("cold_start", times);
}
