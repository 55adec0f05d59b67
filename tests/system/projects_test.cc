// Projects as people add, move, rest and take away: the commands, against the real daemon.

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/json.h"
#include "tests/system/daemon_process.h"

namespace specd {
namespace {

using test::Ran;

class ProjectsTest : public testing::Test {
 protected:
  ProjectsTest() {
    make("one");
    make("two");
    daemon_.start({folder("one")});
  }
  void TearDown() override {
    if (HasFailure()) std::cerr << daemon_.log();
  }
  [[nodiscard]] std::string folder(const std::string& name) const {
    return daemon_.folder() + "/" + name;
  }
  void make(const std::string& name) const {
    std::filesystem::create_directories(folder(name) + "/openspec/changes/of-" + name);
    put(name, "- [ ] a\n");
  }
  void put(const std::string& name, const std::string& text) const {
    std::ofstream(folder(name) + "/openspec/changes/of-" + name + "/tasks.md") << text;
  }
  /// Runs it, expects that it worked, and returns what it said.
  std::string ok(const std::vector<std::string>& args) const {
    const Ran ran = daemon_.specd(args);
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    return ran.out;
  }
  /// Expects that it did not; returns why.
  std::string refused(const std::vector<std::string>& args) const {
    const Ran ran = daemon_.specd(args);
    EXPECT_EQ(ran.exit_code, 2);
    EXPECT_EQ(ran.out, "");
    return ran.err;
  }
  /// "id key" of each spec.
  std::string keys() const {
    const auto specs = json::parse(ok({"list", "--json"}));
    std::string all;
    for (const Value& spec : specs->items)
      all += spec.find("id")->text + " " + spec.find("key")->text + "\n";
    return all;
  }
  void sync() const { EXPECT_EQ(ok({"sync", "--wait"}), "in step\n"); }

  test::DaemonProcess daemon_;
};

TEST_F(ProjectsTest, AddedAndRemoved) {
  EXPECT_EQ(ok({"add", folder("two"), "--slug", "second"}),
            "second: kept, in " + folder("two") + "\n");
  sync();
  EXPECT_NE(ok({"projects"}).find("second   openspec  ok     -       " + folder("two")),
            std::string::npos)
      << ok({"projects"});
  EXPECT_NE(ok({"list"}).find("of-two"), std::string::npos);
  EXPECT_EQ(ok({"add", folder("two")}), "second: kept already, in " + folder("two") + "\n");
  EXPECT_EQ(ok({"add", folder("two") + "/openspec/changes"}),
            "second: kept already, in " + folder("two") + ", which is around " + folder("two") +
                "/openspec/changes\n");
  EXPECT_NE(
      refused({"add", folder("two"), "--slug", "third"}).find("is kept already, as \"second\""),
      std::string::npos);
  EXPECT_EQ(ok({"remove", "second"}),
            "second: forgotten; its files stay in " + folder("two") + "\n");
  EXPECT_EQ(ok({"list"}).find("of-two"), std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(folder("two") + "/openspec/changes/of-two/tasks.md"));
  EXPECT_NE(refused({"remove", "second"}).find("there are one"), std::string::npos);
  EXPECT_NE(refused({"add", ""}).find("FOLDER: it is empty"), std::string::npos);
  EXPECT_NE(refused({"add", folder("one"), "--read-only", "--writable"}).find("excludes"),
            std::string::npos);
  EXPECT_NE(refused({"add", folder("none")}).find("No such file"), std::string::npos);
  std::filesystem::create_directories(folder("bare"));
  EXPECT_NE(refused({"add", folder("bare")}).find("openspec init"), std::string::npos);
}

TEST_F(ProjectsTest, TheHistoryTellsAnAddedProjectFromAStart) {
  ok({"add", folder("two")});
  sync();
  EXPECT_NE(ok({"history", "-p", "one"}).find("  startup  "), std::string::npos);
  const std::string added = ok({"history", "-p", "two"});
  EXPECT_NE(added.find("of-two  created  manual  "), std::string::npos) << added;
  EXPECT_EQ(added.find("startup"), std::string::npos) << added;
}

TEST_F(ProjectsTest, AMovedFolderIsRelinkedByTheNameThatItHad) {
  const std::string before = keys();
  std::filesystem::rename(folder("one"), folder("elsewhere"));
  EXPECT_NE(refused({"relink", "one", folder("two")}).find("none of the 1 specs"),
            std::string::npos);
  EXPECT_EQ(ok({"relink", folder("one"), folder("elsewhere")}),
            "one: kept, in " + folder("elsewhere") + "\n");
  sync();
  EXPECT_EQ(keys(), before);
  EXPECT_EQ(daemon_.stop(SIGTERM), 0);
  daemon_.start({"--registered"});
  EXPECT_EQ(keys(), before);
}

TEST_F(ProjectsTest, PausedAndResumed) {
  EXPECT_EQ(ok({"pause", "one"}), "one: paused until `specd resume`\n");
  put("one", "- [x] a\n");
  const Ran waited = daemon_.specd({"sync", "--wait"});
  EXPECT_EQ(waited.exit_code, 3);
  EXPECT_EQ(waited.out, "");
  EXPECT_EQ(waited.err, "specd: one: paused; resume it to go on\n");
  EXPECT_EQ(daemon_.specd({"sync"}).exit_code, 0) << "nobody waits";
  EXPECT_EQ(daemon_.specd({"status"}).exit_code, 1);
  EXPECT_NE(ok({"list"}).find("0/1"), std::string::npos);
  EXPECT_EQ(ok({"resume", "one"}), "one: goes on\n");
  sync();
  EXPECT_NE(ok({"list"}).find("1/1"), std::string::npos);
  make("three");
  ok({"add", folder("three")});
  ok({"pause", "one"});
  EXPECT_EQ(ok({"sync", "--wait", "-p", "three"}), "in step\n");
  ok({"remove", "three"});
  EXPECT_NE(refused({"pause"}).find("no project is kept in this folder; there are one"),
            std::string::npos);
}

TEST_F(ProjectsTest, AllPausedAndResumedAtOnce) {
  ok({"add", folder("two")});
  EXPECT_EQ(ok({"pause", "--all"}), "every project: paused until `specd resume --all`\n");
  EXPECT_EQ(ok({"projects"}).find(" ok "), std::string::npos);
  EXPECT_EQ(ok({"resume", "--all"}), "every project: goes on\n");
  EXPECT_EQ(ok({"projects"}).find("paused"), std::string::npos);
}

TEST_F(ProjectsTest, OneThatIsNeverWrittenTo) {
  EXPECT_EQ(ok({"add", folder("two"), "--read-only"}),
            "two: kept, in " + folder("two") + "; never written to\n");
  EXPECT_NE(ok({"projects"}).find("two      openspec  read_only"), std::string::npos);
  EXPECT_NE(daemon_.specd({"status"}).out.find("two: read-only, as its settings say"),
            std::string::npos);
  put("two", "- [x] a\n");
  sync();
  EXPECT_EQ(ok({"add", folder("two"), "--writable"}),
            "two: kept already, in " + folder("two") + "; may be written to\n");
  EXPECT_NE(ok({"projects"}).find("two      openspec  ok"), std::string::npos);
}

TEST_F(ProjectsTest, AHeldProjectIsToldBeforeAllThatDiffers) {
  for (int i = 0; i < 30; ++i) {
    const std::string change = folder("one") + "/openspec/changes/c" + std::to_string(i);
    std::filesystem::create_directories(change);
    std::ofstream(change + "/tasks.md") << "- [ ] a\n";
  }
  sync();
  std::filesystem::rename(folder("one") + "/openspec", folder("one") + "/away");
  const Ran waited = daemon_.specd({"sync", "--wait", "--json"});
  EXPECT_EQ(waited.exit_code, 3);
  const std::string why = "specd: one: held: the project's folder holds no spec folder any more";
  EXPECT_TRUE(waited.err.starts_with(why)) << waited.err;
  EXPECT_EQ(json::parse(waited.out)->find("in_step")->text, "false");

  const Ran cut = daemon_.specd({"verify"});
  EXPECT_EQ(cut.exit_code, 1);
  EXPECT_TRUE(cut.err.starts_with(why)) << cut.err;
  EXPECT_EQ(std::ranges::count(cut.out, '\n'), 1 + 20 + 1) << cut.out;
  EXPECT_NE(cut.out.find("\n  and 42 more; -v shows all of them\n"), std::string::npos) << cut.out;
  const Ran all = daemon_.specd({"verify", "-v"});
  EXPECT_EQ(std::ranges::count(all.out, '\n'), 1 + 62) << all.out;
  EXPECT_EQ(json::parse(daemon_.specd({"verify", "--json"}).out)->find("differences")->items.size(),
            62U)
      << "files, and specs";

  std::filesystem::rename(folder("one") + "/away", folder("one") + "/openspec");
  sync();
}

TEST_F(ProjectsTest, AProjectIsNamedBySlugOrByAnyFolderOfIt) {
  ok({"add", folder("two")});
  sync();
  const std::string deep = folder("two") + "/openspec/changes";
  for (const std::string& name : {std::string("two"), folder("two"), deep}) {
    const std::string listed = ok({"list", "-p", name});
    EXPECT_NE(listed.find("of-two"), std::string::npos) << name << "\n" << listed;
    EXPECT_EQ(listed.find("of-one"), std::string::npos) << name << "\n" << listed;
    EXPECT_EQ(ok({"sync", "--wait", "-p", name}), "in step\n");
    EXPECT_EQ(ok({"verify", "-p", name}), "equal: 1 file, 8 bytes\n");
  }
  const std::string program = std::string(SPECD_BINARY_DIR) + "/specd";
  EXPECT_NE(daemon_.run({program, "show", "of-two", "-p", "."}, deep).out.find("of-two"),
            std::string::npos);
  // The same words wherever a project is not known.
  for (const std::vector<std::string>& args : {std::vector<std::string>{"list", "-p", "tow"},
                                               {"history", "-p", "tow"},
                                               {"verify", "-p", "tow"},
                                               {"remove", "tow"},
                                               {"pause", "tow"}})
    EXPECT_EQ(refused(args), "specd: there is no project \"tow\"; there are one, two\n");
  // Taken away are those alone that are named themselves.
  EXPECT_NE(refused({"remove", deep}).find("there is no project"), std::string::npos);
  EXPECT_NE(refused({"list", "-p", ""}).find("it is empty"), std::string::npos);
}

TEST_F(ProjectsTest, WhatIsListedByStatus) {
  ok({"add", folder("two")});
  put("two", "- [x] a\n");
  sync();
  const std::string both = ok({"list", "--status", "proposing,review"});
  EXPECT_NE(both.find("of-one"), std::string::npos) << both;
  EXPECT_NE(both.find("of-two"), std::string::npos) << both;
  EXPECT_EQ(ok({"list", "--status", "review", "--status", "proposing"}), both);
  EXPECT_EQ(ok({"list", "--status", "review"}).find("of-one"), std::string::npos);
  const Ran slip = daemon_.specd({"list", "--status", "reviwe"});
  EXPECT_EQ(slip.exit_code, 0);
  EXPECT_EQ(slip.err, "specd: no spec has that status; there are proposing, review\n");
  EXPECT_EQ(daemon_.specd({"list", "--status", "reviwe", "-p", "one"}).err,
            "specd: no spec has that status; there are proposing\n");
}

TEST_F(ProjectsTest, WhatIsListedByKind) {
  const std::string one = folder("one") + "/openspec/";
  for (const char* deep : {"specs/login", "changes/archive/2026-01-02-old"}) {
    std::filesystem::create_directories(one + deep);
    std::ofstream(one + deep + "/spec.md") << "# x\n";
  }
  sync();
  const auto ids = [&](const std::vector<std::string>& kinds) {
    std::vector<std::string> args = {"list", "--json"};
    for (const std::string& kind : kinds) args.insert(args.end(), {"--kind", kind});
    const auto specs = json::parse(ok(args));
    std::string all;
    for (const Value& spec : specs->items) all += spec.find("id")->text + " ";
    return all;
  };
  EXPECT_EQ(ids({"capability"}), "login ");
  const std::string both = ids({"change,capability"});
  EXPECT_NE(both.find("of-one"), std::string::npos) << both;
  EXPECT_NE(both.find("login"), std::string::npos) << both;
  EXPECT_EQ(both.find("old"), std::string::npos) << both;
  EXPECT_EQ(ids({"capability", "change"}), both);
  // An empty cell would move those behind it, for whoever counts words.
  EXPECT_NE(ok({"list", "--kind", "capability"}).find("login  -       -      x\n"),
            std::string::npos)
      << ok({"list", "--kind", "capability"});
  EXPECT_NE(refused({"list", "--kind", "change,spec"}).find("kind must be change, archived"),
            std::string::npos);
  for (const char* option : {"--kind", "--status"})
    EXPECT_NE(refused({"list", option, ""}).find("it is empty"), std::string::npos) << option;
  EXPECT_EQ(daemon_.specd({"list", "--kind", "change,capability", "--status", "reviwe"}).err,
            "specd: no spec has that status; there are proposing\n");
}

TEST_F(ProjectsTest, TheBranchAndTheWorkingTreeAreShown) {
  const auto git = [&](std::vector<std::string> args, const std::string& in) {
    args.insert(args.begin(), {"git", "-C", folder(in)});
    const Ran ran = daemon_.run(args);
    ASSERT_EQ(ran.exit_code, 0) << ran.err;
  };
  git({"init", "-q", "-b", "trunk"}, "one");
  EXPECT_NE(ok({"projects"}).find("one      openspec  ok     trunk   "), std::string::npos)
      << ok({"projects"});
  git({"add", "."}, "one");
  git({"commit", "-qm", "x"}, "one");
  git({"worktree", "add", "-q", "-b", "feature/a", folder("linked")}, "one");
  ok({"add", folder("linked")});
  EXPECT_NE(ok({"projects"}).find("feature/a (worktree linked)"), std::string::npos);
  git({"checkout", "-q", "--detach"}, "one");
  EXPECT_NE(ok({"projects"}).find(" (detached)"), std::string::npos);
}

TEST_F(ProjectsTest, SpecsAreShownAndSearched) {
  EXPECT_EQ(refused({"search", "*"}), "specd: there is no word in what is searched for\n");
  put("one", "- [x] paint the Bikeshed\n- [ ] varnish it\n");
  sync();
  const std::string shown = ok({"show", "of-one"});
  EXPECT_NE(shown.find("folder    openspec/changes/of-one\n"), std::string::npos) << shown;
  EXPECT_NE(shown.find("tasks     1/2\n"), std::string::npos) << shown;
  EXPECT_NE(shown.find("openspec/changes/of-one/tasks.md  tasks  1/2"), std::string::npos) << shown;
  EXPECT_EQ(shown.find('\033'), std::string::npos) << "no colours but on a terminal";
  EXPECT_NE(refused({"show", "none"}).find("there is no spec \"none\"; see `specd list`"),
            std::string::npos);
  EXPECT_TRUE(json::parse(ok({"show", "of-one", "--json"})));

  // The index follows the rows a moment later.
  Ran found;
  for (int i = 0; i < 200 && found.exit_code != 0; ++i)
    found = daemon_.specd({"search", "paint", "bike*"});
  EXPECT_EQ(found.exit_code, 0) << found.err;
  EXPECT_NE(found.out.find("one: openspec/changes/of-one/tasks.md\n"), std::string::npos)
      << found.out;
  EXPECT_NE(found.out.find("paint the Bikeshed"), std::string::npos) << found.out;
  EXPECT_EQ(found.out.find('?'), std::string::npos) << "the ends of lines are spaces";
  const Ran nothing = daemon_.specd({"search", "absent"});
  EXPECT_EQ(nothing.exit_code, 1);
  EXPECT_EQ(nothing.out, "nothing found\n");
}

TEST_F(ProjectsTest, ANameThatDoesNotTellIsNotGuessed) {
  for (const char* spec : {"lean/specs/005-one", "lean/specs/005-two", "other/specs/005-three"}) {
    std::filesystem::create_directories(folder(spec));
    std::ofstream(folder(spec) + "/README.md") << "---\nstatus: planned\n---\n# A\n";
  }
  ok({"add", folder("lean")});
  ok({"add", folder("other")});
  sync();
  EXPECT_NE(refused({"show", "005"})
                .find("lean: several specs are called \"005\": 005-one, 005-two; ask by id or key"),
            std::string::npos);
  EXPECT_NE(ok({"show", "5", "-p", "other"}).find("005-three"), std::string::npos);
  EXPECT_NE(ok({"show", "005-two"}).find("005-two"), std::string::npos);
}

TEST_F(ProjectsTest, EveryCommandSpeaksJson) {
  for (const std::vector<std::string>& args : {std::vector<std::string>{"add", folder("two")},
                                               {"projects"},
                                               {"pause", "two"},
                                               {"resume", "two"},
                                               {"relink", "two", folder("two")},
                                               {"remove", "two"}}) {
    std::vector<std::string> command = args;
    command.emplace_back("--json");
    EXPECT_TRUE(json::parse(ok(command))) << args[0];
  }
}

}  // namespace
}  // namespace specd
