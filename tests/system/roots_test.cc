// Which project a folder belongs to: the real openspec CLI is asked the same.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/json.h"
#include "tests/system/daemon_process.h"

namespace specd {
namespace {

using test::Ran;

class RootsTest : public testing::Test {
 protected:
  void TearDown() override {
    if (HasFailure()) std::cerr << daemon_.log();
  }
  [[nodiscard]] std::string at(const std::string& path) const {
    return daemon_.folder() + "/" + path;
  }
  void make(const std::string& folder) const { std::filesystem::create_directories(at(folder)); }
  void put(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(at(path)).parent_path());
    std::ofstream(at(path)) << text;
  }
  Ran openspec(std::vector<std::string> args, const std::string& folder) const {
    const std::string modules = std::string(SPECD_SOURCE_DIR) + "/tests/tools/node_modules";
    args.insert(args.begin(),
                {modules + "/.bin/node", modules + "/@fission-ai/openspec/bin/openspec.js"});
    return daemon_.run(args, at(folder));
  }
  /// Where the CLI finds the specs of a folder; empty: nowhere.
  std::string root_by_cli(const std::string& folder) const {
    const auto answer = json::parse(openspec({"list", "--json"}, folder).out);
    const Value* root = answer ? answer->find("root") : nullptr;
    const Value* path = root != nullptr ? root->find("path") : nullptr;
    return path != nullptr ? path->text : "";
  }
  /// The same of specd, run there for a moment.
  std::string root_by_specd(const std::string& folder) {
    daemon_.start({at(folder)});
    const auto answer = json::parse(daemon_.specd({"projects", "--json"}).out);
    daemon_.stop(SIGTERM);
    std::filesystem::remove_all(daemon_.state());
    const Value* projects = answer ? answer->find("projects") : nullptr;
    return projects != nullptr && !projects->items.empty() ? projects->items[0].find("root")->text
                                                           : "";
  }

  /// Of a project; "unknown": there is none.
  [[nodiscard]] std::string state_of(const std::string& slug) const {
    const auto answer = json::parse(daemon_.specd({"projects", "--json"}).out);
    const Value* projects = answer ? answer->find("projects") : nullptr;
    if (projects == nullptr) return "no answer";
    for (const Value& project : projects->items) {
      if (project.find("slug")->text == slug) return project.find("state")->text;
    }
    return "unknown";
  }

  test::DaemonProcess daemon_;
};

TEST_F(RootsTest, TheNearestOneAsTheCliHasIt) {
  make("repo/openspec/changes/x");
  make("repo/src/deep");
  make("repo/packages/a/openspec/specs/auth");
  make("repo/packages/a/lib");
  make("repo/packages/b/openspec");  // nothing in it: no root
  put("repo/packages/c/openspec/config.yaml", "schema: spec-driven\n");
  for (const char* folder : {"repo", "repo/src/deep", "repo/packages/a", "repo/packages/a/lib",
                             "repo/packages/b", "repo/packages/c", "repo/packages"}) {
    EXPECT_EQ(root_by_specd(folder), root_by_cli(folder)) << folder;
  }
  EXPECT_EQ(root_by_specd("repo/packages/a/lib"), at("repo/packages/a"));
}

TEST_F(RootsTest, AStoreThatAConfigurationNames) {
  make("app/src");
  const Ran made = openspec({"store", "setup", "plans", "--path", at("plans"), "--json"}, "app");
  ASSERT_EQ(made.exit_code, 0) << made.out << made.err;
  put("app/openspec/config.yaml", "store: plans\n");
  EXPECT_EQ(root_by_cli("app/src"), at("plans"));
  EXPECT_EQ(root_by_specd("app/src"), at("plans"));
  make("app/openspec/changes");  // real specs win over the pointer
  EXPECT_EQ(root_by_specd("app"), root_by_cli("app"));
  std::filesystem::remove_all(at("app/openspec/changes"));

  put("app/openspec/config.yaml", "store: nowhere\n");
  const Ran unknown = daemon_.specd({"run", at("app"), "--listen", "127.0.0.1:0"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_NE(unknown.err.find("openspec store register"), std::string::npos) << unknown.err;
  put("app/openspec/config.yaml", "store: plans\n");
  put("plans/.openspec-store/store.yaml", "version: 1\nid: another\n");
  const Ran other = daemon_.specd({"run", at("app"), "--listen", "127.0.0.1:0"});
  EXPECT_NE(other.err.find("is the store \"another\""), std::string::npos) << other.err;
}

TEST_F(RootsTest, AConfiguredFolderThatIsNotThereLeavesTheRestServed) {
  make("app/openspec/changes");
  make("disk/plans/openspec/changes");
  std::filesystem::create_symlink(at("disk"), at("link"));
  const auto configure = [&](const std::string& more) {
    put("config.yaml",
        "log: info\nprojects: [" + at("app") + ", " + at("link/plans/") + more + "]");
  };
  const auto logged = [&](const std::string& text) {
    return daemon_.log().find(text) != std::string::npos;
  };
  const std::vector<std::string> args = {"--config", at("config.yaml")};
  configure("");
  ASSERT_TRUE(daemon_.start(args).starts_with("ready"));
  EXPECT_EQ(state_of("plans"), "ok");
  daemon_.stop(SIGTERM);
  std::filesystem::rename(at("disk"), at("unplugged"));

  configure(", " + at("never-seen"));
  ASSERT_TRUE(daemon_.start(args).starts_with("ready"));
  EXPECT_EQ(state_of("app"), "ok");
  EXPECT_EQ(state_of("plans"), "missing");
  const std::string place = at("config.yaml") + ": line 2: projects";
  EXPECT_TRUE(logged(place)) << "the warning says where it is named";
  EXPECT_TRUE(logged(at("never-seen") + ": no such folder"));
  EXPECT_FALSE(logged("plans: no such folder"));

  configure(", " + at("never-seen-either"));
  daemon_.send(SIGHUP);
  EXPECT_TRUE(test::comes_true([&] { return logged(at("never-seen-either")); }));
  EXPECT_FALSE(logged("config-not-reloaded"));
  EXPECT_TRUE(test::comes_true([&] { return state_of("app") == "ok"; }));

  const Ran check = daemon_.specd({"config", "check", at("config.yaml")});
  EXPECT_EQ(check.exit_code, 0);
  EXPECT_NE(check.err.find(place + ": " + at("never-seen-either") + ": No such file"),
            std::string::npos)
      << check.err;
  const Ran as_json = daemon_.specd({"config", "check", at("config.yaml"), "--json"});
  const auto answer = json::parse(as_json.out);
  ASSERT_TRUE(answer) << as_json.out;
  EXPECT_EQ(answer->find("warnings")->items.size(), 2u);
}

TEST_F(RootsTest, AConfiguredFolderIsTakenUpWhenItAppears) {
  make("app/openspec/changes");
  make("empty");
  put("config.yaml", "batch_seconds: 1\nprojects: [" + at("app") + ", " + at("disk/plans/deep") +
                         ", " + at("empty") + ", " + at("later") + "]");
  ASSERT_TRUE(daemon_.start({"--config", at("config.yaml")}).starts_with("ready"));
  EXPECT_EQ(state_of("plans"), "unknown");
  make("disk/plans/deep");
  put("disk/plans/openspec/changes/x/tasks.md", "- [ ] a\n");
  make("empty/openspec/changes");
  for (const char* slug : {"plans", "empty"})
    EXPECT_TRUE(test::comes_true([&] { return state_of(slug) == "ok"; })) << slug;
  EXPECT_EQ(daemon_.specd({"sync", "--wait"}).exit_code, 0);
  EXPECT_NE(daemon_.specd({"list", "-p", "plans"}).out.find("x "), std::string::npos);
  EXPECT_NE(daemon_.log().find("project-kept"), std::string::npos) << daemon_.log();

  // Who forgets it means it, for as long as this daemon runs.
  EXPECT_EQ(daemon_.specd({"remove", "empty"}).exit_code, 0);
  make("later/openspec/changes");
  EXPECT_TRUE(test::comes_true([&] { return state_of("later") == "ok"; }));
  EXPECT_EQ(state_of("empty"), "unknown");
}

}  // namespace
}  // namespace specd
