// One file saved beside a running daemon: from the end of the save until a client of the event
// stream has its event. Floor: one thread that waits for inotify on one folder, reads, hashes,
// commits and sends a byte over loopback.
#include "bench/support/bench.h"
#include "bench/support/daemon.h"
#include "bench/support/saving.h"
#include "bench/support/tree.h"
#include "tests/net/raw_client.h"

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
  const Daemon daemon(root, {});
  specd::test::RawClient client = daemon.client();
  client.send_request("GET", "/api/v1/events", "Accept: text/event-stream\r\n");
  if (client.read_until("\r\n\r\n").empty() || client.read_until("\n\n").empty())
    die("no event stream");

  const auto floor = floor_of_saving(work, saves, Save::in_place, Teller::over_tcp);
  std::vector<double> ours;
  for (int i = 0; i < saves; ++i) {
    const Stopwatch watch = save(root + "/" + path, save_text(i), Save::in_place);
    std::string event = client.read_until("\n\n");
    while (event.starts_with(':')) event = client.read_until("\n\n");  // a heartbeat
    ours.push_back(watch.ms());
    if (event.find("event: spec.updated\n") == std::string::npos ||
        event.find(path) == std::string::npos)
      die("not the event of the save: " + event);
    pause_between_saves();
  }
  report("save_to_event", quantile(ours, 0.5), quantile(floor, 0.5));
  report("save_to_event.p99", quantile(ours, 0.99), quantile(floor, 0.99));
  daemon.expect_in_step(tree.files.size());
}
