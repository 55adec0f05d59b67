// 20,000 files in new folders, written as fast as the disk takes them. Once beside a daemon that
// keeps up: from the first write until every file has its row. Once beside one that did not get the
// processor meanwhile, so that the kernel's queue of events overflows: from when it goes on. Floor:
// the same writes, then every file read, hashed and inserted; of the second, without the writes.
#include <signal.h>

#include <cstdio>
#include <filesystem>

#include "bench/support/bench.h"
#include "bench/support/daemon.h"
#include "bench/support/floor.h"
#include "bench/support/tree.h"

namespace {

using namespace specd::bench;

/// Contents in memory, so that writing them is all that it takes.
struct Contents {
  std::vector<std::string> paths;
  std::vector<std::string> texts;

  void write_below(const std::string& root) const {
    std::string made;
    for (size_t i = 0; i < paths.size(); ++i) {
      const std::string path = root + "/" + paths[i];
      std::string folder = path.substr(0, path.rfind('/'));
      if (folder != made) std::filesystem::create_directories(folder);
      made = std::move(folder);
      write_file(path, texts[i]);
    }
  }
};

std::string new_project(const std::string& root) {
  std::filesystem::create_directories(root + "/openspec/changes/archive");
  return root;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments = specd::bench::arguments(argc, argv);
  if (!arguments.quick) arguments.runs = 3;
  Contents contents;
  {
    const Workspace work;
    // Half of the changes have a design, a third a second delta: nearly 4 files for each.
    const TreeSize size{.active = arguments.scaled(5'200), .archived = 0, .capabilities = 50};
    contents.paths = make_openspec_tree(work.at("project"), size).files;
    for (const std::string& path : contents.paths)
      contents.texts.push_back(read_file(work.at("project/" + path)));
  }
  Times beside, overflow;
  for (int run = 0; run < arguments.runs; ++run) {
    const Workspace work;
    const auto text = [&](size_t i) { return contents.texts[i]; };
    {
      FloorDatabase database(work.at("floor"));
      beside.floor.push_back(time_of([&] { contents.write_below(work.at("other")); }));
      overflow.floor.push_back(time_of([&] { (void)read_into(database, work.at("other")); }));
      beside.floor.back() += overflow.floor.back();
    }
    {
      const std::string root = new_project(work.at("beside"));
      Daemon daemon(root, {});
      beside.ours.push_back(time_of([&] {
        contents.write_below(root);
        daemon.wait_for_rows(contents.paths, text);
      }));
      daemon.expect_in_step(contents.paths.size());
    }
    {
      const std::string root = new_project(work.at("overflow"));
      Daemon daemon(root, {});
      daemon.signal(SIGSTOP);
      contents.write_below(root);
      overflow.ours.push_back(time_of([&] {
        daemon.signal(SIGCONT);
        daemon.wait_for_rows(contents.paths, text);
      }));
      daemon.expect_in_step(contents.paths.size());
    }
  }
  report("burst", beside);
  report("burst.overflow", overflow);
}
