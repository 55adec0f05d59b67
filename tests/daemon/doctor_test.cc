// What specd doctor makes of what it finds; tests/system/doctor_test.cc runs the program.

#include "daemon/admin/doctor.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <filesystem>
#include <fstream>

#include "daemon/admin/doctor_judge.h"
#include "daemon/admin/probe.h"
#include "daemon/admin/processes.h"
#include "tests/support/temp_dir.h"

namespace specd::admin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// A machine on which all is well.
Facts well() {
  Facts facts{.program_version = "1.2.3", .sqlite_version = "3.51.3"};
  facts.inotify = {.max_watches = 1000, .max_instances = 128};
  facts.descriptors = {.allowed = 1000, .needed = 1000};
  facts.state = {.folder = "/s", .is_there = true, .mode = 0700, .free_bytes = int64_t{1} << 40};
  facts.database = {.path = "/s/a.db",
                    .is_there = true,
                    .bytes = 5'000'000,
                    .mode = 0600,
                    .is_ours = true,
                    .version = 2,
                    .known = 2,
                    .is_running = true};
  facts.daemon = {.url = "http://127.0.0.1:1/", .pid = 7, .is_alive = true, .version = "1.2.3"};
  facts.service = {.is_installed = true, .lingers = true};
  facts.projects = {{.slug = "app",
                     .root = "/app",
                     .is_there = true,
                     .is_writable = true,
                     .file_system = "ext4",
                     .has_layout = true,
                     .folders = 100,
                     .is_beside_state = true,
                     .abilities = {.can_exchange = true, .can_lease = true}}};
  return facts;
}

std::vector<Finding> not_well(const Facts& facts) {
  std::vector<Finding> found;
  for (Finding& finding : judge(facts)) {
    if (finding.level != Level::ok) found.push_back(std::move(finding));
  }
  return found;
}

TEST(DoctorTest, AllIsWellWhereAllIsWell) {
  EXPECT_THAT(not_well(well()), IsEmpty());
  for (const Finding& finding : judge(well())) EXPECT_EQ(finding.remedy, "") << finding.subject;
}

struct Case {
  const char* name;
  std::function<void(Facts&)> spoil;
  Level level;
  const char* subject;
  const char* text;
  const char* remedy;
};

TEST(DoctorTest, EachThingThatIsNotWellIsToldOnceWithWhatToDo) {
  using enum Level;
  const Case cases[] = {
      {"config", [](Facts& f) { f.config_failure = "c.yaml: line 2: no such key"; }, problem,
       "configuration", "line 2", "specd config check"},
      {"no daemon",
       [](Facts& f) {
         f.daemon = {};
         f.database.is_running = false;
       },
       note, "daemon", "none is running", "specd service start"},
      {"killed",
       [](Facts& f) {
         f.daemon.is_alive = false;
         f.database.is_running = false;
       },
       note, "daemon", "was killed", "specd service start"},
      {"silent", [](Facts& f) { f.daemon.version = ""; }, problem, "daemon", "does not answer",
       "specd service logs"},
      {"older daemon", [](Facts& f) { f.daemon.version = "1.2.2"; }, note, "daemon",
       "but this program is 1.2.3", "specd service stop && specd service start"},
      {"no service", [](Facts& f) { f.service = {}; }, note, "service", "not installed",
       "specd service install"},
      {"logged out", [](Facts& f) { f.service.lingers = false; }, note, "service", "log out",
       "loginctl enable-linger"},
      {"open state", [](Facts& f) { f.state.mode = 0755; }, problem, "state folder", "0755",
       "chmod 700 '/s'"},
      {"full disk", [](Facts& f) { f.state.free_bytes = 1 << 20; }, problem, "state folder",
       "only 1 MiB", "--db"},
      {"unreadable", [](Facts& f) { f.database.failure = "file is not a database"; }, problem,
       "database", "not a database", "specd service stop"},
      {"damaged", [](Facts& f) { f.database.damage = {"row 1 missing"}; }, problem, "database",
       "row 1 missing", "specd run"},
      {"foreign", [](Facts& f) { f.database.is_ours = false; }, problem, "database",
       "another program's", "--db"},
      {"unwritable", [](Facts& f) { f.database.obstacle = {.path = "/s/a.db", .os = EACCES}; },
       problem, "database", "/s/a.db: cannot be written to (Permission denied)",
       "chmod u+rw '/s/a.db'"},
      {"unreadable, too",
       [](Facts& f) {
         f.database.obstacle = {.path = "/s/a.db", .os = EACCES};
         f.database.failure = "unable to open database file";
       },
       problem, "database", "Permission denied", "chmod u+rw '/s/a.db'"},
      {"another user's log",
       [](Facts& f) {
         f.database.obstacle = {.path = "/s/a.db-wal", .os = EACCES, .is_ours = false};
       },
       problem, "database", "/s/a.db-wal: cannot be written to", "belongs to another user"},
      {"unwritable folder",
       [](Facts& f) { f.database.obstacle = {.path = "/s", .os = EACCES, .is_folder = true}; },
       problem, "state folder", "/s: cannot be written to", "chmod u+rwx '/s'"},
      {"disk for reading only",
       [](Facts& f) { f.database.obstacle = {.path = "/s", .os = EROFS, .is_folder = true}; },
       problem, "state folder", "Read-only file system", "Mount its disk for writing"},
      {"unwritable index",
       [](Facts& f) { f.database.search_obstacle = {.path = "/s/search.db", .os = EACCES}; }, note,
       "search", "/s/search.db: cannot be written to (Permission denied); the next start makes it",
       "Restart specd"},
      {"newer", [](Facts& f) { f.database.version = 3; }, problem, "database", "newer specd",
       "Update specd"},
      {"older", [](Facts& f) { f.database.version = 1; }, note, "database", "to version 2",
       "Restart"},
      {"open file", [](Facts& f) { f.database.mode = 0644; }, problem, "database", "0644",
       "chmod 600 '/s/a.db'*"},
      {"long log", [](Facts& f) { f.database.log_bytes = 65 << 20; }, note, "database",
       "log is large", "Restart specd"},
      {"users", [](Facts& f) { f.database_users = {{9, "node"}}; }, note, "database users",
       "node (9)", "README"},
      {"sqlite", [](Facts& f) { f.sqlite_version = "3.40.1"; }, note, "sqlite", "WAL-reset",
       "3.51.3"},
      {"watches", [](Facts& f) { f.inotify.used_watches = 950; }, problem, "inotify watches",
       "101 for the projects and 950 of other programs, of 1000", "max_user_watches=4000 | sudo"},
      {"nearly", [](Facts& f) { f.inotify.used_watches = 750; }, note, "inotify watches",
       "nearly all", "max_user_watches=2000"},
      {"no limit", [](Facts& f) { f.inotify.max_watches.reset(); }, note, "inotify watches",
       "no limit", ""},
      {"instances", [](Facts& f) { f.inotify.used_instances = 128; }, problem, "inotify instances",
       "too few", "max_user_instances=256"},
      {"descriptors", [](Facts& f) { f.descriptors.needed = 1001; }, note, "open files",
       "1001 for what is configured, of 1000: too few", "LimitNOFILE=1001"},
      {"gone", [](Facts& f) { f.projects[0].is_there = false; }, problem, "app", "not there",
       "specd relink app FOLDER, or specd remove app --force"},
      {"locked", [](Facts& f) { f.projects[0].unreadable = "Permission denied"; }, problem, "app",
       "Permission denied", "chmod u+rx '/app'"},
      {"empty", [](Facts& f) { f.projects[0].has_layout = false; }, problem, "app", "neither",
       "specd relink app"},
      {"held",
       [](Facts& f) {
         f.projects[0].state = store::ProjectState::held;
         f.projects[0].state_reason = "30 of 40 specs vanished";
       },
       problem, "app", "30 of 40", "Put back"},
      {"paused", [](Facts& f) { f.projects[0].state = store::ProjectState::paused; }, note, "app",
       "paused", "specd resume app"},
      {"not writable", [](Facts& f) { f.projects[0].is_writable = false; }, note, "app",
       "cannot be written", "chmod u+w"},
      {"nfs", [](Facts& f) { f.projects[0].needs_polling = true; }, note, "app: disk", "polled",
       "every two seconds"},
      {"no leases", [](Facts& f) { f.projects[0].abilities.can_lease = false; }, note, "app: disk",
       "no leases", "read twice"},
      {"no exchange", [](Facts& f) { f.projects[0].abilities.can_exchange = false; }, note,
       "app: disk", "no exchange", "Nothing has to be done"},
      {"stale lock", [](Facts& f) { f.projects[0].archive_lock = {.path = "/app/it's", .pid = 5}; },
       problem, "app: archive", "crashed `openspec archive` (5)", R"(rm '/app/it'\''s')"},
      {"strange lock", [](Facts& f) { f.projects[0].archive_lock = {.path = "/l"}; }, note,
       "app: archive", "names no process", "rm '/l'"},
      {"one failing", [](Facts& f) { f.projects[0].failing_specs = 1; }, note, "app: specs",
       "1 spec with a file", "specd list --project app, where"},
      {"failing", [](Facts& f) { f.projects[0].failing_specs = 2; }, note, "app: specs",
       "2 specs with a file", "\"!\""},
      {"an edit that waits", [](Facts& f) { f.projects[0].waiting_edits = 1; }, note, "app: edits",
       "1 edit waits in the database", "specd show SPEC --project app"},
      {"edits that wait", [](Facts& f) { f.projects[0].waiting_edits = 2; }, note, "app: edits",
       "2 edits wait in the database", "which of its files"},
      {"rows of no spec", [](Facts& f) { f.projects[0].waiting_for_spec = {"a/b.md", "a/c.md"}; },
       note, "app: rows", "where there is no spec: a/b.md, a/c.md", "specd new --project app"},
      {"conflicts", [](Facts& f) { f.projects[0].open_conflicts = 3; }, note, "app: conflicts",
       "3 open conflicts", "specd conflicts --project app"},
      {"keepers", [](Facts& f) { f.projects[0].keepers = {{8, "specd"}}; }, note, "app: keepers",
       "specd (8)", "specd remove"},
  };
  for (const Case& each : cases) {
    Facts facts = well();
    each.spoil(facts);
    const std::vector<Finding> found = not_well(facts);
    ASSERT_EQ(found.size(), 1u) << each.name;
    EXPECT_EQ(found[0].level, each.level) << each.name;
    EXPECT_EQ(found[0].subject, each.subject) << each.name;
    EXPECT_THAT(found[0].text, HasSubstr(each.text)) << each.name;
    EXPECT_THAT(found[0].remedy, HasSubstr(each.remedy)) << each.name;
  }
}

TEST(DoctorTest, NobodyIsToldToThrowAwayWhatOnlyMayNotBeLookedInto) {
  Facts facts = well();
  facts.database.obstacle = {.path = "/s", .os = EACCES, .is_folder = true};
  facts.database.failure = "attempt to write a readonly database";
  const auto found = not_well(facts);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].subject, "state folder");
  EXPECT_EQ(found[1].level, Level::note);
  EXPECT_THAT(found[1].text, HasSubstr("attempt to write"));
  EXPECT_THAT(found[1].remedy, HasSubstr("See to its folder"));
}

TEST(DoctorTest, NoDatabaseIsPromisedWhereNoneCanBeMade) {
  Facts facts = well();
  facts.state = {.folder = "/home/.local/state/specd"};
  facts.database = {.path = "/home/.local/state/specd/specd.db",
                    .obstacle = store::Obstacle{.path = "/home", .os = EACCES, .is_folder = true}};
  const auto found = not_well(facts);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found[0].text, HasSubstr("not there, and /home: cannot be written to"));
  EXPECT_EQ(found[0].remedy, "chmod u+rwx '/home'");
  for (const Finding& finding : judge(facts)) EXPECT_THAT(finding.text, Not(HasSubstr("first")));
}

TEST(DoctorTest, AnUncleanStopIsToldWhereNobodyIsAtWork) {
  Facts facts = well();
  facts.daemon = {};
  EXPECT_THAT(not_well(facts).at(1).text, HasSubstr("the last daemon was killed"));
  facts.database_users = {{9, "specd"}};
  for (const Finding& finding : not_well(facts)) EXPECT_NE(finding.subject, "database");
}

TEST(DoctorTest, WhatOnlyADaemonTellsIsAskedOfOneThatRuns) {
  Facts facts = well();
  facts.daemon.is_alive = false;
  facts.database.is_running = false;
  facts.projects[0].open_conflicts = facts.projects[0].failing_specs = 1;
  facts.projects[0].waiting_edits = 1;
  const auto found = not_well(facts);
  ASSERT_EQ(found.size(), 4u);
  for (const Finding& finding : {found[1], found[2], found[3]})
    EXPECT_THAT(finding.remedy, HasSubstr("Start specd"));
}

TEST(DoctorTest, WhatACrashedArchiveLeftEmptyIsNamed) {
  Facts facts = well();
  facts.projects[0].archive_lock = {.path = "/l", .pid = 5, .empty_specs = {"/app/s/spec.md"}};
  const auto found = not_well(facts);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[1].level, Level::problem);
  EXPECT_THAT(found[1].text, HasSubstr("/app/s/spec.md"));
  EXPECT_THAT(found[1].remedy, HasSubstr("git -C '/app' checkout -- '/app/s/spec.md'"));
}

TEST(DoctorTest, WhatIsPolledOrPausedNeedsNoWatches) {
  Facts facts = well();
  facts.inotify = {.max_watches = 10, .max_instances = 1};
  EXPECT_EQ(not_well(facts).size(), 1u);
  facts.is_polling_configured = true;
  facts.inotify.used_instances = 1;
  EXPECT_THAT(not_well(facts), IsEmpty());
}

TEST(DoctorTest, TheWalResetFaultIsInSomeVersionsOfSqlite) {
  const std::pair<const char*, bool> table[] = {
      {"3.6.23", false}, {"3.7.0", true},  {"3.40.1", true},  {"3.44.5", true},
      {"3.44.6", false}, {"3.45.0", true}, {"3.50.6", true},  {"3.50.7", false},
      {"3.51.0", true},  {"3.51.2", true}, {"3.51.3", false}, {"3.52.0", false},
      {"3.53.1", false}, {"4.0.0", false}, {"", false},       {"x", false},
  };
  for (const auto& [version, has_it] : table)
    EXPECT_EQ(has_wal_reset_fault(version), has_it) << version;
}

TEST(ProcessesTest, AWatchIsADeviceAsStatHasItAndAnInode) {
  EXPECT_THAT(watches_in("pos:\t0\nflags:\t04000\n"
                         "inotify wd:2 ino:2a03 sdev:fe00001 mask:fc6 ignored_mask:0 f:00\n"
                         "inotify wd:1 ino:ff sdev:1c mask:fc6\n"),
              ElementsAre(FileId{0xfe01, 0x2a03}, FileId{0x1c, 0xff}));
}

TEST(ProcessesTest, LocksAreOfFlockAndOfThisFileAlone) {
  const char* locks =
      "1: POSIX  ADVISORY  WRITE 11 fe:01:77 0 EOF\n"
      "2: FLOCK  ADVISORY  WRITE 12 fe:01:77 0 EOF\n"
      "2: -> FLOCK  ADVISORY  WRITE 13 fe:01:77 0 EOF\n"
      "3: FLOCK  ADVISORY  WRITE 14 fe:01:78 0 EOF\n"
      "4: FLOCK  ADVISORY  READ  15 fe:02:77 0 EOF\n";
  EXPECT_THAT(lock_holders(locks, {0xfe01, 77}), ElementsAre(12));
}

TEST(ProcessesTest, AMountIsTheInnermostAndTheLatest) {
  const char* mounts =
      "20 1 8:1 / / rw - ext4 /dev/a rw\n"
      "21 20 8:2 / /home rw,noatime shared:1 master:2 - xfs /dev/b rw\n"
      "22 21 0:5 / /home/my\\040nfs rw - nfs4 host:/x rw\n"
      "23 21 0:6 / /home rw - btrfs /dev/c rw\n";
  const std::tuple<const char*, long, const char*> table[] = {
      {"/etc", 20, "ext4"},    {"/home", 23, "btrfs"},           {"/home/ann", 23, "btrfs"},
      {"/homely", 20, "ext4"}, {"/home/my nfs/app", 22, "nfs4"},
  };
  for (const auto& [path, id, type] : table) {
    EXPECT_EQ(mount_of(mounts, path).id, id) << path;
    EXPECT_EQ(mount_of(mounts, path).file_system, type) << path;
  }
  EXPECT_EQ(mount_of("", "/").id, -1);
}

TEST(ProbeTest, NothingIsLeftBehindAndWhatCannotBeTriedIsSaid) {
  const test::TempDir folder;
  const Abilities found = probe_folder(folder.path());
  EXPECT_EQ(found.untried, "");
  EXPECT_TRUE(found.can_exchange.has_value());
  EXPECT_TRUE(found.can_lease.has_value());
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  EXPECT_THAT(probe_folder(folder.file("none")).untried, HasSubstr("No such file"));
}

// A machine of files: one project, one other program, and limits as we like.
class GatherTest : public testing::Test {
 protected:
  GatherTest() {
    for (const char* folder : {"changes/x/specs/y", "changes/archive/old/specs", "specs/a"})
      std::filesystem::create_directories(root_ + "/openspec/" + folder);
    put("sys/fs/inotify/max_user_watches", "8\n");
    put("sys/fs/inotify/max_user_instances", "128\n");
    put("42/comm", "node\n");
    std::filesystem::create_directories(home_.file("proc/42/fd"));
    std::filesystem::create_symlink("anon_inode:inotify", home_.file("proc/42/fd/5"));
    struct stat st{};
    EXPECT_EQ(stat((root_ + "/openspec/specs").c_str(), &st), 0);
    char line[100];
    std::snprintf(line, sizeof line, "inotify wd:1 ino:%lx sdev:%x mask:1\n",
                  static_cast<unsigned long>(st.st_ino),
                  (major(st.st_dev) << 20) | minor(st.st_dev));
    put("42/fdinfo/5", std::string(line) + "inotify wd:2 ino:1 sdev:1 mask:1\n");
    setting_.places = {.state = home_.file("state"), .runtime = home_.file("run")};
    setting_.folders = {root_};
    setting_.proc = home_.file("proc");
  }
  void put(const std::string& name, const std::string& text) const {
    const std::string path = home_.file("proc/" + name);
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path) << text;
  }

  const test::TempDir home_;
  const std::string root_ = home_.file("app");
  Setting setting_;
};

TEST_F(GatherTest, FoldersAreCountedAsTheWatcherWatchesThem) {
  const Facts facts = gather(setting_);
  ASSERT_EQ(facts.projects.size(), 1u);
  // The root, openspec, changes, changes/archive, specs; x, x/specs, x/specs/y; a.
  EXPECT_EQ(facts.projects[0].folders, 9);
  EXPECT_TRUE(facts.projects[0].has_layout);
  EXPECT_FALSE(facts.database.is_there);
}

TEST_F(GatherTest, ALimitThatIsTooLowIsAProblem) {
  for (const Finding& finding : examine(setting_)) {
    if (finding.subject != "inotify watches") continue;
    EXPECT_EQ(finding.level, Level::problem);
    EXPECT_THAT(finding.text, HasSubstr("10 for the projects and 2 of other programs, of 8"));
    return;
  }
  FAIL() << "nothing was said of watches";
}

TEST_F(GatherTest, TheHardLimitOfOpenFilesCounts) {
  EXPECT_FALSE(gather(setting_).descriptors.allowed);
  put("self/limits",
      "Limit                     Soft Limit           Hard Limit           Units     \n"
      "Max processes             95921                95921                processes \n"
      "Max open files            1024                 524288               files     \n");
  EXPECT_EQ(gather(setting_).descriptors.allowed, 524288);
}

TEST_F(GatherTest, WhoWatchesTheSameFoldersIsNamed) {
  const Facts facts = gather(setting_);
  ASSERT_EQ(facts.projects.at(0).watchers.size(), 1u);
  EXPECT_EQ(facts.projects[0].watchers[0].pid, 42);
  EXPECT_EQ(facts.projects[0].watchers[0].name, "node");
}

TEST_F(GatherTest, AnArchiveLockIsStaleWhenItsProcessIsGone) {
  const std::string lock = root_ + "/openspec/changes/archive/.openspec-archive.lock";
  const auto found = [&](const std::string& text) {
    std::ofstream(lock) << text;
    return gather(setting_).projects.at(0).archive_lock;
  };
  EXPECT_FALSE(gather(setting_).projects.at(0).archive_lock);
  EXPECT_TRUE(found(R"({"pid": 42, "nonce": "n"})")->is_alive);
  EXPECT_FALSE(found(R"({"pid": 43, "nonce": "n"})")->is_alive);
  std::ofstream(root_ + "/openspec/specs/a/spec.md") << "";
  std::filesystem::create_directories(root_ + "/openspec/specs/b");
  std::ofstream(root_ + "/openspec/specs/b/spec.md") << "text";
  EXPECT_THAT(found(R"({"pid": 43, "nonce": "n"})")->empty_specs,
              ElementsAre(root_ + "/openspec/specs/a/spec.md"));
  EXPECT_THAT(found(R"({"pid": 42, "nonce": "n"})")->empty_specs, IsEmpty()) << "at work";
  EXPECT_EQ(found("")->pid, 0);
}

}  // namespace
}  // namespace specd::admin
