// F64: a foreign client never ends its read transaction.

#include <gmock/gmock.h>

#include <filesystem>

#include "tests/sync/engine_fixture.h"

namespace specd::sync {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class LogKeeperTest : public EngineRig, public testing::Test {
 protected:
  LogKeeperTest() {
    put("openspec/changes/x/tasks.md", "- [ ] a\n");
    options_.large_log = 200'000;
    reopen();
    add();
    batch();
  }
  void save(size_t bytes) {
    put("openspec/changes/x/tasks.md", std::string(bytes, 'x'));
    saved("openspec/changes/x/tasks.md");
  }
  [[nodiscard]] std::string failure() const { return engine_->status().failure; }
  [[nodiscard]] uintmax_t database_bytes() const { return std::filesystem::file_size(path_); }

  const std::string path_ = dir_.path() + "/state/specd.db";
};

TEST_F(LogKeeperTest, F64ALogThatAReaderKeepsIsToldOfAndMovedByItselfOnceThatEnds) {
  auto client = must(sqlite::Database::open(path_, {}));
  auto reading = must(client.snapshot());
  const auto before = database_bytes();
  save(500'000);
  batch();
  EXPECT_THAT(failure(), IsEmpty()) << "once may be a backup";
  batch();
  EXPECT_THAT(failure(), HasSubstr("does not end its read transaction"));
  EXPECT_EQ(database_bytes(), before);
  reading.rollback();
  batch();
  EXPECT_THAT(failure(), IsEmpty());
  EXPECT_GT(database_bytes(), before + 400'000) << "and nobody has committed since";
}

TEST_F(LogKeeperTest, F64ASmallLogThatAReaderKeepsIsMovedLaterAndNothingIsSaid) {
  auto client = must(sqlite::Database::open(path_, {}));
  auto reading = must(client.snapshot());
  const auto before = database_bytes();
  save(100'000);
  batch();
  batch();
  EXPECT_THAT(failure(), IsEmpty());
  reading.rollback();
  batch();
  EXPECT_GT(database_bytes(), before + 50'000);
}

}  // namespace
}  // namespace specd::sync
