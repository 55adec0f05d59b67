// F60: a client keeps the write lock of the real daemon's database, works for long, or is stopped.

#include <gmock/gmock.h>
#include <signal.h>

#include <fstream>

#include "base/digest.h"
#include "tests/system/daemon_process.h"
#include "tests/system/process_usage.h"
#include "tests/system/project_tree.h"
#include "tests/system/sql_shell.h"

namespace specd {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

constexpr const char* kFile = "openspec/changes/x/tasks.md";

class WriteLockTest : public testing::Test {
 protected:
  WriteLockTest() {
    for (const char* name : {"x", "y", "z"}) test::write_file(at(name), "- [ ] a\n");
    EXPECT_THAT(daemon_.start({root_}), HasSubstr("ready"));
  }
  void TearDown() override {
    if (HasFailure()) std::cerr << daemon_.log();
  }

  [[nodiscard]] std::string at(const std::string& change) const {
    return root_ + "/openspec/changes/" + change + "/tasks.md";
  }
  void save_all(const std::string& text) const {
    for (const char* name : {"x", "y", "z"}) test::write_file(at(name), text);
  }
  [[nodiscard]] test::RawResponse put(const std::string& base, const std::string& text) const {
    auto client = daemon_.client();
    client.send_request("PUT", std::string("/api/v1/projects/app/files/") + kFile,
                        "If-Match: \"" + sha256(base).hex() + "\"\r\n", text);
    return client.read_response();
  }
  /// Every save is in the database, no more is said to fail, and nothing is in dispute.
  void expect_in_step(const std::string& text) const {
    EXPECT_TRUE(test::comes_true([&] { return daemon_.specd({"status"}).exit_code == 0; }));
    for (const char* name : {"x", "y", "z"}) EXPECT_EQ(test::read_file(at(name)), text);
    EXPECT_EQ(daemon_.specd({"verify"}).exit_code, 0);
    EXPECT_THAT(daemon_.specd({"conflicts", "--json"}).out, HasSubstr("\"conflicts\":[]"));
  }
  /// What the daemon worked while the client is at something that takes it three seconds.
  [[nodiscard]] std::chrono::milliseconds worked_during_three_seconds_of(
      test::SqlShell& client) const {
    const auto before = test::ProcessUsage::of(daemon_.pid()).cpu;
    client.ask(".system sleep 3");
    return test::ProcessUsage::of(daemon_.pid()).cpu - before;
  }

  test::DaemonProcess daemon_;
  const std::string root_ = daemon_.folder() + "/app";
  const std::string database_ = daemon_.state() + "/specd.db";
};

// A tenth of what a thread without pause would take.
constexpr std::chrono::milliseconds kNoSpin{300};

TEST_F(WriteLockTest, F60SavesWaitForAClientAtWorkAndStatusSaysSo) {
  test::SqlShell client(database_);
  client.ask("BEGIN IMMEDIATE;");
  save_all("- [x] a\n");
  test::Ran status;
  EXPECT_TRUE(test::comes_true([&] {
    status = daemon_.specd({"status"});
    return status.exit_code == 1;
  }));
  EXPECT_THAT(status.out,
              ContainsRegex("failing: sqlite3 .process [0-9]+. keeps the database's write lock"));
  EXPECT_LT(worked_during_three_seconds_of(client), kNoSpin);
  EXPECT_THAT(daemon_.specd({"list"}).out, HasSubstr("0/1"));
  client.ask("COMMIT;");
  expect_in_step("- [x] a\n");
}

TEST_F(WriteLockTest, F60AClientThatHasWrittenMuchAndDoesNotCommitCostsNothing) {
  test::SqlShell client(database_);
  // What does not fit its cache is in the log, and the daemon hears of that.
  client.ask(
      "PRAGMA cache_size = 1; BEGIN IMMEDIATE; "
      "UPDATE spec_files SET content = hex(zeroblob(100000)) WHERE path LIKE '%/x/tasks.md';");
  EXPECT_LT(worked_during_three_seconds_of(client), kNoSpin);
  EXPECT_EQ(test::read_file(at("x")), "- [ ] a\n");
  client.ask("COMMIT;");
  EXPECT_TRUE(
      test::comes_true([&] { return test::read_file(at("x")) == std::string(200'000, '0'); }));
}

TEST_F(WriteLockTest, F60AnEditThatCannotBeMadeIsAnsweredAtOnceAndReadsGoOn) {
  test::SqlShell client(database_);
  client.ask("BEGIN IMMEDIATE;");
  client.send(SIGSTOP);
  const auto refused = put("- [ ] a\n", "- [x] a\n");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.headers.count("Retry-After"), 1u);
  EXPECT_THAT(refused.body, HasSubstr("\"code\":\"busy\""));
  EXPECT_THAT(refused.body, HasSubstr("keeps the database's write lock"));
  EXPECT_EQ(test::read_file(at("x")), "- [ ] a\n");
  EXPECT_EQ(daemon_.client().get(std::string("/api/v1/projects/app/files/") + kFile).body,
            "- [ ] a\n");
  EXPECT_EQ(daemon_.specd({"set", "x", "--status", "approved"}).exit_code, 2);
  client.send(SIGCONT);
  client.ask("ROLLBACK;");
  EXPECT_EQ(put("- [ ] a\n", "- [x] a\n").status, 200);
  EXPECT_EQ(test::read_file(at("x")), "- [x] a\n");
}

class StoppedClientTest : public WriteLockTest {
 protected:
  StoppedClientTest() : client_(database_) {
    client_.ask(
        "PRAGMA cache_size = 1; BEGIN IMMEDIATE; UPDATE spec_files "
        "SET content = hex(zeroblob(100000)) WHERE path LIKE '%/y/tasks.md';");
    client_.send(SIGSTOP);
    for (const char* name : {"x", "z"}) test::write_file(at(name), "- [x] a\n");
    EXPECT_TRUE(test::comes_true([&] { return daemon_.specd({"status"}).exit_code == 1; }));
    EXPECT_THAT(daemon_.specd({"show", "y"}).out, HasSubstr("id        y"));
  }
  test::SqlShell client_;
};

TEST_F(StoppedClientTest, F60GoesOnAndBothSidesHaveEverything) {
  client_.send(SIGCONT);
  client_.ask("COMMIT;");
  EXPECT_TRUE(
      test::comes_true([&] { return test::read_file(at("y")) == std::string(200'000, '0'); }));
  EXPECT_TRUE(test::comes_true([&] { return daemon_.specd({"status"}).exit_code == 0; }));
  EXPECT_EQ(daemon_.specd({"verify"}).exit_code, 0);
}

TEST_F(StoppedClientTest, F60IsKilledAndNothingOfItsEditIsThere) {
  client_.kill();
  test::write_file(at("y"), "- [x] a\n");
  expect_in_step("- [x] a\n");
}

}  // namespace
}  // namespace specd
