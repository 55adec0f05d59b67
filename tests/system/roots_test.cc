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

}  // namespace
}  // namespace specd
