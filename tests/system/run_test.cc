// The program as people run it: started, asked, stopped, killed, beside the real openspec CLI.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/clock.h"
#include "base/digest.h"
#include "base/json.h"
#include "tests/support/corpora.h"
#include "tests/system/daemon_process.h"

namespace specd {
namespace {

using test::Ran;

class RunTest : public testing::Test {
 protected:
  RunTest() {
    root_ = daemon_.folder() + "/app";
    std::filesystem::create_directories(root_ + "/openspec/changes/archive");
    std::filesystem::create_directories(root_ + "/openspec/specs");
  }
  void TearDown() override {
    if (HasFailure()) std::cerr << daemon_.log();
  }

  void put(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(root_ + "/" + path).parent_path());
    std::ofstream(root_ + "/" + path, std::ios::binary) << text;
  }
  void start() {
    const std::string line = daemon_.start({root_});
    ASSERT_EQ(line, "ready http://127.0.0.1:" + std::to_string(daemon_.port()) + "/");
  }
  test::RawResponse get(const std::string& target) const { return daemon_.client().get(target); }
  void sync() const {
    const Ran ran = daemon_.specd({"sync", "--wait"});
    EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
    EXPECT_EQ(ran.out, "in step\n");
  }
  // The rows of `specd list`, without the heading.
  std::vector<std::string> list() const {
    const Ran ran = daemon_.specd({"list"});
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    std::vector<std::string> lines;
    for (size_t at = ran.out.find('\n') + 1; at < ran.out.size();) {
      const size_t end = ran.out.find('\n', at);
      lines.push_back(ran.out.substr(at, end - at));
      at = end + 1;
    }
    return lines;
  }
  // The real CLI, in the project.
  void openspec(std::vector<std::string> args) const {
    const std::string modules = std::string(SPECD_SOURCE_DIR) + "/tests/tools/node_modules";
    ASSERT_TRUE(std::filesystem::exists(modules + "/.bin/node")) << "run scripts/setup";
    std::vector<std::string> command = {modules + "/.bin/node",
                                        modules + "/@fission-ai/openspec/bin/openspec.js"};
    command.insert(command.end(), args.begin(), args.end());
    const Ran ran = daemon_.run(command, root_);
    ASSERT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  }

  test::DaemonProcess daemon_;
  std::string root_;
};

TEST_F(RunTest, OneLineOnStdoutWhenReadyAndACleanEndWithinTwoSeconds) {
  put("openspec/changes/x/tasks.md", "- [ ] a\n");
  for (int signal : {SIGTERM, SIGINT}) {
    start();
    EXPECT_EQ(get("/api/v1/ready").status, 200);
    const SteadyTime began = system_clock().steady();
    EXPECT_EQ(daemon_.stop(signal), 0);
    EXPECT_LT(system_clock().steady() - began, std::chrono::seconds(2));
    EXPECT_EQ(daemon_.rest_of_stdout(), "");
  }
}

TEST_F(RunTest, ARequestThatStillWaitsDoesNotHarmAReload) {
  daemon_.add_to_environment("MALLOC_PERTURB_=165");  // so that use of what was freed shows
  put("openspec/changes/x/tasks.md", "- [ ] a\n");
  start();
  // Emptied, and not written yet: sync waits for its writer, and the request for sync.
  std::ofstream writer(root_ + "/openspec/changes/x/tasks.md", std::ios::trunc);
  test::RawClient waiting = daemon_.client();
  ASSERT_TRUE(waiting.send_request("POST", "/api/v1/sync", "Content-Type: application/json\r\n",
                                   R"({"wait": true, "timeout_ms": 60000})"));
  ASSERT_TRUE(test::comes_true([&] {
    return get("/api/v1/metrics").body.find("busy_files{project=\"app\"} 1\n") != std::string::npos;
  }));
  daemon_.send(SIGHUP);
  EXPECT_TRUE(waiting.is_ended());
  EXPECT_TRUE(test::comes_true([&] { return daemon_.specd({"status"}).exit_code == 0; }));
  EXPECT_EQ(daemon_.stop(SIGTERM), 0);
}

TEST_F(RunTest, F54TerminatedInTheMiddleOfTheFirstScanItEndsCleanlyAndGoesOnLater) {
  for (int i = 0; i < 3'000; ++i)
    put("openspec/changes/c" + std::to_string(i) + "/tasks.md", std::string(2000, 'x'));
  daemon_.launch({root_});
  const SteadyTime deadline = system_clock().steady() + std::chrono::seconds(10);
  const std::string address = daemon_.folder() + "/run/specd/daemon.json";
  while (!std::filesystem::exists(address) && system_clock().steady() < deadline) {
  }
  const SteadyTime began = system_clock().steady();
  EXPECT_EQ(daemon_.stop(SIGTERM), 0);
  EXPECT_LT(system_clock().steady() - began, std::chrono::seconds(2));
  EXPECT_EQ(daemon_.rest_of_stdout(), "") << "it was not ready yet";
  start();
  EXPECT_EQ(list().size(), 3'000u);
}

TEST_F(RunTest, FilesAreServedAsTheyAreOnDisk) {
  const std::string text = "\xef\xbb\xbf# X\r\n";
  const std::string binary("\x89PNG\0\xff", 6);
  put("openspec/changes/x/proposal.md", text);
  put("openspec/changes/x/a picture.png", binary);
  start();
  const test::RawResponse file = get("/api/v1/projects/app/files/openspec/changes/x/proposal.md");
  EXPECT_EQ(file.status, 200);
  EXPECT_EQ(file.body, text);
  const std::string hash = sha256(text).hex();
  EXPECT_NE(file.headers.at("ETag").find(hash), std::string::npos);
  EXPECT_EQ(get("/api/v1/projects/app/files/openspec/changes/x/a%20picture.png").body, binary);
  EXPECT_EQ(get("/api/v1/projects/app/files/openspec/changes/x/none.md").status, 404);
  EXPECT_EQ(get("/api/v1/projects/app/files/openspec/changes/x/../../../../etc/passwd").status,
            404);
  // Never stale: what was saved before the question is in the answer.
  for (int i = 0; i < 50; ++i) {
    put("openspec/changes/x/proposal.md", std::to_string(i));
    EXPECT_EQ(get("/api/v1/projects/app/files/openspec/changes/x/proposal.md").body,
              std::to_string(i));
  }
}

TEST_F(RunTest, CommandsSayHowToStartADaemonWhenNoneAnswers) {
  for (const char* command : {"status", "list", "history", "sync", "verify"}) {
    const Ran ran = daemon_.specd({command});
    EXPECT_EQ(ran.exit_code, 2);
    EXPECT_EQ(ran.out, "");
    EXPECT_NE(ran.err.find("specd run"), std::string::npos) << ran.err;
  }
  // Killed: its address is still there, and nobody behind it.
  start();
  daemon_.stop(SIGKILL);
  EXPECT_NE(daemon_.specd({"status"}).err.find("specd run"), std::string::npos);
}

TEST_F(RunTest, EveryCommandSpeaksJson) {
  put("openspec/changes/x/tasks.md", "- [ ] a\n");
  start();
  for (const char* command : {"status", "list", "history", "sync", "verify"}) {
    const Ran ran = daemon_.specd({command, "--json"});
    EXPECT_EQ(ran.exit_code, 0) << command << ran.err;
    EXPECT_TRUE(json::parse(ran.out)) << command << ": " << ran.out;
  }
}

TEST_F(RunTest, F51AKilledDaemonGoesOnWhereTheDiskIs) {
  put("openspec/changes/x/tasks.md", "one");
  start();
  const std::string before = daemon_.specd({"list", "--json"}).out;
  daemon_.stop(SIGKILL);
  put("openspec/changes/x/tasks.md", "two");
  std::filesystem::rename(root_ + "/openspec/changes/x",
                          root_ + "/openspec/changes/archive/2026-11-21-x");
  start();
  const Ran verified = daemon_.specd({"verify"});
  EXPECT_EQ(verified.exit_code, 0) << verified.out;
  const auto old_list = json::parse(before),
             new_list = json::parse(daemon_.specd({"list", "--json"}).out);
  ASSERT_TRUE(old_list && new_list && new_list->items.size() == 1);
  EXPECT_EQ(new_list->items[0].find("key")->text, old_list->items[0].find("key")->text);
  EXPECT_EQ(new_list->items[0].find("kind")->text, "archived");
}

TEST_F(RunTest, WhatItLeavesIsForItsUserOnly) {
  start();
  const auto mode = [](const std::string& path) {
    struct stat st{};
    return ::stat(path.c_str(), &st) == 0 ? st.st_mode & 0777 : 0;
  };
  EXPECT_EQ(mode(daemon_.folder() + "/run/specd/daemon.json"), 0600u);
  EXPECT_EQ(mode(daemon_.state()), 0700u);
  EXPECT_EQ(mode(daemon_.state() + "/specd.db"), 0600u);
  EXPECT_EQ(mode(daemon_.state() + "/specd.db-wal"), 0600u);
  daemon_.stop(SIGTERM);
  EXPECT_FALSE(std::filesystem::exists(daemon_.folder() + "/run/specd/daemon.json"));
}

TEST_F(RunTest, F55ASecondDaemonSaysWhoHasTheDatabaseAndEnds) {
  start();
  const Ran second = daemon_.specd({"run", root_, "--listen", "127.0.0.1:0"});
  EXPECT_EQ(second.exit_code, 2);
  EXPECT_EQ(second.out, "");
  EXPECT_NE(second.err.find("is at work in"), std::string::npos) << second.err;
  // Whatever is deleted in its folder, the lock stands.
  for (const auto& entry : std::filesystem::directory_iterator(daemon_.state())) {
    if (entry.path().filename() == "probe") std::filesystem::remove_all(entry.path());
  }
  EXPECT_EQ(daemon_.specd({"run", root_, "--listen", "127.0.0.1:0"}).exit_code, 2);
}

TEST_F(RunTest, HelpSpeaksToPeople) {
  const std::string all = daemon_.specd({"--help"}).out;
  size_t seen = 0;
  const auto tell = [&](const std::vector<std::string>& command) {
    std::vector<std::string> args = command;
    args.emplace_back("--help");
    const Ran help = daemon_.specd(args);
    EXPECT_EQ(help.exit_code, 0);
    for (const char* word : {" TEXT", " INT", ":FILE", ":INT", " in ["})
      EXPECT_EQ(help.out.find(word), std::string::npos) << word << "\n" << help.out;
    ++seen;
  };
  std::istringstream lines(all);
  for (std::string line; std::getline(lines, line);) {
    const bool is_command = line.starts_with("  ") && line[2] >= 'a' && line[2] <= 'z';
    if (is_command) tell({line.substr(2, line.find(' ', 2) - 2)});
  }
  EXPECT_EQ(seen, 34u) << all;
  tell({"config", "check"});
  for (const char* verb : {"show", "merge", "restore", "dismiss"}) tell({"conflicts", verb});
  tell({"service", "logs"});
  const std::string search = daemon_.specd({"search", "--help"}).out;
  EXPECT_NE(search.find("-n,--limit N "), std::string::npos) << search;
  EXPECT_NE(search.find("(default: 20)"), std::string::npos) << search;
}

TEST_F(RunTest, WrongArgumentsAreToldWithAWayOut) {
  std::filesystem::create_directories(daemon_.folder() + "/empty");
  struct Case {
    std::vector<std::string> args;
    std::string says;
  };
  std::ofstream(daemon_.folder() + "/bad.yaml") << "listen: 127.0.0.1:0\nbatch_second: 3\n";
  const Case cases[] = {
      {{"run", daemon_.folder() + "/nowhere"}, "No such file"},
      {{"run", daemon_.folder() + "/empty"}, "openspec init"},
      {{"run", root_, "--listen", "0.0.0.0:0"}, "loopback"},
      {{"run", root_, "--listen", "here"}, "HOST:PORT"},
      {{"run", root_, "--db", "/proc/none/x.db"}, "--db"},
      {{"bogus"}, "no command \"bogus\"; `specd --help`"},
      {{"lst"}, "no command \"lst\"; perhaps list; `specd --help`"},
      {{"--versio"}, "no option --versio; perhaps --version; "},
      {{"--json", "list"}, "--json stands behind a command, as in `specd list --json`"},
      {{"--url=http://x", "nothing"}, "--url stands behind a command, as in `specd "},
      {{"list", "--jsno"}, "--jsno; perhaps --json; see `specd list --help`"},
      {{"search", ""}, "search for what?"},
      {{"search", " ", ""}, "search for what?"},
      {{}, "Usage: specd "},
      {{"list", "--bogus"}, "specd list: "},
      {{"list", "--bogus"}, "--bogus; see `specd list --help`"},
      {{"config"}, "see `specd config --help`"},
      {{"config", "sho"},
       "specd config: there is no command \"sho\"; perhaps show; see `specd config --help`"},
      {{"service", "--bogus"}, "specd service: "},
      {{"completions", "tcsh"}, "there is no command \"tcsh\"; there are bash, zsh, fish; see"},
      {{"show", ""}, "SPEC: it is empty"},
      {{"history", "--spec", ""}, "--spec: it is empty"},
      {{"run", root_, "--db", root_ + "/openspec/x.db"}, "among the specs"},
      {{"run", root_, "--db", daemon_.folder() + "/x.sqlite"}, ".db"},
      {{"run", root_, "--config", daemon_.folder() + "/bad.yaml"}, "line 2"},
  };
  for (const Case& wrong : cases) {
    const Ran ran = daemon_.specd(wrong.args);
    EXPECT_EQ(ran.exit_code, 2) << wrong.says;
    EXPECT_EQ(ran.out, "");
    EXPECT_NE(ran.err.find(wrong.says), std::string::npos) << ran.err;
  }
}

TEST_F(RunTest, ADatabaseOfAnotherNameInAFolderOfSomebodyElse) {
  const std::string folder = daemon_.folder() + "/mine";
  std::filesystem::create_directories(folder);
  std::filesystem::permissions(folder, std::filesystem::perms(0755));
  put("openspec/changes/x/tasks.md", "text");
  EXPECT_NE(daemon_.start({root_, "--db", folder + "/notes.db"}), "");
  EXPECT_TRUE(std::filesystem::exists(folder + "/notes.db"));
  EXPECT_EQ(std::filesystem::status(folder).permissions(), std::filesystem::perms(0755));
  EXPECT_EQ(list().size(), 1u);
}

TEST_F(RunTest, HelpIsACommandToo) {
  const Ran all = daemon_.specd({"help"});
  EXPECT_EQ(all.exit_code, 0);
  EXPECT_EQ(all.out, daemon_.specd({"--help"}).out);
  const Ran one = daemon_.specd({"help", "sync"});
  EXPECT_EQ(one.exit_code, 0);
  EXPECT_EQ(one.out, daemon_.specd({"sync", "--help"}).out);
  EXPECT_NE(one.out.find("(default: 30)"), std::string::npos) << "defaults are shown\n" << one.out;
}

TEST_F(RunTest, StatusTellsOfEditsThatWaitAndOfConflicts) {
  put("openspec/changes/x/tasks.md", "- [ ] a\n");
  daemon_.start({root_, "--read-only"});
  const std::string database = daemon_.state() + "/specd.db";
  const auto edit = [&] {
    const Ran ran = daemon_.run({"sqlite3", "-cmd", ".timeout 2000", database,
                                 "UPDATE spec_files SET content = 'typed' || rev"});
    ASSERT_EQ(ran.exit_code, 0) << ran.err;
  };
  EXPECT_EQ(daemon_.specd({"status"}).exit_code, 0);
  EXPECT_EQ(daemon_.specd({"add", root_, "--read-only"}).exit_code, 0);
  edit();
  const std::string waits = "app: 1 edit waits in the database, and is not on disk\n";
  const Ran synced = daemon_.specd({"sync", "--wait"});
  EXPECT_EQ(synced.exit_code, 0) << "what is on disk is in the database";
  EXPECT_EQ(synced.err, "specd: " + waits);
  EXPECT_EQ(daemon_.specd({"list"}).err, "specd: " + waits);
  EXPECT_NE(daemon_.specd({"doctor"}).out.find("1 edit waits in the database"), std::string::npos);
  const Ran waiting = daemon_.specd({"status"});
  EXPECT_EQ(waiting.exit_code, 1);
  EXPECT_NE(waiting.out.find(waits), std::string::npos) << waiting.out;
  put("openspec/changes/x/tasks.md", "- [x] a\n");
  daemon_.specd({"sync", "--wait"});
  const Ran conflict = daemon_.specd({"status"});
  EXPECT_EQ(conflict.exit_code, 1);
  EXPECT_NE(conflict.out.find("app: 1 open conflict; the"), std::string::npos) << conflict.out;
}

TEST_F(RunTest, ASecondDaemonWithADatabaseOfItsOwnDoesNotTakeTheFirstOnesPlace) {
  put("openspec/changes/x/tasks.md", "- [ ] a\n");
  start();
  const std::string other = daemon_.folder() + "/other";
  std::filesystem::create_directories(other + "/openspec/changes/of-other");
  // Ended by timeout(1), with its ready line and its log beside each other.
  const Ran second =
      daemon_.run({"timeout", "--preserve-status", "2", std::string(SPECD_BINARY_DIR) + "/specd",
                   "run", other, "--db", daemon_.folder() + "/y.db", "--listen", "127.0.0.1:0"});
  EXPECT_EQ(second.exit_code, 0) << second.err;
  EXPECT_NE(second.out.find("ready "), std::string::npos);
  EXPECT_NE(second.err.find("ask this one with --url http://127.0.0.1:"), std::string::npos)
      << second.err;
  EXPECT_EQ(list().size(), 1u) << "the first one is asked";
}

TEST_F(RunTest, NothingIsReadyWhereWhatWasAskedForCannotBeKept) {
  put("openspec/changes/x/tasks.md", "- [ ] a\n");
  start();
  EXPECT_EQ(daemon_.stop(SIGTERM), 0);
  std::filesystem::create_directories(daemon_.folder() + "/empty");
  const Ran ran = daemon_.specd({"run", "--listen", "127.0.0.1:0", daemon_.folder() + "/empty"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_EQ(ran.out, "");
  start();
  EXPECT_EQ(daemon_.log().find("unclean"), std::string::npos);
}

TEST_F(RunTest, ATitleCannotCommandTheTerminal) {
  put("openspec/changes/x/proposal.md",
      "# \033[31mred\x9b\tand \xc2\x9b"
      "more\n");
  start();
  const std::string out = daemon_.specd({"list"}).out;
  EXPECT_EQ(out.find('\033'), std::string::npos);
  EXPECT_EQ(out.find("\xc2\x9b"), std::string::npos);
  EXPECT_EQ(out.find('\t'), std::string::npos);
  EXPECT_NE(out.find("red"), std::string::npos) << out;
}

TEST_F(RunTest, AFolderThatMayNotBeReadIsNotCalledEmpty) {
  std::filesystem::permissions(root_, std::filesystem::perms(0700));
  std::filesystem::permissions(daemon_.folder(), std::filesystem::perms(0777));
  const Ran ran = daemon_.run({"setpriv", "--reuid=65534", "--clear-groups",
                               std::string(SPECD_BINARY_DIR) + "/specd", "run", root_, "--db",
                               daemon_.folder() + "/z.db", "--listen", "127.0.0.1:0"});
  if (geteuid() != 0) GTEST_SKIP() << "needs root to become somebody else";
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_NE(ran.err.find("Permission denied"), std::string::npos) << ran.err;
}

TEST_F(RunTest, F56AReplacedDatabaseIsOpenedAgainAndFilledFromTheFiles) {
  put("openspec/changes/x/tasks.md", "one");
  std::ofstream(daemon_.folder() + "/c.yaml") << "batch_seconds: 1\n";
  ASSERT_NE(daemon_.start({root_, "--config", daemon_.folder() + "/c.yaml"}), "");
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::filesystem::remove(daemon_.state() + "/specd.db" + suffix);
  }
  // Looked for at the next batch; then the same port answers again.
  bool is_back = false;
  const SteadyTime deadline = system_clock().steady() + std::chrono::seconds(15);
  while (!is_back && system_clock().steady() < deadline) {
    is_back = std::filesystem::exists(daemon_.state() + "/specd.db") &&
              daemon_.specd({"verify"}).exit_code == 0;
  }
  EXPECT_TRUE(is_back);
  EXPECT_EQ(list().size(), 1u);
  EXPECT_EQ(daemon_.stop(SIGTERM), 0);
  EXPECT_EQ(daemon_.rest_of_stdout(), "") << "ready is said once";
}

TEST_F(RunTest, ArchivingWithTheRealCliBesideARunningDaemonNeverFails) {
  openspec({"init", "--tools", "none", "."});
  for (int i = 0; i < 4; ++i) {
    const std::string change = "openspec/changes/add-" + std::to_string(i);
    put(change + "/.openspec.yaml", "schema: spec-driven\ncreated: 2026-11-21\n");
    put(change + "/proposal.md",
        "## Why\nBecause it has to be shown that this goes well beside a daemon at work.\n\n## "
        "What Changes\n- all\n");
    put(change + "/tasks.md", "- [x] 1.1 done\n");
    put(change + "/specs/cap-" + std::to_string(i) + "/spec.md",
        "## ADDED Requirements\n### Requirement: R\nThe system SHALL work.\n\n#### Scenario: S\n- "
        "**WHEN** asked\n- **THEN** answered\n");
  }
  start();
  for (int i = 0; i < 4; ++i) openspec({"archive", "add-" + std::to_string(i), "--yes"});
  sync();
  EXPECT_EQ(daemon_.specd({"verify"}).exit_code, 0);
  EXPECT_EQ(list().size(), 8u) << "four archived changes, four capabilities";
}

class CorpusTest : public testing::TestWithParam<const char*> {};

TEST_P(CorpusTest, AnIndependentProgramFindsDatabaseAndDiskEqualAtEveryStep) {
  const std::string tree = test::corpus(GetParam());
  SPECD_SKIP_WITHOUT(tree);
  test::DaemonProcess environment;
  const Ran ran =
      environment.run({"python3", std::string(SPECD_SOURCE_DIR) + "/tests/system/corpus_walk.py",
                       std::string(SPECD_BINARY_DIR) + "/specd", tree, "7"});
  EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  std::cout << ran.out;
}

INSTANTIATE_TEST_SUITE_P(Corpora, CorpusTest,
                         testing::Values("openspec-cli", "agentpack", "leanspec"),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace specd
