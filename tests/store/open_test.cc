#include <sys/stat.h>

#include <fstream>
#include <future>
#include <thread>

#include "sqlite/error.h"
#include "tests/store/store_fixture.h"

namespace specd::store {
namespace {

namespace fs = std::filesystem;

class OpenTest : public StoreTest {
 protected:
  Store::Opened reopen(const std::string& boot = "boot") {
    store_.reset();
    return must(Store::open({.folder = folder(), .now = kNow, .boot_id = boot}));
  }
  /// tests/upgrade/version-N.sql, with `more` run in it, opened as it is opened today.
  Store::Opened open_stored(int version, const std::string& more = "") {
    store_.reset();
    fs::remove_all(folder());
    fs::create_directories(folder());
    std::ifstream dump(std::string(SPECD_SOURCE_DIR) + "/tests/upgrade/version-" +
                       std::to_string(version) + ".sql");
    const std::string sql{std::istreambuf_iterator<char>(dump), {}};
    EXPECT_FALSE(sql.empty());
    {
      auto old = must(sqlite::Database::open(db(), {}));
      must(old.script(sql));
      EXPECT_EQ(must(old.integer("PRAGMA user_version")), version);
      must(old.script(more));
    }
    return reopen();
  }
  static mode_t mode(const std::string& path) {
    struct stat found{};
    EXPECT_EQ(::stat(path.c_str(), &found), 0) << path;
    return found.st_mode & 0777;
  }
  std::string db() const { return database_path(folder()); }
};

TEST_F(OpenTest, FolderAndFilesAreTheOwnersAlone) {
  writing([&] { pull("f", "x"); });
  EXPECT_EQ(mode(folder()), 0700u);
  for (const char* suffix : {"", "-wal", "-shm"}) EXPECT_EQ(mode(db() + suffix), 0600u) << suffix;
}

TEST_F(OpenTest, ACleanStopIsToldFromAnUncleanOne) {
  EXPECT_TRUE(report_.created);
  EXPECT_FALSE(report_.unclean);
  must(store_->close());
  auto clean = reopen();
  EXPECT_FALSE(clean.report.unclean);
  EXPECT_FALSE(clean.report.created);
  store_ = std::move(clean.store);
  EXPECT_TRUE(reopen().report.unclean);
}

TEST_F(OpenTest, F74EventNumbersGoOnAfterAKillAndBeginAnewAfterAPowerCut) {
  const EventCursor before = must(tables().events.latest());
  auto killed = reopen("boot");
  EXPECT_TRUE(killed.report.unclean);
  EXPECT_FALSE(killed.report.epoch_renewed);
  EXPECT_EQ(must(killed.store->tables.events.latest()).epoch, before.epoch);
  killed.store.reset();
  const auto rebooted = reopen("another boot");
  EXPECT_TRUE(rebooted.report.epoch_renewed);
  EXPECT_GT(must(rebooted.store->tables.events.latest()).epoch, before.epoch);
}

TEST_F(OpenTest, F53CommitsSurviveAKill) {
  writing([&] { pull("f", "kept"); });
  const auto again = reopen();
  EXPECT_EQ(must(again.store->tables.files.get(project_, "f"))->content, "kept");
}

TEST_F(OpenTest, F57ALostDatabaseIsMadeAnewAndSaysSo) {
  store_.reset();
  fs::remove_all(folder());
  const auto again = reopen();
  EXPECT_TRUE(again.report.created);
  EXPECT_TRUE(again.report.set_aside.empty());
  EXPECT_TRUE(must(again.store->tables.projects.list()).empty());
}

TEST_F(OpenTest, F59ACorruptDatabaseIsSetAsideWithItsLogAndANewOneMade) {
  store_.reset();
  const std::string garbage(8192, 'g');
  std::ofstream(db(), std::ios::trunc) << garbage;
  std::ofstream(db() + "-wal", std::ios::trunc) << "log";
  const auto again = reopen();
  EXPECT_TRUE(again.report.created);
  EXPECT_EQ(again.report.set_aside, db() + ".corrupt-20270115T080000Z");
  EXPECT_FALSE(again.report.problem.empty());
  EXPECT_EQ(fs::file_size(again.report.set_aside), garbage.size());
  EXPECT_TRUE(fs::exists(again.report.set_aside + "-wal"));
  EXPECT_TRUE(must(again.store->tables.projects.list()).empty());
}

TEST_F(OpenTest, F59EachCorruptDatabaseGetsItsOwnName) {
  store_.reset();
  const std::string first = must(set_aside(folder(), kNow));
  std::ofstream(db()) << "second";
  const std::string second = must(set_aside(folder(), kNow));
  EXPECT_EQ(second, first + "-2");
  EXPECT_TRUE(fs::exists(first));
  EXPECT_EQ(fs::file_size(second), 6u);
}

TEST_F(OpenTest, F59QuickCheckOnAReaderFindsADamagedPage) {
  writing([&] {
    for (int i = 0; i < 100; ++i) pull("f" + std::to_string(i), std::string(3000, 'x'));
  });
  EXPECT_EQ(must(must(Reader::open(folder()))->quick_check()), std::vector<std::string>{});
  must(store_->close());
  store_.reset();
  {
    // The last pages hold contents; the schema, which opening reads, lies at the front.
    std::fstream file(db(), std::ios::in | std::ios::out | std::ios::binary);
    const auto pages = static_cast<std::streamoff>(fs::file_size(db()) / 4096);
    for (std::streamoff page = pages - 40; page < pages; ++page) {
      file.seekp(page * 4096);
      file << std::string(128, '\xee');
    }
  }
  const auto reader = must(Reader::open(folder()));
  const auto found = reader->quick_check();
  EXPECT_TRUE(found ? !found->empty() : sqlite::is_corruption(found.error()));
}

TEST_F(OpenTest, F56AReplacedOrRemovedDatabaseIsNoticed) {
  EXPECT_FALSE(must(store_->replaced()));
  fs::rename(db(), db() + ".away");
  EXPECT_TRUE(must(store_->replaced()));
  fs::copy_file(db() + ".away", db());
  EXPECT_TRUE(must(store_->replaced()));
}

TEST_F(OpenTest, F67ADatabaseOfANewerVersionIsRefusedAndNotSetAside) {
  store_.reset();
  {
    auto newer = must(sqlite::Database::open(db(), {}));
    must(newer.script("PRAGMA user_version = 99"));
  }
  const auto refused = Store::open({.folder = folder(), .now = kNow, .boot_id = ""});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::refused);
  EXPECT_NE(refused.error().message.find("newer specd"), std::string::npos);
  EXPECT_TRUE(fs::exists(db()));
}

TEST_F(OpenTest, F60AForeignWriterAtWorkIsToldAsBusy) {
  auto other = must(sqlite::Database::open(db(), {}));
  auto held = must(other.begin());
  EXPECT_EQ(store_->probe_write_lock().error().code, Code::busy);
  const auto busy = store_->begin();
  EXPECT_EQ(busy.error().code, Code::busy);
  EXPECT_NE(busy.error().message.find("another program"), std::string::npos);
  held.rollback();
  EXPECT_TRUE(store_->probe_write_lock());
}

TEST_F(OpenTest, F60ADaemonThatStartsWaitsForAForeignWriter) {
  must(store_->close());
  store_.reset();
  auto other = must(sqlite::Database::open(db(), {}));
  auto held = must(other.begin());
  auto opened = std::async(std::launch::async, [this] { return reopen(); });
  EXPECT_EQ(opened.wait_for(std::chrono::milliseconds(100)), std::future_status::timeout);
  held.rollback();
  EXPECT_TRUE(opened.get().store);
}

TEST_F(OpenTest, ACommitOfAnotherClientIsWaitedForWhereItIsSoonOver) {
  auto other = must(sqlite::Database::open(store_->path(), {}));
  auto theirs = must(other.begin());
  EXPECT_EQ(store_->probe_write_lock().error().code, Code::busy);
  std::thread client([&] { theirs.rollback(); });
  EXPECT_TRUE(store_->begin());
  client.join();
}

TEST_F(OpenTest, AReaderSeesCommitsAndCannotDelayACheckpoint) {
  const auto reader = must(Reader::open(folder()));
  writing([&] { pull("f", "x"); });
  EXPECT_EQ(must(reader->tables().files.get(project_, "f"))->content, "x");
  must(store_->checkpoint());
  must(store_->close());
  EXPECT_EQ(fs::file_size(db() + "-wal"), 0u);
}

// What a spec consisted of that was deleted then is how it is known when it comes back now.
TEST_F(OpenTest, F67F71ADeletedSpecOfVersion1KeepsWhatItIsKnownBy) {
  const auto opened = open_stored(1, "UPDATE specs SET deleted_at = 1");
  const SpecKey key{Ulid{"01KAW0000000000000000000AA"}};
  EXPECT_EQ(must(opened.store->tables.specs.contents_of_deleted(key)),
            std::vector{sha256("first\n")});
}

// A database as version 1 made it, with rows in every table.
TEST_F(OpenTest, F67AStoredDatabaseOfVersion1OpensWithEverythingInIt) {
  const auto opened = open_stored(1);
  EXPECT_FALSE(opened.report.created);
  const Tables& t = opened.store->tables;
  const auto projects = must(t.projects.list());
  ASSERT_EQ(projects.size(), 1u);
  const auto specs = must(t.specs.list_live(projects[0].id));
  ASSERT_EQ(specs.size(), 1u);
  EXPECT_EQ(specs[0].tags, (std::vector<std::string>{"one", "two"}));
  const std::string file = specs[0].dir + "/tasks.md";
  EXPECT_EQ(must(t.files.get(projects[0].id, file))->content, "edited by SQL\n");
  EXPECT_EQ(must(t.states.get(projects[0].id, file))->base, sha256("second\n"));
  EXPECT_EQ(must(t.dirty.count()), 1);
  EXPECT_EQ(must(t.versions.content(sha256("first\n"))), "first\n");
  EXPECT_EQ(must(t.versions.content(sha256("second\n"))), "second\n");
  EXPECT_EQ(must(t.history.list({})).size(), 1u);
  EXPECT_EQ(must(t.conflicts.count_open()), 1);
  EXPECT_EQ(must(t.events.latest()).seq, Seq{1});
  EXPECT_EQ(must(t.edits.get(EditId{1}))->actor, "ann");
}

// As version 2 made it, with rows in the tables and columns that were new.
TEST_F(OpenTest, F67AStoredDatabaseOfVersion2OpensWithEverythingInIt) {
  const auto opened = open_stored(2);
  EXPECT_EQ(opened.report.migrated_from, 2);
  const Tables& t = opened.store->tables;
  const SpecKey deleted{Ulid{"01KAW0000000000000000000BB"}};
  EXPECT_EQ(must(t.specs.contents_of_deleted(deleted)), std::vector{sha256("first\n")});
  const HistoryEntry entry = must(t.history.list({})).at(0);
  EXPECT_EQ(entry.change, "updated");
  EXPECT_EQ(entry.spec_name, "add-login");
  EXPECT_EQ(entry.status_to, "") << "nobody knew";
  EXPECT_TRUE(must(t.claims.list()).empty());
  EXPECT_EQ(must(t.edits.get(EditId{1}))->status_to, "");
}

}  // namespace
}  // namespace specd::store
