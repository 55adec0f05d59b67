// 20,000 files in new folders, written as fast as the disk takes them: more than the kernel's queue
// of events holds. From the first write until every file has its row. Floor: the same writes, then
// every file read, hashed and inserted.
#include <cstdio>
#include <filesystem>

#include "bench/support/bench.h"
#include "bench/support/floor.h"
#include "bench/support/subject.h"
#include "bench/support/tree.h"

int main(int argc, char** argv) {
  using namespace specd::bench;
  Arguments arguments = specd::bench::arguments(argc, argv);
  if (!arguments.quick) arguments.runs = 3;
  // A quarter of the changes have a design, a third a second delta: nearly 4 files for each.
  const TreeSize size{.active = arguments.scaled(5'200), .archived = 0, .capabilities = 50};
  Times times;
  size_t files = 0;
  uint64_t overflows = 0;
  for (int run = 0; run < arguments.runs; ++run) {
    const Workspace work;
    FloorDatabase database(work.at("floor"));
    times.floor.push_back(time_of([&] {
      (void)make_openspec_tree(work.at("other"), size);
      (void)read_into(database, work.at("other/openspec"));
    }));

    const std::string root = work.at("project");
    std::filesystem::create_directories(root + "/openspec/changes/archive");
    Subject subject(root, work.at("state"));
    const Stopwatch watch;
    const Tree tree = make_openspec_tree(root, size);
    subject.wait_for_rows(tree.files,
                          [&](size_t i) { return read_file(root + "/" + tree.files[i]); });
    times.ours.push_back(watch.ms());
    subject.expect_in_step(tree.files.size());
    files = tree.files.size();
    overflows += subject.keeper().watcher().counters().overflows;
  }
  report("burst", times);
  std::fprintf(stderr, "burst: %zu files; the kernel's queue overflowed %llu times\n", files,
               static_cast<unsigned long long>(overflows));
}
