// Private memory (RssAnon) of a daemon at rest, once after the first scan of a project and once
// after a later start, when the full-text index is complete. Floor: a daemon with an empty project.
#include <filesystem>
#include <thread>

#include "bench/support/bench.h"
#include "bench/support/daemon.h"
#include "bench/support/tree.h"

namespace {

using namespace specd::bench;

double at_rest(const std::string& root, const std::string& state, size_t files) {
  const Daemon daemon(root, {.batch_seconds = 2, .state_folder = state});
  daemon.wait_for_search(files);
  // Two batches: what waits for a quiet moment is done.
  std::this_thread::sleep_for(std::chrono::seconds(5));
  daemon.expect_in_step(files);
  return daemon.private_mib();
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments = specd::bench::arguments(argc, argv);
  const Workspace work;
  std::filesystem::create_directories(work.at("empty/openspec/changes"));
  const double floor = at_rest(work.at("empty"), work.at("empty-state"), 0);
  for (const size_t changes : {size_t{1'000}, size_t{10'000}}) {
    const std::string name = std::to_string(changes);
    const size_t size = arguments.scaled(changes);
    const std::string root = work.at("project" + name), state = work.at("state" + name);
    const Tree tree = make_openspec_tree(
        root, {.active = size / 5, .archived = size - size / 5, .capabilities = size / 20});
    report("memory." + name + ".first", at_rest(root, state, tree.files.size()), floor, "MiB");
    report("memory." + name, at_rest(root, state, tree.files.size()), floor, "MiB");
  }
}
