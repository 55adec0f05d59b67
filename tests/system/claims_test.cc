// Agents that take work of the real daemon.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <barrier>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <thread>

#include "base/json.h"
#include "tests/system/daemon_process.h"

namespace specd {
namespace {

using testing::HasSubstr;

constexpr size_t kAgents = 50;

class ClaimsSystemTest : public testing::Test {
 protected:
  void put(const std::string& path, const std::string& text) const {
    const std::string full = root_ + "/" + path;
    std::filesystem::create_directories(std::filesystem::path(full).parent_path());
    std::ofstream(full, std::ios::binary) << text;
  }
  void put_changes(size_t count) const {
    std::filesystem::create_directories(root_ + "/openspec/specs");
    for (size_t i = 0; i < count; ++i)
      put("openspec/changes/change-" + std::to_string(i) + "/tasks.md", "- [ ] 1.1 one\n");
  }
  [[nodiscard]] std::string on_disk(const std::string& path) const {
    std::ifstream file(root_ + "/" + path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  /// What one agent is answered.
  [[nodiscard]] std::string claim(const std::string& agent, const std::string& more = "") const {
    return daemon_.client()
        .post("/api/v1/queue/claim", R"({"agent": ")" + agent + "\"" + more + "}")
        .body;
  }
  static std::string id_of(const std::string& answer) {
    const auto value = json::parse(answer);
    const Value* spec = value ? value->find("spec") : nullptr;
    const Value* id = spec != nullptr ? spec->find("id") : nullptr;
    return id != nullptr ? id->text : "";
  }
  [[nodiscard]] std::string status_of(const std::string& id) const {
    return daemon_.client().get("/api/v1/projects/app/specs/" + id).body;
  }

  test::DaemonProcess daemon_;
  const std::string root_ = daemon_.folder() + "/app";
};

TEST_F(ClaimsSystemTest, EachOfManyAgentsAtOnceGetsAnotherSpec) {
  put_changes(kAgents + 1);
  ASSERT_TRUE(daemon_.start({root_}).starts_with("ready "));
  std::vector<std::string> got(kAgents);
  std::barrier gate(kAgents);
  std::vector<std::thread> agents;
  for (size_t i = 0; i < kAgents; ++i) {
    agents.emplace_back([&, i] {
      gate.arrive_and_wait();
      got[i] = id_of(claim("agent-" + std::to_string(i)));
    });
  }
  for (std::thread& agent : agents) agent.join();
  const std::set<std::string> different(got.begin(), got.end());
  EXPECT_EQ(different.size(), kAgents);
  EXPECT_FALSE(different.contains(""));
  EXPECT_NE(id_of(claim("late")), "");
  EXPECT_THAT(claim("too-late"), HasSubstr("\"spec\":null"));
}

TEST_F(ClaimsSystemTest, AClaimOutlivesAKillAndItsLeaseEndsInTime) {
  put_changes(2);
  ASSERT_TRUE(daemon_.start({root_}).starts_with("ready "));
  EXPECT_EQ(id_of(claim("ann", R"(, "lease_s": 3600)")), "change-0");
  EXPECT_EQ(id_of(claim("bob", R"(, "lease_s": 1)")), "change-1");
  EXPECT_EQ(daemon_.stop(SIGKILL), -SIGKILL);
  ASSERT_TRUE(daemon_.start({root_}).starts_with("ready "));
  EXPECT_TRUE(test::comes_true([&] { return id_of(claim("eve")) == "change-1"; }));
  EXPECT_THAT(status_of("change-0"), HasSubstr("\"assignee\":\"ann\""));
  EXPECT_THAT(claim("eve", R"(, "spec": "change-0")"), HasSubstr("change-0 is claimed by ann"));
}

TEST_F(ClaimsSystemTest, AgentsWorkFromTheCommandLine) {
  put_changes(1);
  ASSERT_TRUE(daemon_.start({root_}).starts_with("ready "));
  EXPECT_EQ(daemon_.specd({"next"}).out, "app/change-0 (proposing): change-0\n");
  const test::Ran claimed = daemon_.specd({"claim", "--agent", "ann", "--lease", "2h"});
  EXPECT_EQ(claimed.exit_code, 0) << claimed.err;
  EXPECT_THAT(claimed.out, HasSubstr("app/change-0 until 2"));
  const test::Ran nothing = daemon_.specd({"claim"});
  EXPECT_EQ(nothing.exit_code, 1);
  EXPECT_THAT(nothing.err, HasSubstr("nothing is ready"));
  EXPECT_EQ(daemon_.specd({"next", "--json"}).out, "{\"item\":null}\n");
  EXPECT_EQ(daemon_.specd({"next", "--json"}).exit_code, 1);
  const test::Ran held = daemon_.specd({"release", "change-0", "--agent", "bob"});
  EXPECT_EQ(held.exit_code, 2);
  EXPECT_THAT(held.err, HasSubstr("change-0 is claimed by ann until"));
  EXPECT_EQ(daemon_.specd({"release", "change-0", "--agent", "ann"}).out,
            "app/change-0 (proposing): change-0\n");
  daemon_.add_to_environment("SPECD_AGENT=eve");
  EXPECT_EQ(daemon_.specd({"claim", "change-0"}).exit_code, 0);
  EXPECT_EQ(daemon_.specd({"complete", "change-0"}).out, "app/change-0 (review): change-0\n");
  EXPECT_THAT(daemon_.specd({"history", "--json"}).out, HasSubstr("\"actor\":\"eve\""));
  EXPECT_THAT(daemon_.specd({"history", "--json"}).out, HasSubstr("\"status_to\":\"review\""));
  for (const char* bad : {"0", "2w", "m", "25h"})
    EXPECT_EQ(daemon_.specd({"claim", "--lease", bad}).exit_code, 2) << bad;
}

TEST_F(ClaimsSystemTest, AStatusGoesOneStepAtATimeUnlessItIsForced) {
  put_changes(1);
  ASSERT_TRUE(daemon_.start({root_}).starts_with("ready "));
  const test::Ran refused = daemon_.specd({"set", "change-0", "--status", "done"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("from proposing a spec may go to approved, and not to done"));
  EXPECT_EQ(daemon_.specd({"set", "change-0", "--status", "done", "--force"}).exit_code, 0);
}

TEST_F(ClaimsSystemTest, OfALeanSpecFolderOnlyTheFrontMatterIsWritten) {
  const std::string before = "---\nstatus: planned\ncreated: 2026-01-01\n---\n\n# One\r\n";
  put("specs/001-one/README.md", before);
  ASSERT_TRUE(daemon_.start({root_}).starts_with("ready "));
  EXPECT_EQ(id_of(claim("ann")), "001-one");
  EXPECT_EQ(on_disk("specs/001-one/README.md"),
            "---\nstatus: in-progress\ncreated: 2026-01-01\nassignee: ann\n---\n\n# One\r\n");
  EXPECT_EQ(daemon_.specd({"release", "1", "--agent", "ann"}).exit_code, 0);
  EXPECT_EQ(on_disk("specs/001-one/README.md"), before);
  EXPECT_EQ(daemon_.specd({"verify"}).exit_code, 0);
}

}  // namespace
}  // namespace specd
