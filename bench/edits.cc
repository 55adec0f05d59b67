// Edits that begin in the database. First through the API: a PUT of a file of 8 KB, until it is
// answered, when it is durable in the database and visible in the file; and until disk and database
// have agreed on it. Then by another client's UPDATE: from before its commit until the bytes are on
// disk. Floor of all: the same 8 KB written to a file, with one fsync.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "base/digest.h"
#include "base/fd.h"
#include "bench/support/bench.h"
#include "bench/support/daemon.h"
#include "bench/support/saving.h"
#include "bench/support/tree.h"
#include "sqlite/database.h"
#include "tests/net/raw_client.h"

namespace {

using namespace specd::bench;
using specd::Digest;
using specd::Fd;
using specd::sha256;

std::string text_of(int number) {
  std::string text = "# Edit " + std::to_string(number) + "\n\n";
  while (text.size() < 8192) text += "Some words of a specification that nobody reads.\n";
  return text;
}

/// A loop without a pause would keep a core from the daemon, by whole ticks of the scheduler.
void let_others_work() {
  std::this_thread::sleep_for(std::chrono::microseconds(50));
}

double floor_of_edit(const std::string& path, const std::string& text) {
  const Stopwatch watch;
  const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!file || ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      ::fsync(file.get()) != 0)
    die("cannot write the floor's file");
  return watch.ms();
}

class Bench {
 public:
  Bench(const Workspace& work, const Tree& tree)
      : root_(work.at("project")),
        path_(tree.one_active("proposal.md")),
        floor_path_(work.at("floor")),
        daemon_(root_, {.batch_seconds = 3600}),
        client_(daemon_.client()),
        database_(must(specd::sqlite::Database::open(daemon_.database(), {}))) {}

  void edit_through_api(int edits) {
    std::vector<double> answered, agreed, floor;
    for (int i = 0; i < edits; ++i) {
      const std::string text = text_of(++number_);
      const std::string fields =
          "If-Match: \"" + sha256(read_file(root_ + "/" + path_)).hex() + "\"\r\n";
      const Stopwatch watch;
      client_.send_request("PUT", "/api/v1/projects/project/files/" + path_, fields, text);
      const auto answer = client_.read_response();
      answered.push_back(watch.ms());
      if (answer.status != 200) die(answer.head + answer.body);
      if (read_file(root_ + "/" + path_) != text) die("an answer before the file was written");
      while (!is_agreed(text)) let_others_work();
      agreed.push_back(watch.ms());
      floor.push_back(floor_of_edit(floor_path_, text));
      pause_between_saves();
    }
    tell("edits.put", answered, floor);
    report("edits.put.base", quantile(agreed, 0.5), quantile(floor, 0.5));
  }

  void edit_by_sql(int edits) {
    std::vector<double> ours, floor;
    for (int i = 0; i < edits; ++i) {
      const std::string text = text_of(++number_);
      const ino_t before = inode();
      const Stopwatch watch;
      must(database_.run("UPDATE spec_files SET content = ? WHERE project = 1 AND path = ?", text,
                         path_));
      // Whoever has the file open when it is to be replaced puts that off.
      while (inode() == before) {
        if (watch.ms() > 60'000) die("an edit that does not reach the disk");
        let_others_work();
      }
      ours.push_back(watch.ms());
      if (read_file(root_ + "/" + path_) != text) die("another text than that of the edit");
      floor.push_back(floor_of_edit(floor_path_, text));
      pause_between_saves();
    }
    tell("edits.sql", ours, floor);
  }

  void finish(size_t files) { daemon_.expect_in_step(files); }

 private:
  static void tell(const std::string& name, const std::vector<double>& ours,
                   const std::vector<double>& floor) {
    report(name, quantile(ours, 0.5), quantile(floor, 0.5));
    report(name + ".p99", quantile(ours, 0.99), quantile(floor, 0.99));
  }
  [[nodiscard]] bool is_agreed(const std::string& text) {
    const Digest digest = sha256(text);
    const auto found = database_.integer(
        "SELECT count(*) FROM file_state WHERE project = 1 AND path = ? AND base_sha256 = ?", path_,
        digest);
    return must(found) == 1;
  }

  [[nodiscard]] ino_t inode() const {
    struct stat stat{};
    if (::stat((root_ + "/" + path_).c_str(), &stat) != 0) die("no file where the edit is to be");
    return stat.st_ino;
  }

  const std::string root_;
  const std::string path_;
  const std::string floor_path_;
  Daemon daemon_;
  specd::test::RawClient client_;
  specd::sqlite::Database database_;
  int number_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments = specd::bench::arguments(argc, argv);
  const int edits = arguments.quick ? 10 : 300;
  const Workspace work;
  const Tree tree = make_openspec_tree(
      work.at("project"),
      {.active = arguments.scaled(200), .archived = arguments.scaled(800), .capabilities = 50});
  Bench bench(work, tree);
  bench.edit_through_api(edits);
  bench.edit_by_sql(edits);
  bench.finish(tree.files.size());
}
