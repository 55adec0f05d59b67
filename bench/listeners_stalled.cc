// One client among 1,000 that never reads: how much later the others hear of a saved file. Floor:
// the same clients of the same daemon without it, in turns.
//
// The daemon's limits of connections and listeners are raised by its configuration, and this
// process's limit of descriptors by itself.
#include <sys/socket.h>

#include <filesystem>
#include <thread>

#include "bench/support/bench.h"
#include "bench/support/crowd.h"
#include "bench/support/daemon.h"
#include "bench/support/last_to_hear.h"
#include "bench/support/saving.h"
#include "bench/support/tree.h"
#include "net/http_client.h"

namespace {

using namespace specd::bench;

bool is_one_behind(const Daemon& daemon) {
  const specd::net::HttpClient client({.port = daemon.port(), .token = daemon.token()});
  return must(client.get("/api/v1/realtime")).body.find("\"behind\":true") != std::string::npos;
}

/// Connects, and never reads. Returns when the daemon has noticed: what it may queue is full.
specd::Fd stall(const Daemon& daemon, const std::string& root, const Tree& tree) {
  constexpr int kSmallest = 1;  // the kernel makes it as small as it can be
  specd::Fd client = connect_from_many(daemon.port(), 0, kSmallest);
  const std::string words =
      first_words({.port = daemon.port(), .token = daemon.token(), .query = "?project=project"});
  if (::send(client.get(), words.data(), words.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(words.size()))
    die("cannot send");
  const Stopwatch watch;
  for (int round = 0; !is_one_behind(daemon); ++round) {
    if (watch.ms() > 60'000) die("a client that does not read was not noticed");
    for (size_t i = 0; i < tree.files.size(); i += 4)
      write_file(root + "/" + tree.files[i], save_text(round));
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
  }
  return client;
}

std::vector<double> heard(LastToHear& last, const std::string& path, int saves) {
  static int number = 0;
  std::vector<double> times;
  for (int i = 0; i < saves; ++i) {
    last.expect();
    const Stopwatch watch = save(path, save_text(++number), Save::in_place);
    times.push_back(last.wait(watch));
    pause_between_saves();
  }
  return times;
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments = specd::bench::arguments(argc, argv);
  constexpr size_t kClients = 1'000;
  make_room_for(kClients);
  const Workspace work;
  const std::string root = work.at("project");
  const Tree tree = make_openspec_tree(root, {.active = 400, .archived = 0, .capabilities = 50});
  const std::string path = root + "/" + tree.one_active("tasks.md");
  const Daemon daemon(root, {.state_folder = {}, .listeners = kClients + 1});
  daemon.wait_for_search(tree.files.size());
  LastToHear last(kClients);
  const Crowd crowd({.port = daemon.port(),
                     .size = kClients,
                     .token = daemon.token(),
                     .query = "?project=project"},
                    [&](size_t client, std::string_view bytes) { last.hear(client, bytes); });
  const int saves = arguments.quick ? 10 : 100;
  std::vector<double> with_p50, with_p99, without_p50, without_p99;
  for (int run = 0; run < arguments.runs; ++run) {
    const std::vector<double> without = heard(last, path, saves);
    const specd::Fd stalled = stall(daemon, root, tree);
    const std::vector<double> with = heard(last, path, saves);
    if (!is_one_behind(daemon)) die("the client that does not read has gone");
    with_p50.push_back(quantile(with, 0.5));
    with_p99.push_back(quantile(with, 0.99));
    without_p50.push_back(quantile(without, 0.5));
    without_p99.push_back(quantile(without, 0.99));
  }
  report("listeners_stalled", {with_p50, without_p50});
  report("listeners_stalled.p99", {with_p99, without_p99});
  daemon.expect_in_step(tree.files.size());
}
