// specd history --follow, through restarts of the daemon, to its end.

#include <gmock/gmock.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/json.h"
#include "net/front_desk.h"
#include "tests/net/raw_client.h"
#include "tests/system/daemon_process.h"

namespace specd {
namespace {

using testing::HasSubstr;

class FollowTest : public testing::Test {
 protected:
  FollowTest() {
    for (const char* name : {"x", "y"}) put(name, "- [ ] a\n");
    start();
  }
  ~FollowTest() override { end(); }
  void TearDown() override {
    if (HasFailure()) std::cerr << daemon_.log() << read("out") << read("err");
  }

  void put(const std::string& spec, const std::string& text) const {
    const std::string path = root_ + "/openspec/changes/" + spec + "/tasks.md";
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path + "~", std::ios::binary) << text;
    std::filesystem::rename(path + "~", path);
  }
  void start() { ASSERT_THAT(daemon_.start({root_}), HasSubstr("ready")) << daemon_.log(); }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ifstream in(daemon_.folder() + "/" + name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  // In the background, until end().
  void follow(const std::string& options) {
    follower_ = std::thread([this, options] {
      const std::string home = daemon_.folder() + "/";
      ran_ = daemon_.run({"bash", "-c",
                          SPECD_BINARY_DIR "/specd history --follow " + options + " > " + home +
                              "out 2> " + home + "err & echo $! > " + home + "pid; wait $!"});
    });
  }
  // As Ctrl-C does.
  test::Ran end() {
    if (!follower_.joinable()) return {};
    const int pid = std::atoi(read("pid").c_str());
    if (pid > 0) kill(pid, SIGINT);
    follower_.join();
    return ran_;
  }
  [[nodiscard]] bool comes(const std::string& name, const std::string& what) const {
    return test::comes_true([&] { return read(name).find(what) != std::string::npos; });
  }
  static std::vector<int> ids_of(const std::vector<Value>& entries) {
    std::vector<int> ids;
    for (const Value& entry : entries) ids.push_back(std::atoi(entry.find("id")->text.c_str()));
    return ids;
  }
  [[nodiscard]] std::vector<int> shown_ids() const {
    std::istringstream lines(read("out"));
    std::vector<Value> entries;
    for (std::string line; std::getline(lines, line);)
      entries.push_back(json::parse(line).value_or(Value{}));
    return ids_of(entries);
  }

  test::DaemonProcess daemon_;
  const std::string root_ = daemon_.folder() + "/app";
  std::thread follower_;
  test::Ran ran_;
};

TEST_F(FollowTest, NothingIsMissedAndNothingToldTwiceAcrossAKill) {
  follow("--json --limit 1000");
  ASSERT_TRUE(comes("out", "\"spec_id\":\"x\""));
  for (int i = 0; i < 5; ++i) put("x", std::to_string(i) + "\n");
  put("before", "- [ ] a\n");
  ASSERT_TRUE(comes("out", "\"spec_id\":\"before\""));
  daemon_.stop(SIGKILL);
  ASSERT_TRUE(comes("err", "specd: the daemon is gone; waiting for it\n"));
  put("while-gone", "- [ ] a\n");
  start();
  ASSERT_TRUE(comes("err", "specd: the daemon is back\n"));
  ASSERT_TRUE(comes("out", "\"spec_id\":\"while-gone\""));
  put("after", "- [ ] a\n");
  ASSERT_TRUE(comes("out", "\"spec_id\":\"after\""));
  ASSERT_EQ(daemon_.specd({"sync", "--wait"}).exit_code, 0);
  const auto all = json::parse(daemon_.specd({"history", "--json", "--limit", "1000"}).out);
  ASSERT_TRUE(all);
  std::vector<int> ids = ids_of(all->find("history")->items);
  std::ranges::reverse(ids);
  EXPECT_TRUE(test::comes_true([&] { return shown_ids().size() >= ids.size(); }));
  EXPECT_EQ(end().exit_code, 0);
  EXPECT_EQ(shown_ids(), ids);
  EXPECT_EQ(read("err"), "specd: the daemon is gone; waiting for it\nspecd: the daemon is back\n");
}

TEST_F(FollowTest, OneSpecIsFollowedAlone) {
  follow("--spec y --limit 1");
  ASSERT_TRUE(comes("out", "  y  "));
  put("x", "- [x] a\n");
  put("y", "- [x] a\n");
  ASSERT_TRUE(comes("out", "updated"));
  EXPECT_EQ(end().exit_code, 0);
  EXPECT_EQ(read("out").find("  x  "), std::string::npos);
  EXPECT_THAT(read("out"), testing::StartsWith("WHEN "));
  EXPECT_EQ(daemon_.specd({"history", "--spec", "y"}).out.find("  x  "), std::string::npos);
  EXPECT_THAT(daemon_.specd({"history", "-f", "--spec", "z"}).err, HasSubstr("no spec \"z\""));
}

TEST_F(FollowTest, ItEndsWhenNobodyReadsOn) {
  // Bounded by what the reader takes, not by the next event: none comes.
  const test::Ran ran = daemon_.run({"bash", "-c",
                                     "set -o pipefail; timeout 10 " SPECD_BINARY_DIR
                                     "/specd history --follow | head -n 1"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.out, testing::StartsWith("WHEN "));
  EXPECT_EQ(ran.err, "");
}

TEST_F(FollowTest, WithoutAStreamAndPastARefusalItAsksFromTimeToTime) {
  std::atomic<int> latest = 1, refusals = 0;
  const auto answer = [&](const std::string& target) -> net::Response {
    if (!target.starts_with("/api/v1/history")) return net::problem(503, "full", "too many");
    const size_t after = target.find("after=");
    if (after != std::string::npos && refusals++ == 0) return net::problem(503, "busy", "later");
    std::string entries;
    int id = after == std::string::npos ? latest - 1 : std::atoi(target.c_str() + after + 6);
    while (id++ < latest)
      entries += (entries.empty() ? "" : ",") + ("{\"id\":" + std::to_string(id) + "}");
    return {.body = R"({"history":[)" + entries + R"(],"after":null})"};
  };
  auto desk = net::FrontDesk::open({.workers = 1});
  ASSERT_TRUE(desk);
  (*desk)->start({.serve =
                      [&](const net::Request& request, const net::FrontDesk::Reply& reply) {
                        reply(net::last_words(answer(request.target)));
                      },
                  .streaming = [](const net::Request&) { return net::Streaming::no; },
                  .open_stream = {}});
  follow("--json --url http://127.0.0.1:" + std::to_string((*desk)->port()));
  EXPECT_TRUE(comes("out", "{\"id\":1}\n"));
  latest = 3;
  EXPECT_TRUE(comes("out", "{\"id\":3}\n"));
  EXPECT_EQ(end().exit_code, 0);
  (*desk)->stop();
  EXPECT_EQ(read("out"), "{\"id\":1}\n{\"id\":2}\n{\"id\":3}\n");
  EXPECT_THAT(read("err"), HasSubstr("the daemon is back"));
}

TEST_F(FollowTest, WithoutADaemonItDoesNotBegin) {
  daemon_.stop(SIGTERM);
  const test::Ran ran = daemon_.specd({"history", "--follow"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(ran.err, HasSubstr("specd run"));
}

}  // namespace
}  // namespace specd
