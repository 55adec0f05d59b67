// One client that reads over one connection, one request after the other, from a daemon that keeps
// 10,000 changes: each time another page, spec or file; ".again" is always the same one, as whoever
// polls asks. Floor: the same bytes from a server that does not look at the request.
#include "base/json.h"
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
  std::vector<std::string> targets;  // one after the other, and again from the first
  size_t least_bytes;                // of an answer that is what it should be
};

/// Milliseconds of each of `count` requests, after some that are not counted.
std::vector<double> read(specd::test::RawClient& client, const Read& read, int count) {
  std::vector<double> times;
  for (int i = -count / 10; i < count; ++i) {
    const std::string& target = read.targets[static_cast<size_t>(i + count) % read.targets.size()];
    const Stopwatch watch;
    const auto answer = client.get(target);
    const double ms = watch.ms();
    if (answer.status != 200 || answer.body.size() < read.least_bytes)
      die(std::string(read.name) + ": " + answer.head + answer.body);
    if (i >= 0) times.push_back(ms);
  }
  return times;
}

/// The pages of a list, from the first to the last.
std::vector<std::string> pages(specd::test::RawClient& client, const std::string& first) {
  std::vector<std::string> targets{first};
  for (;;) {
    const auto page = specd::json::parse(client.get(targets.back()).body);
    const specd::Value* next = page ? page->find("next") : nullptr;
    if (next == nullptr) die("no page of a list");
    if (next->kind == specd::Value::Kind::null) return targets;
    targets.push_back(first + "&cursor=" + next->text);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments = specd::bench::arguments(argc, argv);
  const Workspace work;
  const std::string root = work.at("project");
  const Tree tree = make_openspec_tree(root, large_project(arguments));
  const std::string file = tree.one_active("proposal.md");
  write_file(root + "/" + file, read_file(root + "/" + file) + "\nThe " + kRareWord + ".\n");
  const Daemon daemon(root, {});
  daemon.wait_for_search(tree.files.size());

  const std::string project = "/api/v1/projects/project";
  const std::string list = project + "/specs?kind=archived&limit=50";
  std::vector<std::string> specs, files;
  for (const std::string& path : tree.files) {
    files.push_back(project + "/files/" + path);
    const std::string folder = path.substr(0, path.rfind('/'));
    if (path.ends_with("/proposal.md"))
      specs.push_back(project + "/specs/" + folder.substr(folder.rfind('/') + 1));
  }
  std::vector<std::string> texts;
  for (int i = 0; i < 1'100; ++i)
    texts.push_back(project + "/specs?limit=50&q=" + kRareWord + std::to_string(i));
  specd::test::RawClient lister = daemon.client();
  const std::vector<Read> reads{
      {"reads.list_of_50", pages(lister, list), 1000},
      {"reads.list_of_50.again", {list}, 5000},
      {"reads.list_by_text", texts, 20},
      {"reads.one_spec", specs, 500},
      {"reads.one_spec.again", {specs.front()}, 500},
      {"reads.one_file", files, 100},
      {"reads.search_rare", {std::string("/api/v1/search?q=") + kRareWord}, 100},
      {"reads.search_common", {"/api/v1/search?q=validate"}, 1000},
      {"reads.search_prefix", {"/api/v1/search?q=val*"}, 1000},
  };
  const int count = arguments.quick ? 20 : 1000;
  for (const Read& each : reads) {
    specd::test::RawClient client = daemon.client();
    const size_t bytes = client.get(each.targets.front()).body.size();
    const auto ours = read(client, each, count);
    const BareServer bare(bytes);
    specd::test::RawClient bare_client(bare.port());
    const auto floor = read(bare_client, {each.name, {"/"}, bytes}, count);
    report(each.name, quantile(ours, 0.5), quantile(floor, 0.5));
    report(std::string(each.name) + ".p99", quantile(ours, 0.99), quantile(floor, 0.99));
  }
  daemon.expect_in_step(tree.files.size());
}
