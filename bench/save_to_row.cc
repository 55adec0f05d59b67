// One file saved, as editors do, beside a running daemon: from the end of the save until its row is
// committed. Two ways to save: in place, and by renaming. Floor: one thread that waits for inotify
// on one folder, reads, hashes and commits.
#include "bench/support/bench.h"
#include "bench/support/saving.h"
#include "bench/support/subject.h"
#include "bench/support/tree.h"

int main(int argc, char** argv) {
  using namespace specd::bench;
  const Arguments arguments = specd::bench::arguments(argc, argv);
  const int saves = arguments.quick ? 10 : 200;
  const Workspace work;
  const std::string root = work.at("project");
  const Tree tree = make_openspec_tree(
      root,
      {.active = arguments.scaled(200), .archived = arguments.scaled(800), .capabilities = 50});
  const std::string path = tree.one_active("tasks.md");
  Subject subject(root, work.at("state"));
  int number = 0;
  for (const Save how : {Save::in_place, Save::by_renaming}) {
    const auto floor = floor_of_saving(work, saves, how, Teller::in_process);
    std::vector<double> ours;
    for (int i = 0; i < saves; ++i) {
      const std::string text = save_text(++number);
      const Stopwatch watch = save(root + "/" + path, text, how);
      subject.wait_until("the row of a save", [&] { return subject.has_row(path, text); });
      ours.push_back(watch.ms());
      pause_between_saves();
    }
    const std::string name = how == Save::in_place ? "save_to_row" : "save_to_row.rename";
    report(name, quantile(ours, 0.5), quantile(floor, 0.5));
    report(name + ".p99", quantile(ours, 0.99), quantile(floor, 0.99));
  }
  subject.expect_in_step(tree.files.size());
}
