// 50 agents claim work of the real daemon at once, out of 2,000 changes, each over a connection of
// its own: each gets another one, and none is given to two. How long the median of them waits, and
// all of them together; and how long one agent waits that claims alone. Floor: one commit of bare
// SQLite that is durable (synchronous=FULL), and 50 of them one after the other.
#include <barrier>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/json.h"
#include "bench/support/bench.h"
#include "bench/support/daemon.h"
#include "bench/support/floor.h"
#include "bench/support/tree.h"

namespace {

using namespace specd::bench;

constexpr size_t kAgents = 50;

/// The key of the spec that it got.
std::string claim(specd::test::RawClient& client, const std::string& agent) {
  const auto answer = client.post("/api/v1/queue/claim", R"({"agent": ")" + agent + "\"}");
  const auto value = specd::json::parse(answer.body);
  const specd::Value* spec = value ? value->find("spec") : nullptr;
  const specd::Value* key = spec != nullptr ? spec->find("key") : nullptr;
  if (answer.status != 200 || key == nullptr) die("no claim: " + answer.body);
  return key->text;
}

struct Crowd {
  std::vector<double> each;
  double all = 0;
  std::set<std::string> got;
};

Crowd all_at_once(const Daemon& daemon) {
  Crowd crowd{.each = std::vector<double>(kAgents), .all = 0, .got = {}};
  std::vector<std::string> keys(kAgents);
  std::barrier gate(kAgents + 1);
  std::vector<std::thread> agents;
  for (size_t i = 0; i < kAgents; ++i) {
    agents.emplace_back([&, i] {
      auto client = daemon.client();
      gate.arrive_and_wait();
      const Stopwatch watch;
      keys[i] = claim(client, "agent-" + std::to_string(i));
      crowd.each[i] = watch.ms();
    });
  }
  gate.arrive_and_wait();
  const Stopwatch watch;
  for (std::thread& agent : agents) agent.join();
  crowd.all = watch.ms();
  crowd.got.insert(keys.begin(), keys.end());
  return crowd;
}

double full_commit(FloorDatabase& database, int number) {
  return time_of([&] {
    database.begin();
    database.put("claim-" + std::to_string(number), "somebody");
    database.commit();
  });
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments = specd::bench::arguments(argc, argv);
  const int alone = arguments.quick ? 5 : 100;
  const Workspace work;
  const std::string root = work.at("project");
  const Tree tree = make_openspec_tree(
      root, {.active = arguments.quick ? 200U : 2'000U, .archived = 0, .capabilities = 10});
  const Daemon daemon(root, {});
  FloorDatabase floor(work.at("floor.db"), FloorDatabase::Commits::durable);

  // What there is to do is read at the first claim, and is known from then on.
  auto client = daemon.client();
  const std::string first = claim(client, "first");
  const Crowd crowd = all_at_once(daemon);
  if (crowd.got.size() != kAgents || crowd.got.contains(first))
    die("a spec was given to two agents");
  std::vector<double> ours, commits;
  for (int i = 0; i < alone; ++i) {
    const Stopwatch watch;
    const std::string key = claim(client, "one");
    ours.push_back(watch.ms());
    if (crowd.got.contains(key)) die("a spec was given to two agents");
    commits.push_back(full_commit(floor, i));
  }
  const double commit = quantile(commits, 0.5);
  report("claim", quantile(ours, 0.5), commit);
  report("claim.p99", quantile(ours, 0.99), quantile(commits, 0.99));
  report("claim.of_50", quantile(crowd.each, 0.5), commit);
  report("claim.all_50", crowd.all, commit * kAgents);
  daemon.expect_in_step(tree.files.size());
}
