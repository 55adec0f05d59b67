// 2,000 files replaced within 100 ms while 100 clients listen: from the first one until each of
// them has, from events alone, the version of every spec that the API then lists. Once with 2,000
// files of some 530 changes, as when a branch is checked out, and once with one file of each of
// 2,000 changes. Floor: the same replacing, then every file read, hashed and inserted, and as many
// bytes as a client was told sent to as many sockets.
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "bench/support/bare_teller.h"
#include "bench/support/bench.h"
#include "bench/support/crowd.h"
#include "bench/support/daemon.h"
#include "bench/support/floor.h"
#include "bench/support/followers.h"
#include "bench/support/saving.h"
#include "bench/support/tree.h"

namespace {

using namespace specd::bench;

constexpr size_t kClients = 100;
constexpr double kWithinMs = 100;

using Paths = std::vector<std::string>;

/// New contents, written beside the project; then they are moved to their places all at once. Who
/// writes them one by one is slowed down by the daemon that follows.
void stage(const std::string& staged, size_t files) {
  static int number = 0;
  const std::string text = save_text(++number);
  for (size_t i = 0; i < files; ++i) write_file(staged + std::to_string(i), text);
}
/// How long it took.
double move_into_place(const std::string& staged, const std::string& root, const Paths& paths) {
  return time_of([&] {
    for (size_t i = 0; i < paths.size(); ++i)
      std::filesystem::rename(staged + std::to_string(i), root + "/" + paths[i]);
  });
}

double floor_of_telling(uint64_t bytes) {
  std::atomic<uint64_t> heard = 0;
  BareTeller teller;
  std::thread admitting([&] { teller.admit(kClients); });
  const Crowd crowd({.port = teller.port(), .protocol = Crowd::Protocol::bytes, .size = kClients},
                    [&](size_t, std::string_view some) { heard += some.size(); });
  admitting.join();
  const std::string all(bytes, 'x');
  return time_of([&] {
    teller.tell(all);
    while (heard < bytes * kClients) std::this_thread::yield();
  });
}

void measure(const std::string& name, const Daemon& daemon, const std::string& root,
             const Paths& paths, int runs) {
  const Workspace work;
  Times times;
  std::vector<double> replacing, told;
  Followers followers(kClients, listed_versions(daemon));
  const Crowd crowd({.port = daemon.port(),
                     .size = kClients,
                     .token = daemon.token(),
                     .query = "?project=project"},
                    [&](size_t client, std::string_view some) { followers.hear(client, some); });
  for (int run = 0; run < runs; ++run) {
    const std::string staged = root + "-staged-";
    stage(staged, paths.size());
    const Stopwatch watch;
    replacing.push_back(move_into_place(staged, root, paths));
    times.ours.push_back(followers.wait(watch, daemon));
    const uint64_t bytes = followers.bytes_told();
    told.push_back(static_cast<double>(bytes) / 1024);
    FloorDatabase database(work.at("floor" + std::to_string(run)));
    times.floor.push_back(replacing.back() + time_of([&] { read_into(database, root, paths); }) +
                          floor_of_telling(bytes));
  }
  report(name, times);
  report_alone(name + ".replacing", quantile(replacing, 0.5), "ms");
  report_alone(name + ".told", quantile(told, 0.5), "KiB");
  if (quantile(replacing, 0.5) > kWithinMs)
    std::fprintf(stderr, "bench: this machine does not replace them within 100 ms\n");
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments = specd::bench::arguments(argc, argv);
  const size_t files = arguments.scaled(2'000);
  make_room_for(kClients);
  const Workspace work;
  const std::string root = work.at("project");
  const Tree tree = make_openspec_tree(root, {.active = files, .archived = 0, .capabilities = 50});
  const Daemon daemon(root, {.state_folder = {}, .listeners = kClients});
  daemon.wait_for_search(tree.files.size());
  Paths of_few, of_many;
  for (const std::string& path : tree.files) {
    if (path.find("/changes/") == std::string::npos) continue;
    if (of_few.size() < files) of_few.push_back(path);
    if (path.ends_with("/tasks.md")) of_many.push_back(path);
  }
  measure("listeners_burst.files", daemon, root, of_few, arguments.runs);
  measure("listeners_burst.specs", daemon, root, of_many, arguments.runs);
  daemon.expect_in_step(tree.files.size());
}
