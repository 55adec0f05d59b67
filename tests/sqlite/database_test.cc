#include "sqlite/database.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "sqlite/error.h"
#include "tests/support/temp_dir.h"

namespace specd::sqlite {
namespace {

constexpr Sql kCount = "SELECT count(*) FROM t";

class DatabaseTest : public testing::Test {
 protected:
  Database open(const Database::Options& options = {}) {
    auto db = Database::open(path(), options);
    EXPECT_TRUE(db.has_value()) << db.error().message;
    return std::move(*db);
  }
  std::string path() const { return folder_.file("x.db"); }

  void make_table() {
    Database db = open();
    ASSERT_TRUE(db.script("PRAGMA journal_mode=WAL; CREATE TABLE t (a ANY) STRICT"));
  }

  test::TempDir folder_;
};

TEST_F(DatabaseTest, EveryKindOfValueComesBackAsItWasBound) {
  make_table();
  Database db = open();
  const std::string with_nul("a\0b", 3);
  auto transaction = db.begin();
  ASSERT_TRUE(transaction);
  ASSERT_TRUE(db.run("INSERT INTO t VALUES (?), (?), (?), (?), (?), (?)", int64_t{-7}, "text",
                     Blob{with_nul}, std::nullopt, Blob{""}, ""));
  ASSERT_TRUE(transaction->commit());
  std::vector<std::string> seen;
  ASSERT_TRUE(db.each("SELECT typeof(a), a FROM t ORDER BY rowid", [&](Row& row) {
    const std::string type = row.text();
    seen.push_back(type + ":" + std::string(row.bytes()));
  }));
  EXPECT_EQ(seen, (std::vector<std::string>{"integer:-7", "text:text", "blob:" + with_nul,
                                            "null:", "blob:", "text:"}));
}

TEST_F(DatabaseTest, ATransactionThatIsNotCommittedLeavesNothing) {
  make_table();
  Database db = open();
  {
    auto transaction = db.begin();
    ASSERT_TRUE(transaction);
    ASSERT_TRUE(db.run("INSERT INTO t VALUES (1)"));
    EXPECT_TRUE(db.in_transaction());
  }
  EXPECT_FALSE(db.in_transaction());
  EXPECT_EQ(db.integer(kCount).value(), 0);
}

TEST_F(DatabaseTest, AWriterThatFindsAnotherAtWorkIsToldBusyAtOnce) {
  make_table();
  Database first = open();
  Database second = open();
  auto held = first.begin();
  ASSERT_TRUE(held);
  auto refused = second.begin();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::busy);
  held->rollback();
  EXPECT_TRUE(second.begin());
}

TEST_F(DatabaseTest, FailuresOfConstraintsAndTriggersAreToldApart) {
  Database db = open();
  ASSERT_TRUE(db.script(
      "CREATE TABLE u (a INTEGER UNIQUE, b TEXT CHECK (b <> 'no')) STRICT;"
      "INSERT INTO u VALUES (1, 'x');"
      "CREATE TRIGGER g BEFORE DELETE ON u BEGIN SELECT RAISE(ABORT, 'kept for a reason'); END"));
  EXPECT_EQ(db.run("INSERT INTO u VALUES (1, 'y')").error().code, Code::conflict);
  EXPECT_EQ(db.run("INSERT INTO u VALUES (2, 'no')").error().code, Code::invalid);
  const auto refused = db.run("DELETE FROM u");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::refused);
  EXPECT_EQ(refused.error().message, "kept for a reason");
  // A statement that failed is ready for its next use.
  EXPECT_TRUE(db.run("INSERT INTO u VALUES (2, 'z')"));
}

TEST_F(DatabaseTest, AReaderCannotWrite) {
  make_table();
  Database reader = open({.access = Access::read_only});
  const auto written = reader.run("INSERT INTO t VALUES (1)");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Code::refused);
}

TEST_F(DatabaseTest, AReaderThatStoppedHalfWayDoesNotHoldTheLogBack) {
  make_table();
  Database writer = open();
  Database reader = open({.access = Access::read_only});
  ASSERT_TRUE(writer.run("INSERT INTO t VALUES (1), (2)"));
  int rows = 0;
  ASSERT_TRUE(reader.each("SELECT a FROM t", [&](Row&) { return ++rows < 1; }));
  EXPECT_EQ(rows, 1);
  // With a statement still open there, this would be busy.
  EXPECT_TRUE(writer.checkpoint(Database::Checkpoint::truncate));
  EXPECT_EQ(std::filesystem::file_size(path() + "-wal"), 0u);
}

TEST_F(DatabaseTest, ASnapshotSeesOneStateUntilItEnds) {
  make_table();
  Database writer = open();
  Database reader = open({.access = Access::read_only});
  auto snapshot = reader.snapshot();
  ASSERT_TRUE(snapshot);
  ASSERT_TRUE(writer.run("INSERT INTO t VALUES (1)"));
  EXPECT_EQ(reader.integer(kCount).value(), 0);
  EXPECT_EQ(writer.checkpoint(Database::Checkpoint::truncate).error().code, Code::busy);
  snapshot->rollback();
  EXPECT_EQ(reader.integer(kCount).value(), 1);
}

TEST_F(DatabaseTest, TheLogIsNeverCheckpointedUnasked) {
  make_table();
  Database db = open();
  for (int i = 0; i < 3000; ++i) {
    ASSERT_TRUE(db.run("INSERT INTO t VALUES (?)", Blob{std::string(4096, 'x')}));
  }
  EXPECT_LT(std::filesystem::file_size(path()), 100u * 4096u);
  ASSERT_TRUE(db.checkpoint(Database::Checkpoint::passive));
  EXPECT_GT(std::filesystem::file_size(path()), 3000u * 4096u);
}

TEST_F(DatabaseTest, DataVersionMovesWithTheCommitsOfOthersOnly) {
  make_table();
  Database mine = open();
  Database other = open();
  const int64_t before = mine.data_version().value();
  ASSERT_TRUE(mine.run("INSERT INTO t VALUES (1)"));
  EXPECT_EQ(mine.data_version().value(), before);
  ASSERT_TRUE(other.run("INSERT INTO t VALUES (2)"));
  EXPECT_NE(mine.data_version().value(), before);
}

TEST_F(DatabaseTest, AStatementMayRunAgainInsideItsOwnCallback) {
  make_table();
  Database db = open();
  ASSERT_TRUE(db.run("INSERT INTO t VALUES (1), (2), (3)"));
  constexpr Sql kAll = "SELECT a FROM t";
  int pairs = 0;
  ASSERT_TRUE(db.each(kAll, [&](Row&) { ASSERT_TRUE(db.each(kAll, [&](Row&) { ++pairs; })); }));
  EXPECT_EQ(pairs, 9);
}

TEST_F(DatabaseTest, WhatAStatementIsBoundToIsNotChangedByItsRunInsideItsOwnCallback) {
  make_table();
  Database db = open();
  ASSERT_TRUE(db.run("INSERT INTO t VALUES (1), (2), (3)"));
  constexpr Sql kEach = "SELECT ? || a FROM t ORDER BY a";
  std::vector<std::string> seen;
  const auto see = [&](Row& row) { seen.push_back(row.text()); };
  ASSERT_TRUE(db.each(
      kEach,
      [&](Row& row) {
        see(row);
        ASSERT_TRUE(db.first(kEach, [&](Row& inner) { return see(inner), 0; }, "inner "));
      },
      "outer "));
  EXPECT_EQ(seen, (std::vector<std::string>{"outer 1", "inner 1", "outer 2", "inner 1", "outer 3",
                                            "inner 1"}));
}

TEST_F(DatabaseTest, DurabilityIsSetForEachTransaction) {
  make_table();
  Database db = open();
  const auto level = [&] { return db.integer("PRAGMA synchronous").value(); };
  for (const Durability durability :
       {Durability::normal, Durability::full, Durability::full, Durability::normal}) {
    auto transaction = db.begin(durability);
    ASSERT_TRUE(transaction);
    EXPECT_EQ(level(), durability == Durability::full ? 2 : 1);
    ASSERT_TRUE(transaction->commit());
  }
}

TEST_F(DatabaseTest, AFileThatIsNoDatabaseIsRecognised) {
  std::ofstream(path()) << std::string(4096, 'n');
  const auto opened = Database::open(path(), {});
  ASSERT_FALSE(opened);
  EXPECT_TRUE(is_corruption(opened.error()));
}

TEST_F(DatabaseTest, QuickCheckFindsADamagedPage) {
  make_table();
  {
    Database db = open();
    for (int i = 0; i < 200; ++i) ASSERT_TRUE(db.run("INSERT INTO t VALUES (?)", "some text here"));
    ASSERT_TRUE(db.checkpoint(Database::Checkpoint::truncate));
    EXPECT_EQ(db.quick_check().value(), std::vector<std::string>{});
  }
  std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(4096);
  file << std::string(64, '\xee');
  file.close();
  Database db = open();
  const auto findings = db.quick_check();
  EXPECT_TRUE(findings ? !findings->empty() : is_corruption(findings.error()));
}

TEST_F(DatabaseTest, AFullDiskIsRecognised) {
  make_table();
  Database db = open();
  ASSERT_TRUE(db.script("PRAGMA max_page_count=20"));
  const auto written = db.run("INSERT INTO t VALUES (?)", Blob{std::string(1 << 20, 'x')});
  ASSERT_FALSE(written);
  EXPECT_TRUE(is_full(written.error())) << written.error().message;
}

TEST_F(DatabaseTest, AReplacedOrRemovedFileIsNoticedByItsPath) {
  make_table();
  Database db = open();
  EXPECT_FALSE(db.replaced().value());
  std::filesystem::rename(path(), path() + ".away");
  EXPECT_TRUE(db.replaced().value());
  std::ofstream(path()) << "another";
  EXPECT_TRUE(db.replaced().value());
  std::filesystem::rename(path() + ".away", path());
  EXPECT_FALSE(db.replaced().value());
}

}  // namespace
}  // namespace specd::sqlite
