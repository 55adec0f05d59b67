// Another client rewrites 10,000 rows in one commit: how long until all of them are on disk, and
// what readers and people who save a file notice of it meanwhile. Floor: the same files written in
// place, without any fsync.
#include <atomic>
#include <thread>

#include "bench/support/bench.h"
#include "bench/support/daemon.h"
#include "bench/support/saving.h"
#include "bench/support/tree.h"
#include "sqlite/database.h"
#include "tests/net/raw_client.h"

namespace {

using namespace specd::bench;

/// What people do meanwhile, on a thread of its own.
class Meanwhile {
 public:
  Meanwhile(const Daemon& daemon, const std::string& root, const std::string& path)
      : client_(daemon.client()),
        database_(must(specd::sqlite::Database::open(daemon.database(), {}))),
        file_(root + "/" + path),
        path_(path),
        thread_([this] { run(); }) {}
  void end() {
    is_over_ = true;
    thread_.join();
  }

  std::vector<double> reads, saves;

 private:
  void run() {
    for (int i = 0; !is_over_; ++i) {
      const Stopwatch reading;
      if (client_.get("/api/v1/projects/project/specs?limit=50").status != 200) die("no answer");
      reads.push_back(reading.ms());
      const std::string text = save_text(i);
      const Stopwatch saving = save(file_, text, Save::in_place);
      while (!has_row(text)) {
        if (saving.ms() > 60'000) die("a save that does not reach its row");
      }
      saves.push_back(saving.ms());
      pause_between_saves();
    }
  }
  [[nodiscard]] bool has_row(const std::string& text) {
    return must(database_.integer(
               "SELECT count(*) FROM spec_files WHERE project = 1 AND path = ? AND content = ?",
               path_, text)) == 1;
  }

  specd::test::RawClient client_;
  specd::sqlite::Database database_;
  const std::string file_;
  const std::string path_;
  std::atomic<bool> is_over_ = false;
  std::thread thread_;
};

bool has_all(const std::string& root, const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    if (!read_file(root + "/" + path).ends_with("edited")) return false;
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments = specd::bench::arguments(argc, argv);
  const Workspace work;
  const std::string root = work.at("project");
  const Tree tree = make_openspec_tree(
      root, {.active = arguments.scaled(2'300), .archived = 0, .capabilities = 10});
  const std::string saved = tree.one_active("proposal.md");
  std::vector<std::string> paths = tree.files;
  std::erase(paths, saved);
  paths.resize(std::min(paths.size(), arguments.scaled(10'000)));
  Daemon daemon(root, {.batch_seconds = 3600});
  auto client = must(specd::sqlite::Database::open(daemon.database(), {}));
  auto tx = must(client.begin());
  for (const std::string& path : paths)
    must(client.run(
        "UPDATE spec_files SET content = content || 'edited' WHERE project = 1 AND path = ?",
        path));
  const Stopwatch watch;
  must(tx.commit());
  Meanwhile meanwhile(daemon, root, saved);
  while (!read_file(root + "/" + paths.back()).ends_with("edited") || !has_all(root, paths)) {
    if (watch.ms() > 120'000) die("rows that do not reach the disk");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  const double ours = watch.ms();
  meanwhile.end();
  const double floor = time_of([&] {
    for (const std::string& path : paths)
      write_file(root + "/" + path, read_file(root + "/" + path));
  });
  report("bulk_edit." + std::to_string(paths.size()), ours, floor);
  report_alone("bulk_edit.read.p99", quantile(meanwhile.reads, 0.99), "ms");
  report_alone("bulk_edit.save_to_row.p99", quantile(meanwhile.saves, 0.99), "ms");
  daemon.expect_in_step(tree.files.size());
}
