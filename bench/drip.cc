// How long a small read takes beside 1,000 slow connections: each has sent half of a request, and
// goes on byte by byte, so that the server never knows whether it is done. The 99th percentile, and
// the median. Floor: the same reads from the same daemon without them.
#include <atomic>
#include <cstdio>
#include <memory>
#include <thread>

#include "base/descriptors.h"
#include "bench/support/bench.h"
#include "bench/support/daemon.h"
#include "bench/support/tree.h"
#include "tests/net/raw_client.h"

namespace {

using namespace specd::bench;
using specd::test::RawClient;

constexpr size_t kSlow = 1'000;
// A thousand bytes a second: each client sends one.
constexpr std::chrono::milliseconds kBetweenBytes{1};

/// Slow clients, as long as it lives; a thread of its own sends.
class Drip {
 public:
  Drip(uint16_t port, size_t count) {
    for (size_t i = 0; i < count; ++i) {
      clients_.push_back(std::make_unique<RawClient>(port));
      if (!begin(*clients_.back())) die("a slow connection was refused");
    }
    thread_ = std::thread([this, port] { run(port); });
  }
  ~Drip() {
    is_over_ = true;
    thread_.join();
  }
  /// One that was closed makes the figure worthless.
  void expect_all_open() const {
    if (lost_ != 0) die(std::to_string(lost_) + " slow connections were closed");
  }

 private:
  static bool begin(RawClient& client) {
    return client.send("GET /api/v1/health HTTP/1.1\r\nX-Drip: ");
  }
  // A request may take 20 seconds: who comes near that begins again, as such clients do.
  void run(uint16_t port) {
    constexpr size_t kBytes = 10;
    for (size_t turn = 0; !is_over_; ++turn) {
      const size_t which = turn % clients_.size();
      const size_t sent = turn / clients_.size();
      if (sent % kBytes == kBytes - 1) {
        clients_[which] = std::make_unique<RawClient>(port);
        if (!begin(*clients_[which])) ++lost_;
      } else if (!clients_[which]->send("x")) {
        ++lost_;
      }
      std::this_thread::sleep_for(kBetweenBytes);
    }
  }

  std::vector<std::unique_ptr<RawClient>> clients_;
  std::atomic<bool> is_over_ = false;
  std::atomic<size_t> lost_ = 0;
  std::thread thread_;
};

std::vector<double> reads(const Daemon& daemon, const std::string& target, size_t count) {
  RawClient client = daemon.client();
  std::vector<double> times;
  for (size_t i = 0; i < count; ++i) {
    const Stopwatch watch;
    if (client.get(target).status != 200) die("a normal client was not answered");
    times.push_back(watch.ms());
    std::this_thread::sleep_for(kBetweenBytes);
  }
  return times;
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments = specd::bench::arguments(argc, argv);
  if (specd::raise_descriptor_limit(kSlow + 100) < kSlow + 100) die("raise ulimit -Hn");
  const Workspace work;
  const std::string root = work.at("project");
  const Tree tree = make_openspec_tree(root, {.active = 50, .archived = 50, .capabilities = 10});
  const Daemon daemon(root, {});
  const std::string target = "/api/v1/projects/project/files/" + tree.one_active("tasks.md");
  const size_t count = arguments.scaled(4'000);
  (void)reads(daemon, target, 100);
  const std::vector<double> floor = reads(daemon, target, count);
  std::vector<double> ours;
  {
    const Drip drip(daemon.port(), kSlow);
    ours = reads(daemon, target, count);
    drip.expect_all_open();
  }
  report("drip.p50", quantile(ours, 0.5), quantile(floor, 0.5));
  report("drip.p99", quantile(ours, 0.99), quantile(floor, 0.99));
  daemon.expect_in_step(tree.files.size());
}
