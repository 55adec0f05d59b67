// docs/sqlite.md: its examples are run as they stand there, by the shell and by Node, beside the
// real daemon.

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

std::vector<std::string> examples_of_the_page(const std::string& language) {
  std::ifstream in(std::string(SPECD_SOURCE_DIR) + "/docs/sqlite.md");
  std::vector<std::string> blocks;
  bool is_wanted = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("```")) {
      is_wanted = line == "```" + language;
      if (is_wanted) blocks.emplace_back();
    } else if (is_wanted) {
      blocks.back() += line + "\n";
    }
  }
  return blocks;
}

class SqliteDoc : public testing::Test {
 protected:
  SqliteDoc() {
    test::write_file(change_ + "tasks.md", "- [ ] 1.1 ask\n");
    test::write_file(change_ + "design.md", "# Design\n");
    std::ofstream(daemon_.folder() + "/c.yaml") << "batch_seconds: 86400\n";
    EXPECT_THAT(daemon_.start({root_, "--config", daemon_.folder() + "/c.yaml"}),
                HasSubstr("ready"));
  }
  [[nodiscard]] bool has(const std::string& name, const std::string& text) const {
    return std::filesystem::exists(change_ + name) && test::read_file(change_ + name) == text;
  }
  [[nodiscard]] bool is_gone(const std::string& name) const {
    return !std::filesystem::exists(change_ + name);
  }
  [[nodiscard]] bool is_listed_as(const std::string& status) const {
    return daemon_.specd({"list", "--status", status}).out.find("add-login") != std::string::npos;
  }

  test::DaemonProcess daemon_;
  const std::string root_ = daemon_.folder() + "/app";
  const std::string change_ = root_ + "/openspec/changes/add-login/";
};

TEST_F(SqliteDoc, ItsStatementsDoWhatThePageSays) {
  // What is to be seen after each of them.
  const std::vector<std::function<bool()>> seen = {
      [&] { return has("tasks.md", "- [x] 1.1 ask\n"); },
      [&] { return has("notes.md", "# Notes"); },
      [&] { return is_gone("notes.md"); },
      [&] { return has("proposal.md", "# Log in") && is_gone("design.md"); },
      [&] { return is_listed_as("approved"); },
  };
  const auto statements = examples_of_the_page("sql");
  ASSERT_EQ(statements.size(), seen.size());
  for (size_t i = 0; i < seen.size(); ++i) {
    const auto ran = run_foreign(store::Client::shell, daemon_.state() + "/specd.db",
                                 "PRAGMA busy_timeout = 2000;" + statements[i]);
    EXPECT_TRUE(ran.ok) << ran.output;
    EXPECT_TRUE(test::comes_true(seen[i])) << statements[i] << daemon_.log();
  }
}

TEST_F(SqliteDoc, ItsJavaScriptDoesWhatThePageSays) {
  test::write_file(change_ + "proposal.md", "# Log in\n");
  ASSERT_EQ(daemon_.specd({"sync", "--wait"}).exit_code, 0);
  const std::string modules = SPECD_SOURCE_DIR "/tests/tools/node_modules";
  const auto examples = examples_of_the_page("js");
  ASSERT_EQ(examples.size(), 2u);
  // What they take as given; the second goes on from the first.
  std::ofstream(daemon_.folder() + "/examples.cjs")
      << "module.paths.push('" << modules << "');\nconst path = '" << daemon_.state()
      << "/specd.db';\nconst text = '- [x] all\\n';\n"
      << examples[0] << examples[1];
  const test::Ran ran = daemon_.run({modules + "/.bin/node", daemon_.folder() + "/examples.cjs"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(test::comes_true([&] {
    return has("tasks.md", "- [x] all\n") && has("proposal.md", "# Log in, again") &&
           is_listed_as("review");
  })) << daemon_.log();
}

}  // namespace
}  // namespace specd
