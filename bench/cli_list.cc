// `specd list` from its start to its end, with 1,000 specs. Floor: a program of the same size that
// is started and says its version.
#include "bench/support/bench.h"
#include "bench/support/daemon.h"
#include "bench/support/tree.h"

int main(int argc, char** argv) {
  using namespace specd::bench;
  const Arguments arguments = specd::bench::arguments(argc, argv);
  const Workspace work;
  const std::string root = work.at("project");
  const Tree tree = make_openspec_tree(root, {.active = arguments.scaled(300),
                                              .archived = arguments.scaled(600),
                                              .capabilities = arguments.scaled(100)});
  const Daemon daemon(root, {});
  Times times;
  for (int i = 0; i < (arguments.quick ? 3 : 30); ++i) {
    times.ours.push_back(time_of([&] {
      if (daemon.ask({"list"}) < arguments.scaled(1000)) die("a short list");
    }));
    times.floor.push_back(time_of([&] { (void)daemon.ask({"--version"}); }));
  }
  report("cli_list", times);
  daemon.expect_in_step(tree.files.size());
}
