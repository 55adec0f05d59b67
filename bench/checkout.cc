// `git checkout` of a commit that differs in 1,000 files, beside a running daemon: from when git
// has ended until all their rows are those of the other commit. Floor: these files read, hashed and
// written in one transaction.
#include <cstdlib>
#include <filesystem>

#include "bench/support/bench.h"
#include "bench/support/floor.h"
#include "bench/support/subject.h"
#include "bench/support/tree.h"

namespace {

using namespace specd::bench;

void git(const std::string& root, const std::string& command) {
  const std::string line =
      "cd '" + root +
      "' && git -c user.name=bench -c user.email=bench@example.org -c gc.auto=0 "
      "-c commit.gpgsign=false " +
      command + " >git.log 2>&1";
  if (std::system(line.c_str()) != 0) die(command + ": " + read_file(root + "/git.log"));
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments = specd::bench::arguments(argc, argv);
  const Workspace work;
  const std::string root = work.at("project");
  Tree tree = make_openspec_tree(
      root,
      {.active = arguments.scaled(400), .archived = arguments.scaled(800), .capabilities = 50});
  write_file(root + "/.gitignore", "git.log\n");
  git(root, "init -q -b one");
  git(root, "add -A && git -c user.name=b -c user.email=b@example.org commit -qm one");
  git(root, "checkout -q -b two");
  const size_t all = tree.files.size();
  tree.files.resize(std::min(all, arguments.scaled(1'000)));
  for (const std::string& path : tree.files)
    write_file(root + "/" + path, read_file(root + "/" + path) + "\nAnd one more line.\n");
  git(root, "commit -qam two");

  Times times;
  FloorDatabase database(work.at("floor"));
  for (int run = 0; run < arguments.runs; ++run) {
    git(root, "checkout -q one");
    git(root, "checkout -q two");
    times.floor.push_back(time_of([&] { read_into(database, root, tree.files); }));
    git(root, "checkout -q one");
    Subject subject(root, work.at("state"));
    git(root, "checkout -q two");
    const Stopwatch watch;
    subject.wait_for_rows(tree.files,
                          [&](size_t i) { return read_file(root + "/" + tree.files[i]); });
    times.ours.push_back(watch.ms());
    subject.expect_in_step(all);
  }
  report("checkout", times);
}
