#include <fcntl.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/daemon/keeper_fixture.h"

namespace specd::daemon {
namespace {

TEST(Slug, IsWhatIsPlainInTheNameOfTheFolder) {
  EXPECT_EQ(slug_of("/home/ann/My App (v2)"), "my-app-v2");
  EXPECT_EQ(slug_of("/p/Größe"), "grosse");
  EXPECT_EQ(slug_of("/p/café_Ñandú"), "cafe-nandu");
  EXPECT_EQ(slug_of("/p/Gro\xcc\x88\xc3\x9f"
                    "e"),
            "grosse")
      << "as other systems write it";
  EXPECT_EQ(slug_of("/p/shop-日本"), "shop");
  for (const char* none : {"/p/日本", "/p/\xff", "/", "/p/--"})
    EXPECT_EQ(slug_of(none), "project") << none;
}

using spec::Kind;

const char* const kGit = "git -c user.name=t -c user.email=t@example.org -c commit.gpgsign=false ";
std::string git(const std::string& command) {
  return kGit + command;
}

TEST_F(KeeperTest, ASaveArrivesByItself) {
  put("openspec/changes/x/tasks.md", "- [ ] a\n");
  start();
  EXPECT_EQ(rows(), disk());
  put("openspec/changes/x/tasks.md", "- [x] a\n");
  wait_in_step();
}

TEST_F(KeeperTest, F2F3EditorsThatSaveByRenamingKeepTheSpec) {
  put("openspec/changes/x/tasks.md", "one\n");
  start();
  const std::string before = key(Kind::change, "x");
  run("sed -i s/one/two/ openspec/changes/x/tasks.md");
  wait_in_step();
  run("cd openspec/changes/x && mv tasks.md tasks.md~ && printf three > tasks.md && rm tasks.md~");
  wait_in_step();
  EXPECT_EQ(key(Kind::change, "x"), before);
  for (const auto& event : must(reader_->tables().events.after(
                                    {must(reader_->tables().events.latest()).epoch, {}}, 100))
                               .events) {
    EXPECT_NE(event.type, "spec.deleted");
  }
  // Nor is a copy that stood beside the file for a moment a file of the spec.
  for (const auto& entry : must(reader_->tables().history.list({}))) {
    EXPECT_EQ(entry.files_changed, std::vector<std::string>{"openspec/changes/x/tasks.md"});
  }
}

TEST_F(KeeperTest, AFileWithoutAnExtensionIsImportedWhenItStays) {
  put("openspec/changes/x/tasks.md", "one\n");
  start();
  put("openspec/changes/x/NOTES", "to stay\n");
  wait_in_step();
}

TEST_F(KeeperTest, F13FilesWrittenBeforeTheirFolderIsWatchedAreFound) {
  start();
  for (int i = 0; i < 50; ++i) {
    put("openspec/changes/c" + std::to_string(i) + "/specs/a/b/spec.md",
        "text " + std::to_string(i));
  }
  wait_in_step();
}

TEST_F(KeeperTest, F14ATreeMovedInAndOutAndBackIsTheSameSpec) {
  start();
  std::filesystem::create_directories(dir_.path() + "/x/specs/a");
  std::ofstream(dir_.path() + "/x/proposal.md") << "# X\n";
  std::ofstream(dir_.path() + "/x/specs/a/spec.md") << "spec\n";
  std::filesystem::rename(dir_.path() + "/x", at("openspec/changes/x"));
  wait_in_step();
  const std::string before = key(Kind::change, "x");
  ASSERT_NE(before, "");
  std::filesystem::rename(at("openspec/changes/x"), dir_.path() + "/x");
  wait_until("gone", [&] { return key(Kind::change, "x").empty(); });
  wait_in_step();
  std::filesystem::rename(dir_.path() + "/x", at("openspec/changes/x"));
  wait_in_step();
  EXPECT_EQ(key(Kind::change, "x"), before);
}

TEST_F(KeeperTest, F10ABurstOverManySpecsIsMissedByNobody) {
  for (int i = 0; i < 400; ++i)
    put("openspec/changes/c" + std::to_string(i) + "/tasks.md", "before");
  start();
  // Three events a file: more than the kernel's queue holds, wherever its reader is slow.
  for (int i = 0; i < 8'000; ++i) {
    const std::string name =
        "openspec/changes/c" + std::to_string(i % 400) + "/f" + std::to_string(i / 400);
    const int file = open(at(name).c_str(), O_CREAT | O_WRONLY, 0600);
    ASSERT_EQ(::write(file, "x", 1), 1);
    close(file);
  }
  const auto count = [this] {
    size_t files = 0;
    must(reader_->tables().states.each_look(project_.id, [&](const store::FileLook&) { ++files; }));
    return files;
  };
  wait_until("8,400 files", [&] { return count() == 8'400; });
  wait_in_step();
}

TEST_F(KeeperTest, F4F71GitTakesASpecAwayAndBringsItBack) {
  put("openspec/changes/x/tasks.md", "main\n");
  run(git("init -q -b main .") + " && " + git("add -A") + " && " + git("commit -qm one"));
  start();
  put("openspec/changes/y/tasks.md", "branch\n");
  run(git("checkout -q -b other") + " && " + git("add -A") + " && " + git("commit -qm two"));
  wait_in_step();
  const std::string before = key(Kind::change, "y");
  run(git("checkout -q main"));
  wait_until("gone", [&] { return key(Kind::change, "y").empty(); });
  wait_in_step();
  run(git("checkout -q other"));
  wait_in_step();
  EXPECT_EQ(key(Kind::change, "y"), before);
  // DELETE and CREATE, often with the same inode number.
  put("openspec/changes/x/tasks.md", "dirty\n");
  wait_in_step();
  run(git("checkout -q -- openspec/changes/x/tasks.md"));
  wait_in_step();
  EXPECT_EQ(rows().at("openspec/changes/x/tasks.md"), "main\n");
}

TEST_F(KeeperTest, F68AStormOfGitEndsInStepAndNoFileWasWrittenByUs) {
  for (int i = 0; i < 20; ++i) put("openspec/changes/c" + std::to_string(i) + "/tasks.md", "one\n");
  run(git("init -q -b main .") + " && " + git("add -A") + " && " + git("commit -qm one"));
  run("for i in 0 1 2 3 4 5 6 7 8 9; do echo two >> openspec/changes/c$i/tasks.md; done; " +
      git("commit -qam two"));
  run("mv openspec/changes/c1 openspec/changes/archive/2026-01-01-c1; " + git("add -A") + "; " +
      git("commit -qm three"));
  start();
  for (int i = 0; i < 15; ++i) {
    run(git("reset -q --hard HEAD~2") + " && " + git("reset -q --hard ORIG_HEAD"));
    run("echo wip >> openspec/changes/c5/tasks.md && " + git("stash -q") + " && " +
        git("stash pop -q") + " && " + git("checkout -q -- ."));
  }
  wait_in_step();
  run("test -z \"$(" + git("status --porcelain") + ")\"");
  EXPECT_TRUE(must(reader_->tables().conflicts.list_open({})).empty());
}

TEST_F(KeeperTest, F70WorktreesAreProjectsOfTheirOwn) {
  put("openspec/changes/x/tasks.md", "main\n");
  run(git("init -q -b main .") + " && " + git("add -A") + " && " + git("commit -qm one"));
  run(git("worktree add -q ../tree -b side") +
      " && echo side > ../tree/openspec/changes/x/tasks.md");
  keeper_ = must(Keeper::open(options_, events()));
  EXPECT_TRUE(must(keeper_->take_up({root_, dir_.path() + "/tree"})).empty());
  keeper_->start();
  wait_until("ready", [this] { return is_ready_.load(); });
  reader_ = must(keeper_->open_reader());
  const auto projects = must(reader_->tables().projects.list());
  ASSERT_EQ(projects.size(), 2u);
  std::map<std::string, std::string> texts;
  for (const store::Project& project : projects) {
    texts[project.slug] =
        must(reader_->tables().files.get(project.id, "openspec/changes/x/tasks.md"))->content;
  }
  EXPECT_EQ(texts, (std::map<std::string, std::string>{{"project", "main\n"}, {"tree", "side\n"}}));
}

TEST_F(KeeperTest, F21AnUnmountedDiskIsNotAnEmptyProject) {
  std::filesystem::create_directories(dir_.path() + "/disk");
  const std::string mounted = dir_.path() + "/disk";
  if (mount("none", mounted.c_str(), "tmpfs", 0, nullptr) != 0)
    GTEST_SKIP() << "mounting needs rights";
  root_ = mounted;
  put("openspec/changes/x/tasks.md", "text");
  options_.sync.batch_every = std::chrono::milliseconds(100);
  start();
  EXPECT_EQ(umount2(mounted.c_str(), MNT_DETACH), 0);
  wait_until("held", [this] {
    const auto state = must(reader_->tables().projects.get(project_.id))->state;
    return state == store::ProjectState::held || state == store::ProjectState::missing;
  });
  EXPECT_NE(key(Kind::change, "x"), "");
}

TEST_F(KeeperTest, F23PollingFindsWhatTheWatcherWould) {
  options_.always_poll = true;
  start();
  EXPECT_TRUE(keeper_->watcher().coverage(project_.id).is_polled);
  put("openspec/changes/x/tasks.md", "text");
  wait_in_step();
}

TEST_F(KeeperTest, F55ASecondDaemonOnTheDatabaseIsToldWhoHasIt) {
  start();
  const auto second = Keeper::open(options_, events());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::busy);
  EXPECT_NE(second.error().message.find("process " + std::to_string(getpid())), std::string::npos)
      << second.error().message;
}

TEST_F(KeeperTest, F55ASecondDaemonOnTheProjectKeepsItReadOnly) {
  put("openspec/changes/x/tasks.md", "text");
  // The lock is the process's, so the second daemon has to be one; and it is forked before this
  // one has threads, any of which may hold a lock of the allocator's that the child never gets.
  int go[2];
  ASSERT_EQ(pipe(go), 0);
  const pid_t child = fork();
  if (child == 0) {
    (void)alarm(60);
    int ready[2];
    char byte = 0;
    if (::read(go[0], &byte, 1) != 1 || pipe(ready) != 0) _exit(9);
    KeeperOptions options = options_;
    options.state_folder = dir_.path() + "/other";
    auto keeper = Keeper::open(options, {.committed = [] {},
                                         .ready = [&] { (void)!::write(ready[1], "r", 1); },
                                         .database_replaced = [] {},
                                         .progress = [](size_t, size_t) {}});
    if (!keeper || !must((*keeper)->take_up({root_})).empty()) _exit(8);
    (*keeper)->start();
    if (::read(ready[0], &byte, 1) != 1) _exit(7);
    (*keeper)->stop();
    auto reader = store::Reader::open(options.state_folder);
    const auto projects = (*reader)->tables().projects.list();
    const bool is_told = projects->at(0).state_reason.find("process ") != std::string::npos;
    _exit(projects->at(0).state == store::ProjectState::read_only && is_told ? 0 : 6);
  }
  start();
  EXPECT_EQ(::write(go[1], "g", 1), 1);
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  for (const int end : go) close(end);
}

TEST_F(KeeperTest, F57ALostDatabaseIsRebuiltFromTheFiles) {
  put("openspec/changes/x/tasks.md", "text");
  start();
  stop();
  std::filesystem::remove_all(options_.state_folder);
  start();
  EXPECT_EQ(rows(), disk());
}

TEST_F(KeeperTest, F59ACorruptDatabaseIsSetAsideAndRebuilt) {
  put("openspec/changes/x/tasks.md", "text");
  start();
  stop();
  std::ofstream(options_.state_folder + "/specd.db", std::ios::trunc) << std::string(8192, 'x');
  start();
  EXPECT_EQ(rows(), disk());
  bool is_kept = false;
  for (const auto& entry : std::filesystem::directory_iterator(options_.state_folder)) {
    is_kept = is_kept || entry.path().filename().string().starts_with("specd.db.corrupt-");
  }
  EXPECT_TRUE(is_kept);
}

TEST_F(KeeperTest, F33EverythingThatHappenedWhileItWasDownIsFound) {
  put("openspec/changes/x/tasks.md", "one");
  put("openspec/changes/y/tasks.md", "moves");
  start();
  const std::string y = key(Kind::change, "y");
  stop();
  put("openspec/changes/x/tasks.md", "two");
  run("mv openspec/changes/y openspec/changes/archive/2026-11-21-y");
  start();
  EXPECT_EQ(rows(), disk());
  EXPECT_EQ(key(Kind::archived, "2026-11-21-y"), y);
}

}  // namespace
}  // namespace specd::daemon
