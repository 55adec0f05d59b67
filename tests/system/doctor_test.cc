// specd doctor as people run it: on a fresh account, beside a daemon, and where things are broken.

#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/json.h"
#include "tests/system/daemon_process.h"

namespace specd {
namespace {

using test::Ran;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

class DoctorTest : public testing::Test {
 protected:
  DoctorTest() {
    std::filesystem::create_directories(root_ + "/openspec/changes/archive");
    std::filesystem::create_directories(root_ + "/openspec/changes/x");
    std::filesystem::create_directories(root_ + "/openspec/specs");
  }
  void TearDown() override {
    if (HasFailure()) std::cerr << daemon_.log();
  }
  void start() { ASSERT_THAT(daemon_.start({root_}), HasSubstr("ready")) << daemon_.log(); }
  [[nodiscard]] Ran doctor(std::vector<std::string> args = {}) const {
    args.insert(args.begin(), "doctor");
    return daemon_.specd(args);
  }
  [[nodiscard]] std::vector<std::string> all_files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root_))
      names.push_back(entry.path());
    return names;
  }

  test::DaemonProcess daemon_;
  const std::string root_ = daemon_.folder() + "/app";
};

TEST_F(DoctorTest, OnAFreshAccountNothingIsWrongAndNothingIsMade) {
  const Ran ran = doctor();
  EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  EXPECT_THAT(ran.out, ContainsRegex("note +daemon +none is running\n +→ specd run"));
  EXPECT_THAT(ran.out, ContainsRegex("ok +database +.*not there yet"));
  EXPECT_FALSE(std::filesystem::exists(daemon_.state()));
  EXPECT_EQ(doctor({"--db", "/x/y.txt"}).exit_code, 2);
}

TEST_F(DoctorTest, TheDatabaseIsThatOfTheDaemonThatRuns) {
  const std::string other = daemon_.folder() + "/other.db";
  ASSERT_THAT(daemon_.start({root_, "--db", other}), HasSubstr("ready"));
  EXPECT_THAT(doctor().out, ContainsRegex("ok +database +" + other));
  EXPECT_THAT(doctor().out, ContainsRegex("ok +app +"));
  EXPECT_THAT(doctor({"--db", daemon_.folder() + "/none.db"}).out,
              ContainsRegex("ok +database +.*not there yet"));
}

TEST_F(DoctorTest, BesideADaemonItTellsOfItsProjectsAndLeavesNothing) {
  start();
  const auto before = all_files();
  const Ran ran = doctor();
  EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr(" runs at http://127.0.0.1:" + std::to_string(daemon_.port())));
  EXPECT_THAT(ran.out, ContainsRegex("ok +database +.*: sound"));
  EXPECT_THAT(ran.out, ContainsRegex("app: disk +.* folders watched"));
  EXPECT_THAT(ran.out, Not(HasSubstr("keepers")));
  EXPECT_EQ(all_files(), before);
  const auto told = json::parse(doctor({"--json"}).out);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->find("well")->text, "true");
  EXPECT_GT(told->find("checks")->items.size(), 7u);
}

TEST_F(DoctorTest, ConflictsAndSpecsWithAnErrorAreToldWithWhatShowsThem) {
  const std::string folder = root_ + "/openspec/changes/x/";
  const auto write = [&](const char* name, const std::string& text) {
    std::ofstream(folder + name, std::ios::binary) << text;
  };
  write("proposal.md", "# X\n");
  start();
  EXPECT_THAT(doctor().out, Not(ContainsRegex("app: (specs|conflicts)")));
  // Both at once, whoever is quicker.
  ASSERT_EQ(daemon_.specd({"pause", "app"}).exit_code, 0);
  const Ran edited =
      daemon_.run({"sqlite3", daemon_.state() + "/specd.db",
                   "UPDATE spec_files SET content = 'mine' WHERE path LIKE '%/proposal.md'"});
  ASSERT_EQ(edited.exit_code, 0) << edited.err;
  write("proposal.md", "# Theirs\n");
  write("tasks.md", "- [ ] \xff\n");
  ASSERT_EQ(daemon_.specd({"resume", "app"}).exit_code, 0);
  ASSERT_EQ(daemon_.specd({"sync", "--wait"}).exit_code, 0);
  const Ran ran = doctor();
  EXPECT_EQ(ran.exit_code, 0) << "worth knowing";
  EXPECT_THAT(ran.out,
              ContainsRegex("note +app: specs +1 spec with.*\n +→ specd list --project app"));
  EXPECT_THAT(ran.out, ContainsRegex("note +app: conflicts +1 open conflict:"));
  EXPECT_THAT(ran.out, HasSubstr("→ specd conflicts --project app, "));
  EXPECT_THAT(daemon_.specd({"conflicts", "--project", "app"}).out,
              HasSubstr("openspec/changes/x/proposal.md"));
  EXPECT_THAT(daemon_.specd({"list", "--project", "app"}).out, HasSubstr("! "));
}

TEST_F(DoctorTest, AStaleLockOfTheArchiveIsAProblem) {
  start();
  std::ofstream(root_ + "/openspec/changes/archive/.openspec-archive.lock")
      << R"({"pid": 4194305, "nonce": "n"})";  // past every pid_max
  const Ran ran = doctor();
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.out, ContainsRegex("problem +app: archive"));
  EXPECT_THAT(ran.out, HasSubstr("rm '" + root_ + "/openspec/changes/archive/.openspec-archive"));
}

TEST_F(DoctorTest, ADamagedDatabaseIsAProblemAndStaysAsItIs) {
  start();
  daemon_.stop(SIGTERM);
  EXPECT_EQ(doctor().exit_code, 0);
  const std::string path = daemon_.state() + "/specd.db";
  std::fstream(path, std::ios::in | std::ios::out | std::ios::binary) << std::string(4096, 'x');
  const Ran ran = doctor();
  EXPECT_EQ(ran.exit_code, 1) << ran.out;
  EXPECT_THAT(ran.out, ContainsRegex("problem +database +.*not a database"));
  EXPECT_THAT(ran.out, HasSubstr("→ Copy it"));
  std::string first(4, ' ');
  std::ifstream(path).read(first.data(), 4);
  EXPECT_EQ(first, "xxxx");
}

TEST_F(DoctorTest, AStateFolderThatOthersMayEnterIsAProblem) {
  start();
  std::filesystem::permissions(daemon_.state(), std::filesystem::perms(0755));
  const Ran ran = doctor();
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.out, HasSubstr("→ chmod 700 '" + daemon_.state() + "'"));
}

TEST_F(DoctorTest, AKilledDaemonAndABrokenConfigurationAreTold) {
  start();
  daemon_.stop(SIGKILL);
  const Ran killed = doctor();
  EXPECT_EQ(killed.exit_code, 0);
  EXPECT_THAT(killed.out,
              ContainsRegex("note +daemon +none is running; the last one .* was killed"));
  EXPECT_THAT(killed.out, ContainsRegex("note +database +.*the last daemon was killed"));
  std::filesystem::create_directories(daemon_.folder() + "/config/specd");
  std::ofstream(daemon_.folder() + "/config/specd/config.yaml") << "projcts: [a]\n";
  const Ran broken = doctor();
  EXPECT_EQ(broken.exit_code, 1);
  EXPECT_THAT(broken.out, ContainsRegex("problem +configuration +.*line 1: no such key: projcts"));
}

TEST_F(DoctorTest, AnotherDaemonOnTheSameProjectIsNamed) {
  start();
  test::DaemonProcess other;
  ASSERT_THAT(other.start({root_}), HasSubstr("ready"));
  const Ran ran = other.specd({"doctor"});
  EXPECT_THAT(ran.out, HasSubstr("another daemon keeps it, too: specd (" +
                                 std::to_string(daemon_.pid()) + ")"));
  EXPECT_THAT(ran.out, HasSubstr("watched by others, too: specd ("));
}

// As a user who is not root, and may write nothing but what is that user's own.
class OtherUserTest : public DoctorTest {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root to become somebody else";
    start();
    ASSERT_EQ(daemon_.stop(SIGTERM), 0);
    give(daemon_.folder());
    for (const auto& entry : std::filesystem::recursive_directory_iterator(daemon_.folder()))
      give(entry.path());
  }
  static void give(const std::string& path) { ASSERT_EQ(lchown(path.c_str(), 65534, 65534), 0); }
  static void set_mode(const std::string& path, unsigned mode) {
    std::filesystem::permissions(path, std::filesystem::perms(mode));
  }
  [[nodiscard]] Ran as_other(std::vector<std::string> args) const {
    args.insert(args.begin(), {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                               std::string(SPECD_BINARY_DIR) + "/specd"});
    return daemon_.run(args);
  }
  /// What a daemon says that must not start.
  [[nodiscard]] std::string refusal() const {
    const Ran ran = as_other({"run", "--registered", "--listen", "127.0.0.1:0"});
    EXPECT_EQ(ran.exit_code, 2);
    return ran.err;
  }

  const std::string database_ = daemon_.state() + "/specd.db";
};

TEST_F(OtherUserTest, ADatabaseThatMayNotBeWrittenToIsNamedWithItsCure) {
  const Ran well = as_other({"doctor"});
  EXPECT_EQ(well.exit_code, 0) << well.out;
  for (const unsigned mode : {0400u, 0000u}) {
    set_mode(database_, mode);
    const Ran ran = as_other({"doctor"});
    EXPECT_EQ(ran.exit_code, 1);
    EXPECT_THAT(ran.out, ContainsRegex("problem +database +.*specd.db: cannot be written to"));
    EXPECT_THAT(ran.out, HasSubstr("→ chmod u+rw '" + database_ + "'"));
    EXPECT_THAT(refusal(), HasSubstr(database_ + ": cannot be written to (Permission denied); "
                                                 "`chmod u+rw` it"));
    EXPECT_EQ(std::filesystem::status(database_).permissions(), std::filesystem::perms(mode));
  }
}

TEST_F(OtherUserTest, ASearchIndexThatMayNotBeWrittenToIsOnlyWorthKnowing) {
  set_mode(daemon_.state() + "/search.db", 0400);
  const Ran ran = as_other({"doctor"});
  EXPECT_EQ(ran.exit_code, 0) << ran.out;
  EXPECT_THAT(ran.out, ContainsRegex("note +search +.*search.db: cannot be written to.*anew"));
  EXPECT_THAT(ran.out, HasSubstr("→ specd run"));
  EXPECT_THAT(ran.out, ContainsRegex("ok +database +"));
}

TEST_F(OtherUserTest, AFolderThatMayNotBeWrittenToIsNoDamage) {
  std::filesystem::remove(database_ + "-wal");
  std::filesystem::remove(database_ + "-shm");
  set_mode(daemon_.state(), 0500);
  const Ran ran = as_other({"doctor"});
  EXPECT_THAT(ran.out, ContainsRegex("problem +state folder +.*: cannot be written to"));
  EXPECT_THAT(ran.out, HasSubstr("→ chmod u+rwx '" + daemon_.state() + "'"));
  EXPECT_THAT(ran.out, Not(HasSubstr("made anew")));
  EXPECT_THAT(refusal(), HasSubstr(daemon_.state() + ": cannot be written to"));

  std::filesystem::remove_all(daemon_.folder() + "/state");
  set_mode(daemon_.folder(), 0500);
  const Ran nowhere = as_other({"doctor"});
  EXPECT_THAT(nowhere.out, ContainsRegex("problem +state folder +.*: not there, and " +
                                         daemon_.folder() + ": cannot be written to"));
  EXPECT_THAT(nowhere.out, Not(HasSubstr("the first `specd run` makes it")));
  EXPECT_THAT(refusal(), ContainsRegex("Permission denied.*--db FILE"));
}

}  // namespace
}  // namespace specd
