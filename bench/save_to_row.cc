// One file saved, as editors do, beside a running daemon: from the end of the save until its row is
// committed. Two ways to save: in place, and by renaming. Floor: one thread that waits for inotify
// on one folder, reads, hashes and commits.
#include <fcntl.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <thread>

#include "bench/support/bench.h"
#include "bench/support/floor.h"
#include "bench/support/subject.h"
#include "bench/support/tree.h"

namespace {

using namespace specd::bench;

enum class Save { in_place, by_renaming };

/// Runs from right before the system call that ends the save: whoever waits for it may well be
/// woken before it returns.
Stopwatch save(const std::string& path, const std::string& text, Save how) {
  const std::string written = how == Save::in_place ? path : path + "~";
  const int fd = ::open(written.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0 || ::write(fd, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    die("cannot write " + written);
  if (how == Save::by_renaming) ::close(fd);
  const Stopwatch ending;
  if (how == Save::in_place) {
    ::close(fd);
  } else {
    std::filesystem::rename(written, path);
  }
  return ending;
}

/// Between two saves; a person is slower still.
void pause() {
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
}

std::string text_of(int number) {
  return "# Tasks\n\n- [ ] 1.1 Save number " + std::to_string(number) + "\n" +
         std::string(3'000, 'x') + "\n";
}

std::vector<double> floor_of(const Workspace& work, int saves, Save how) {
  const std::string folder = work.at(how == Save::in_place ? "floor-a" : "floor-b");
  std::filesystem::create_directories(folder);
  const std::string path = folder + "/tasks.md";
  const int instance = ::inotify_init1(IN_CLOEXEC);
  if (instance < 0 ||
      ::inotify_add_watch(instance, folder.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO) < 0)
    die("no inotify");
  FloorDatabase database(folder + ".db");
  std::atomic<int> committed = 0;
  std::thread loop([&] {
    alignas(inotify_event) std::array<char, 4096> events{};
    while (committed < saves) {
      events.fill(0);
      if (::read(instance, events.data(), events.size()) <= 0) die("inotify");
      const auto* event = reinterpret_cast<const inotify_event*>(events.data());
      if (std::string_view(event->name).ends_with('~')) {
        // Both events of a save by renaming may come at once.
        const auto* next =
            reinterpret_cast<const inotify_event*>(events.data() + sizeof *event + event->len);
        if (next->len == 0) continue;
      }
      database.begin();
      database.put(path, read_file(path));
      database.commit();
      ++committed;
      committed.notify_all();
    }
  });
  std::vector<double> found;
  for (int i = 0; i < saves; ++i) {
    const Stopwatch watch = save(path, text_of(i), how);
    for (int seen = committed; seen <= i; seen = committed) committed.wait(seen);
    found.push_back(watch.ms());
    pause();
  }
  loop.join();
  ::close(instance);
  return found;
}

std::vector<double> ours_of(Subject& subject, const std::string& root, const std::string& path,
                            int saves, Save how) {
  std::vector<double> found;
  for (int i = 0; i < saves; ++i) {
    const std::string text = text_of(2 * i + (how == Save::in_place ? 0 : 1));
    const Stopwatch watch = save(root + "/" + path, text, how);
    subject.wait_until("the row of a save", [&] { return subject.has_row(path, text); });
    found.push_back(watch.ms());
    pause();
  }
  return found;
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments = specd::bench::arguments(argc, argv);
  const int saves = arguments.quick ? 10 : 200;
  const Workspace work;
  const std::string root = work.at("project");
  const Tree tree = make_openspec_tree(
      root,
      {.active = arguments.scaled(200), .archived = arguments.scaled(800), .capabilities = 50});
  std::string path;
  for (const std::string& file : tree.files) {
    if (file.ends_with("/tasks.md") && file.find("/archive/") == std::string::npos) path = file;
  }
  Subject subject(root, work.at("state"));
  for (const Save how : {Save::in_place, Save::by_renaming}) {
    const auto floor = floor_of(work, saves, how);
    const auto ours = ours_of(subject, root, path, saves, how);
    const std::string name = how == Save::in_place ? "save_to_row" : "save_to_row.rename";
    report(name, quantile(ours, 0.5), quantile(floor, 0.5));
    report(name + ".p99", quantile(ours, 0.99), quantile(floor, 0.99));
  }
  subject.expect_in_step(tree.files.size());
}
