// F63: other programs replace rows, vacuum, add columns and change the journal mode of the real
// daemon's database.

#include <gmock/gmock.h>
#include <signal.h>

#include <fstream>

#include "tests/store/foreign_client.h"
#include "tests/system/daemon_process.h"
#include "tests/system/project_tree.h"

namespace specd {
namespace {

using testing::HasSubstr;

class ForeignSchemaTest : public testing::Test {
 protected:
  ForeignSchemaTest() {
    save("- [ ] a\n");
    std::ofstream(daemon_.folder() + "/c.yaml") << "batch_seconds: 1\n";
    start();
  }
  void TearDown() override {
    if (HasFailure()) std::cerr << daemon_.log();
  }
  void start() {
    EXPECT_THAT(daemon_.start({root_, "--config", daemon_.folder() + "/c.yaml"}),
                HasSubstr("ready"));
  }
  void save(const std::string& text) const { test::write_file(file_, text); }
  [[nodiscard]] store::Ran run(const std::string& sql) const {
    return run_foreign(store::Client::shell, daemon_.state() + "/specd.db",
                       ".timeout 2000\n" + sql + ";");
  }
  [[nodiscard]] std::string must_run(const std::string& sql) const {
    const auto ran = run(sql);
    EXPECT_TRUE(ran.ok) << ran.output;
    return ran.output;
  }
  void edit(const std::string& text) const {
    (void)must_run("UPDATE spec_files SET content = '" + text + "'");
  }
  [[nodiscard]] bool comes_to_disk(const std::string& text) const {
    return test::comes_true([&] { return test::read_file(file_) == text; });
  }
  [[nodiscard]] bool comes_to_database(const std::string& text) const {
    return test::comes_true(
        [&] { return must_run("SELECT content FROM spec_files") == text + "\n"; });
  }
  /// Both ways, and nothing is amiss. Each time with other texts: one that was there before would
  /// undo the edit.
  void expect_in_step() {
    const std::string number = std::to_string(++rounds_);
    edit("by SQL " + number);
    EXPECT_TRUE(comes_to_disk("by SQL " + number));
    save("by hand " + number);
    EXPECT_TRUE(comes_to_database("by hand " + number));
    EXPECT_TRUE(test::comes_true([&] { return daemon_.specd({"status"}).exit_code == 0; }));
    EXPECT_EQ(daemon_.specd({"verify"}).exit_code, 0);
  }

  int rounds_ = 0;
  test::DaemonProcess daemon_;
  const std::string root_ = daemon_.folder() + "/app";
  const std::string file_ = root_ + "/openspec/changes/x/tasks.md";
};

TEST_F(ForeignSchemaTest, F63ARowThatIsReplacedIsAnEditOfTheSameFile) {
  const std::string spec = must_run("SELECT spec, role FROM spec_files");
  (void)must_run(
      "REPLACE INTO spec_files (project, path, content) "
      "SELECT project, path, 'replaced' FROM spec_files");
  EXPECT_TRUE(comes_to_disk("replaced"));
  EXPECT_EQ(must_run("SELECT spec, role FROM spec_files"), spec);
  EXPECT_EQ(must_run("SELECT count(*) FROM specs"), "1\n");
  EXPECT_TRUE(test::comes_true([&] {
    return daemon_.specd({"versions", "x"}).out.find("superseded  disk") != std::string::npos;
  })) << "what it displaced";
  expect_in_step();
}

TEST_F(ForeignSchemaTest, F63AVacuumChangesNothing) {
  (void)must_run("VACUUM");
  expect_in_step();
}

TEST_F(ForeignSchemaTest, F63AColumnOfTheirsKeepsItsValues) {
  (void)must_run(
      "ALTER TABLE spec_files ADD COLUMN mine TEXT;"
      "ALTER TABLE specs ADD COLUMN mine TEXT NOT NULL DEFAULT 'theirs';"
      "UPDATE spec_files SET mine = 'mine'");
  expect_in_step();
  EXPECT_EQ(daemon_.stop(SIGTERM), 0);
  start();
  expect_in_step();
  EXPECT_EQ(must_run("SELECT f.mine, s.mine FROM spec_files AS f, specs AS s"), "mine|theirs\n");
}

TEST_F(ForeignSchemaTest, F63ARenamedColumnIsToldAndNothingIsLostUntilItIsBack) {
  (void)must_run("ALTER TABLE spec_files RENAME COLUMN content TO text");
  save("meanwhile");
  test::Ran status;
  EXPECT_TRUE(test::comes_true([&] {
    status = daemon_.specd({"status"});
    return status.exit_code == 1;
  }));
  EXPECT_THAT(status.out, HasSubstr("content"));
  (void)must_run("ALTER TABLE spec_files RENAME COLUMN text TO content");
  EXPECT_TRUE(comes_to_database("meanwhile"));
  expect_in_step();
}

TEST_F(ForeignSchemaTest, F63AnotherJournalModeIsRefusedWhileTheDaemonRuns) {
  const auto refused = run("PRAGMA journal_mode = DELETE");
  EXPECT_THAT(refused.output, HasSubstr("locked"));
  EXPECT_EQ(must_run("PRAGMA journal_mode"), "wal\n");
  expect_in_step();
}

TEST_F(ForeignSchemaTest, F63AJournalModeThatWasChangedWhileItDidNotRunIsSetBack) {
  EXPECT_EQ(daemon_.stop(SIGTERM), 0);
  EXPECT_EQ(must_run("PRAGMA journal_mode = DELETE"), "delete\n");
  edit("while it was away");
  start();
  EXPECT_EQ(must_run("PRAGMA journal_mode"), "wal\n");
  EXPECT_TRUE(comes_to_disk("while it was away"));
  expect_in_step();
}

}  // namespace
}  // namespace specd
