#include "sqlite/migrations.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "tests/support/temp_dir.h"

namespace specd::sqlite {
namespace {

constexpr Migration kOne[] = {{1, "01", "CREATE TABLE a (x INTEGER) STRICT"}};
constexpr Migration kTwo[] = {kOne[0], {2, "02", "CREATE TABLE b (x INTEGER) STRICT"}};
constexpr Migration kBroken[] = {
    kOne[0], {2, "02-broken", "CREATE TABLE b (x INTEGER) STRICT; INSERT INTO nowhere VALUES (1)"}};

Schema schema(std::span<const Migration> migrations) {
  return {.application_id = 1234, .what = "test database", .migrations = migrations};
}

class MigrationsTest : public testing::Test {
 protected:
  Database open() { return std::move(Database::open(path(), {}).value()); }
  std::string path() const { return folder_.file("x.db"); }
  std::string bytes() const {
    std::ifstream file(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static int64_t tables(Database& db) {
    return db.integer("SELECT count(*) FROM sqlite_schema").value();
  }

  test::TempDir folder_;
};

TEST_F(MigrationsTest, ANewFileGetsEveryStep) {
  Database db = open();
  const auto done = migrate(db, schema(kTwo));
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->from, 0);
  EXPECT_EQ(done->to, 2);
  EXPECT_EQ(tables(db), 2);
  EXPECT_EQ(db.integer("PRAGMA user_version").value(), 2);
  EXPECT_EQ(db.integer("PRAGMA application_id").value(), 1234);
}

TEST_F(MigrationsTest, AnOlderFileGetsTheMissingSteps) {
  Database db = open();
  ASSERT_TRUE(migrate(db, schema(kOne)));
  const auto done = migrate(db, schema(kTwo));
  ASSERT_TRUE(done);
  EXPECT_EQ(done->from, 1);
  EXPECT_EQ(tables(db), 2);
  EXPECT_EQ(migrate(db, schema(kTwo)).value().from, 2);
}

TEST_F(MigrationsTest, F67AFailingStepLeavesTheWholeOlderVersion) {
  Database db = open();
  ASSERT_TRUE(migrate(db, schema(kOne)));
  const auto failed = migrate(db, schema(kBroken));
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().message.find("02-broken"), std::string::npos) << failed.error().message;
  EXPECT_EQ(tables(db), 1);
  EXPECT_EQ(db.integer("PRAGMA user_version").value(), 1);
  EXPECT_TRUE(migrate(db, schema(kTwo)));
}

TEST_F(MigrationsTest, F67ANewerFileIsRefusedAndLeftAsItWas) {
  {
    Database db = open();
    ASSERT_TRUE(migrate(db, schema(kTwo)));
  }
  const std::string before = bytes();
  {
    Database db = open();
    const auto refused = migrate(db, schema(kOne));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::refused);
    EXPECT_NE(refused.error().message.find("newer specd"), std::string::npos)
        << refused.error().message;
  }
  EXPECT_EQ(bytes(), before);
}

TEST_F(MigrationsTest, AnotherProgramsFileIsRefusedAndLeftAsItWas) {
  {
    Database db = open();
    ASSERT_TRUE(db.script("CREATE TABLE theirs (x)"));
  }
  const std::string before = bytes();
  {
    Database db = open();
    EXPECT_EQ(migrate(db, schema(kTwo)).error().code, Code::refused);
  }
  EXPECT_EQ(bytes(), before);
}

}  // namespace
}  // namespace specd::sqlite
