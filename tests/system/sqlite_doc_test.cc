// docs/sqlite.md: its statements are run as they stand there, by the shell, beside the real daemon.

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "tests/net/raw_client.h"
#include "tests/store/foreign_client.h"
#include "tests/system/daemon_process.h"
#include "tests/system/project_tree.h"

namespace specd {
namespace {

using testing::HasSubstr;

std::vector<std::string> statements_of_the_page() {
  std::ifstream in(std::string(SPECD_SOURCE_DIR) + "/docs/sqlite.md");
  std::vector<std::string> blocks;
  bool is_sql = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("```")) {
      is_sql = line == "```sql";
      if (is_sql) blocks.emplace_back();
    } else if (is_sql) {
      blocks.back() += line + "\n";
    }
  }
  return blocks;
}

TEST(SqliteDoc, ItsStatementsDoWhatThePageSays) {
  test::DaemonProcess daemon;
  const std::string root = daemon.folder() + "/app";
  const std::string change = root + "/openspec/changes/add-login/";
  test::write_file(change + "tasks.md", "- [ ] 1.1 ask\n");
  test::write_file(change + "design.md", "# Design\n");
  std::ofstream(daemon.folder() + "/c.yaml") << "batch_seconds: 86400\n";
  ASSERT_THAT(daemon.start({root, "--config", daemon.folder() + "/c.yaml"}), HasSubstr("ready"));
  const auto has = [&](const std::string& name, const std::string& text) {
    const std::string path = change + name;
    return std::filesystem::exists(path) && test::read_file(path) == text;
  };
  const auto is_gone = [&](const std::string& name) {
    return !std::filesystem::exists(change + name);
  };
  // What is to be seen after each of them.
  const std::vector<std::function<bool()>> seen = {
      [&] { return has("tasks.md", "- [x] 1.1 ask\n"); },
      [&] { return has("notes.md", "# Notes"); },
      [&] { return is_gone("notes.md"); },
      [&] { return has("proposal.md", "# Log in") && is_gone("design.md"); },
      [&] {
        return daemon.specd({"list", "--status", "approved"}).out.find("add-login") !=
               std::string::npos;
      },
  };
  const auto statements = statements_of_the_page();
  ASSERT_EQ(statements.size(), seen.size());
  for (size_t i = 0; i < seen.size(); ++i) {
    const auto ran = run_foreign(store::Client::shell, daemon.state() + "/specd.db",
                                 "PRAGMA busy_timeout = 2000;" + statements[i]);
    EXPECT_TRUE(ran.ok) << ran.output;
    EXPECT_TRUE(test::comes_true(seen[i])) << statements[i] << daemon.log();
  }
}

}  // namespace
}  // namespace specd
