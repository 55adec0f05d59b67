// One client that reads over one connection, one request after the other, from a daemon that keeps
// 10,000 changes. Floor: the same bytes from a server that does not look at the request.
#include "bench/support/bare_server.h"
#include "bench/support/bench.h"
#include "bench/support/daemon.h"
#include "bench/support/tree.h"
#include "tests/net/raw_client.h"

namespace {

using namespace specd::bench;

constexpr const char* kRareWord = "zyzzyva";

struct Read {
  const char* name;
  std::string target;
  size_t least_bytes;  // of an answer that is what it should be
};

/// Milliseconds of each of `count` requests, after some that are not counted.
std::vector<double> read(specd::test::RawClient& client, const Read& read, int count) {
  std::vector<double> times;
  for (int i = -count / 10; i < count; ++i) {
    const Stopwatch watch;
    const auto answer = client.get(read.target);
    const double ms = watch.ms();
    if (answer.status != 200 || answer.body.size() < read.least_bytes)
      die(std::string(read.name) + ": " + answer.head + answer.body);
    if (i >= 0) times.push_back(ms);
  }
  return times;
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments = specd::bench::arguments(argc, argv);
  const Workspace work;
  const std::string root = work.at("project");
  const Tree tree = make_openspec_tree(root, large_project(arguments));
  const std::string file = tree.one_active("proposal.md");
  write_file(root + "/" + file, read_file(root + "/" + file) + "\nThe " + kRareWord + ".\n");
  const std::string folder = file.substr(0, file.rfind('/'));
  const std::string id = folder.substr(folder.rfind('/') + 1);
  const Daemon daemon(root, {});
  daemon.wait_for_search(tree.files.size());

  const std::string project = "/api/v1/projects/project";
  const std::vector<Read> reads{
      {"reads.list_of_50", project + "/specs?limit=50", 5000},
      {"reads.one_spec", project + "/specs/" + id, 500},
      {"reads.one_file", project + "/files/" + file, 200},
      {"reads.search_rare", std::string("/api/v1/search?q=") + kRareWord, 100},
      {"reads.search_common", "/api/v1/search?q=validate", 1000},
      {"reads.search_prefix", "/api/v1/search?q=val*", 1000},
  };
  const int count = arguments.quick ? 20 : 1000;
  for (const Read& each : reads) {
    specd::test::RawClient client = daemon.client();
    const size_t bytes = client.get(each.target).body.size();
    const auto ours = read(client, each, count);
    const BareServer bare(bytes);
    specd::test::RawClient bare_client(bare.port());
    const auto floor = read(bare_client, {each.name, "/", bytes}, count);
    report(each.name, quantile(ours, 0.5), quantile(floor, 0.5));
    report(std::string(each.name) + ".p99", quantile(ours, 0.99), quantile(floor, 0.99));
  }
  daemon.expect_in_step(tree.files.size());
}
