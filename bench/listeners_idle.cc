// Private memory (smaps_rollup) that a daemon takes for each client that listens while nothing
// happens: after each has had a few heartbeats, since what stays of those counts. Alone, since
// there is no floor in user space: a socket that a bare server holds costs it nothing there.
//
// The daemon's limits of connections and listeners are raised by its configuration, and the limits
// of descriptors of both processes by themselves.
#include <thread>

#include "bench/support/bench.h"
#include "bench/support/crowd.h"
#include "bench/support/daemon.h"
#include "bench/support/tree.h"

namespace {

using namespace specd::bench;
using Protocol = Crowd::Protocol;

constexpr int kHeartbeatSeconds = 2;

void measure(const std::string& root, Protocol protocol, const std::string& name, size_t clients) {
  const Daemon daemon(
      root, {.state_folder = {}, .listeners = clients, .heartbeat_seconds = kHeartbeatSeconds});
  const auto at_rest = [&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(2'500 * kHeartbeatSeconds));
    return daemon.private_kib();
  };
  const auto listen = [&](size_t count) {
    return Crowd({.port = daemon.port(),
                  .protocol = protocol,
                  .size = count,
                  .token = daemon.token(),
                  .query = "?project=project"},
                 [](size_t, std::string_view) {});
  };
  double before = 0;
  {
    // What the first of all costs is the daemon's.
    const Crowd first = listen(1);
    before = at_rest();
  }
  const Crowd crowd = listen(clients);
  const double grown = at_rest() - before;
  report_alone(name + ".all", grown / 1024, "MiB");
  report_alone(name, grown / static_cast<double>(clients), "KiB");
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments = specd::bench::arguments(argc, argv);
  const Workspace work;
  const std::string root = work.at("project");
  (void)make_openspec_tree(root, {.active = 50, .archived = 50, .capabilities = 10});
  for (const size_t full : {size_t{100}, size_t{1'000}, size_t{10'000}}) {
    const size_t clients = arguments.scaled(full);
    make_room_for(clients);
    const std::string name = "." + std::to_string(full);
    measure(root, Protocol::websocket, "listeners_idle.websocket" + name, clients);
    measure(root, Protocol::events, "listeners_idle.sse" + name, clients);
  }
}
