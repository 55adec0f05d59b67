// Other programs edit the database of the real daemon. Its batch is a day away, so what reaches the
// disk in time is what the daemon saw at once.

#include <gmock/gmock.h>
#include <signal.h>

#include <filesystem>
#include <fstream>

#include "tests/net/raw_client.h"
#include "tests/store/foreign_client.h"
#include "tests/system/daemon_process.h"
#include "tests/system/project_tree.h"

namespace specd {
namespace {

using store::Client;
using testing::HasSubstr;

class ForeignEditsTest : public testing::TestWithParam<Client> {
 protected:
  ForeignEditsTest() {
    test::write_file(at("tasks.md"), "- [ ] a\n");
    test::write_file(at("design.md"), "# Design\n");
    std::ofstream(daemon_.folder() + "/c.yaml") << "batch_seconds: 86400\n";
    EXPECT_THAT(daemon_.start({root_, "--config", daemon_.folder() + "/c.yaml"}),
                HasSubstr("ready"));
  }
  void TearDown() override {
    if (HasFailure()) std::cerr << daemon_.log();
  }

  [[nodiscard]] std::string at(const std::string& name) const {
    return root_ + "/" + kChange + name;
  }
  void edit(const std::string& sql) const {
    const auto ran = run_foreign(GetParam(), daemon_.state() + "/specd.db",
                                 "PRAGMA busy_timeout = 2000;" + sql + ";");
    EXPECT_TRUE(ran.ok) << ran.output;
  }
  [[nodiscard]] static bool comes(const std::string& path, const std::string& text) {
    return test::comes_true(
        [&] { return std::filesystem::exists(path) && test::read_file(path) == text; });
  }
  [[nodiscard]] static bool goes(const std::string& path) {
    return test::comes_true([&] { return !std::filesystem::exists(path); });
  }

  static constexpr const char* kChange = "openspec/changes/x/";
  test::DaemonProcess daemon_;
  const std::string root_ = daemon_.folder() + "/app";
};

TEST_P(ForeignEditsTest, AnUpdateOfContentIsOnDiskAtOnce) {
  edit("UPDATE spec_files SET content = '- [x] a\n' WHERE path = 'openspec/changes/x/tasks.md'");
  EXPECT_TRUE(comes(at("tasks.md"), "- [x] a\n"));
  edit("UPDATE spec_files SET content = '- [x] b\n' WHERE path = 'openspec/changes/x/tasks.md'");
  EXPECT_TRUE(comes(at("tasks.md"), "- [x] b\n"));
}

TEST_P(ForeignEditsTest, AnUpdateOfTheViewIsOnDiskAtOnce) {
  edit(
      "UPDATE openspec_specs SET tasks_content = '- [x] a\n', design_content = NULL, "
      "proposal_content = '# New\n' WHERE id = 'x'");
  EXPECT_TRUE(comes(at("tasks.md"), "- [x] a\n"));
  EXPECT_TRUE(comes(at("proposal.md"), "# New\n"));
  EXPECT_TRUE(goes(at("design.md")));
}

TEST_P(ForeignEditsTest, AFileThatIsInsertedAppearsAndOneThatIsDeletedGoes) {
  edit(
      "INSERT INTO spec_files (project, path, content) "
      "VALUES (1, 'openspec/changes/x/specs/cap/spec.md', '# Spec\n')");
  EXPECT_TRUE(comes(at("specs/cap/spec.md"), "# Spec\n"));
  edit("UPDATE spec_files SET deleted_at = 1 WHERE path = 'openspec/changes/x/design.md'");
  EXPECT_TRUE(goes(at("design.md")));
  edit(
      "INSERT OR REPLACE INTO spec_files (project, path, content) "
      "VALUES (1, 'openspec/changes/x/tasks.md', '- [x] a\n')");
  EXPECT_TRUE(comes(at("tasks.md"), "- [x] a\n"));
}

TEST_P(ForeignEditsTest, AStatusIsInTheHistoryAtOnce) {
  edit("UPDATE openspec_specs SET status = 'approved' WHERE id = 'x'");
  EXPECT_TRUE(test::comes_true([&] {
    return daemon_.specd({"history", "--json"}).out.find("external_db") != std::string::npos;
  }));
}

TEST_P(ForeignEditsTest, AnEditWhoseCommitComesHalfASecondLaterIsOnDisk) {
  // What does not fit the client's cache is in the log long before the commit.
  edit(
      "PRAGMA cache_size = 1; BEGIN IMMEDIATE;"
      "UPDATE spec_files SET content = hex(zeroblob(1000000)) WHERE path LIKE '%/tasks.md';"
      "CREATE TEMP TABLE passed AS WITH RECURSIVE n(i) AS "
      "  (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT max(i) FROM n;"
      "COMMIT;");
  EXPECT_TRUE(comes(at("tasks.md"), std::string(2'000'000, '0')));
}

TEST_P(ForeignEditsTest, F62HundredsOfRowsAtOnceAreAllPushed) {
  edit(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) "
      "INSERT INTO spec_files (project, path, content) "
      "SELECT 1, 'openspec/changes/x/notes/' || i || '.md', 'note ' || i FROM n");
  EXPECT_TRUE(comes(at("notes/1.md"), "note 1"));
  EXPECT_TRUE(comes(at("notes/300.md"), "note 300"));
}

INSTANTIATE_TEST_SUITE_P(, ForeignEditsTest,
                         testing::Values(Client::shell, Client::better_sqlite3,
                                         Client::node_sqlite),
                         [](const auto& each) {
                           std::string name = store::name_of(each.param);
                           std::erase_if(name, [](char c) { return !std::isalnum(c); });
                           return name;
                         });

}  // namespace
}  // namespace specd
