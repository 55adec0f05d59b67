// One file saved beside a running daemon: from the end of the save until the last of many clients
// has its event, over WebSocket and over event streams. Floor: one thread that waits for inotify on
// one folder, reads, hashes, commits and sends the same bytes to as many sockets.
//
// For 1,000 clients the daemon's limits of connections and listeners are raised by its
// configuration, and this process's limit of descriptors by itself.
#include <thread>

#include "bench/support/bare_teller.h"
#include "bench/support/bench.h"
#include "bench/support/crowd.h"
#include "bench/support/daemon.h"
#include "bench/support/last_to_hear.h"
#include "bench/support/saving.h"
#include "bench/support/tree.h"

namespace {

using namespace specd::bench;
using Protocol = Crowd::Protocol;

struct Workload {
  std::string name;
  Protocol protocol;
  std::string query;
  size_t clients;
};

struct Heard {
  std::vector<double> ms;
  std::string event;  // as the clients had it
};

Heard ours(const Daemon& daemon, const std::string& path, const Workload& workload, int saves) {
  LastToHear last(workload.clients);
  const Crowd crowd({.port = daemon.port(),
                     .protocol = workload.protocol,
                     .size = workload.clients,
                     .token = daemon.token(),
                     .query = workload.query},
                    [&](size_t client, std::string_view bytes) { last.hear(client, bytes); });
  static int number = 0;
  Heard heard;
  for (int i = 0; i < saves; ++i) {
    last.expect();
    const Stopwatch watch = save(path, save_text(++number), Save::in_place);
    heard.ms.push_back(last.wait(watch));
    pause_between_saves();
  }
  heard.event = last.sample();
  return heard;
}

/// The event again and again, each time with a greater number in the place of the old one.
std::vector<double> floor_of(const Workspace& work, const Workload& workload,
                             const std::string& event, int saves) {
  constexpr std::string_view kMark = "\"seq\":";
  constexpr uint64_t kFirst = 1'000'000;
  const size_t at = event.find(kMark);
  if (at == std::string::npos) die("an event without a number: " + event);
  const size_t from = at + kMark.size(), to = event.find(',', from);
  LastToHear last(workload.clients);
  BareTeller teller;
  std::thread admitting([&] { teller.admit(workload.clients); });
  const Crowd crowd({.port = teller.port(), .protocol = Protocol::bytes, .size = workload.clients},
                    [&](size_t client, std::string_view bytes) { last.hear(client, bytes); });
  admitting.join();
  uint64_t seq = kFirst;
  last.expect();
  return floor_of_saving(
      work, saves, Save::in_place,
      {.tell =
           [&] { teller.tell(event.substr(0, from) + std::to_string(++seq) + event.substr(to)); },
       .heard =
           [&](const Stopwatch& watch) {
             const double ms = last.wait(watch);
             last.expect();
             return ms;
           }});
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments = specd::bench::arguments(argc, argv);
  constexpr size_t kMost = 1'000;
  make_room_for(2 * kMost);
  const Workspace work;
  const std::string root = work.at("project");
  const Tree tree = make_openspec_tree(
      root,
      {.active = arguments.scaled(200), .archived = arguments.scaled(800), .capabilities = 50});
  const std::string path = root + "/" + tree.one_active("tasks.md");
  const Daemon daemon(root, {.state_folder = {}, .listeners = kMost});
  daemon.wait_for_search(tree.files.size());

  const int saves = arguments.quick ? 10 : 100;
  const Workload workloads[] = {{"websocket.1", Protocol::websocket, "?project=project", 1},
                                {"websocket.100", Protocol::websocket, "?project=project", 100},
                                {"websocket.1000", Protocol::websocket, "?project=project", kMost},
                                {"sse.500", Protocol::events, "", 500}};
  for (const Workload& workload : workloads) {
    std::vector<double> ours_p50, ours_p99, floor_p50, floor_p99;
    for (int run = 0; run < arguments.runs; ++run) {
      const Heard heard = ours(daemon, path, workload, saves);
      const std::vector<double> floor = floor_of(work, workload, heard.event, saves);
      ours_p50.push_back(quantile(heard.ms, 0.5));
      ours_p99.push_back(quantile(heard.ms, 0.99));
      floor_p50.push_back(quantile(floor, 0.5));
      floor_p99.push_back(quantile(floor, 0.99));
    }
    report("listeners." + workload.name, {ours_p50, floor_p50});
    report("listeners." + workload.name + ".p99", {ours_p99, floor_p99});
  }
  daemon.expect_in_step(tree.files.size());
}
