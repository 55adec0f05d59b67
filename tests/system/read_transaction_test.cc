// F64: a client of the real daemon's database does not end its read transaction.

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "tests/system/daemon_process.h"
#include "tests/system/project_tree.h"
#include "tests/system/sql_shell.h"

namespace specd {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr uintmax_t kMib = 1 << 20;

class ReadTransactionTest : public testing::Test {
 protected:
  ReadTransactionTest() {
    save(1);
    std::ofstream(daemon_.folder() + "/c.yaml") << "batch_seconds: 1\n";
    EXPECT_THAT(daemon_.start({root_, "--config", daemon_.folder() + "/c.yaml"}),
                HasSubstr("ready"));
  }
  void TearDown() override {
    if (HasFailure()) std::cerr << daemon_.log();
  }
  void save(uintmax_t mib) const {
    for (const char* name : {"a", "b", "c"})
      test::write_file(root_ + "/openspec/changes/x/" + name + ".md", std::string(mib * kMib, ' '));
  }
  [[nodiscard]] test::Ran status() const { return daemon_.specd({"status"}); }
  [[nodiscard]] uintmax_t log_bytes() const {
    return std::filesystem::file_size(database_ + "-wal");
  }
  [[nodiscard]] size_t told(const std::string& event) const {
    const std::string log = daemon_.log();
    size_t count = 0;
    for (size_t at = 0; (at = log.find(event, at)) != std::string::npos; ++at) ++count;
    return count;
  }

  test::DaemonProcess daemon_;
  const std::string root_ = daemon_.folder() + "/app";
  const std::string database_ = daemon_.state() + "/specd.db";
};

TEST_F(ReadTransactionTest, F64ItIsNamedAndTheLogIsEmptiedOnceItEnds) {
  test::SqlShell client(database_);
  client.ask("BEGIN; SELECT count(*) FROM spec_files;");
  save(12);
  EXPECT_TRUE(test::comes_true([&] { return status().exit_code == 1; }));
  EXPECT_THAT(status().out, HasSubstr("since sqlite3 (process "));
  EXPECT_GT(log_bytes(), 36 * kMib);
  EXPECT_EQ(daemon_.specd({"verify"}).exit_code, 0) << "and all else goes on";
  client.ask("COMMIT;");
  EXPECT_TRUE(test::comes_true([&] { return log_bytes() == 0 && status().exit_code == 0; }));
  EXPECT_THAT(status().out, Not(HasSubstr("the database's log")));
  EXPECT_EQ(told("log-kept"), 1u);
  EXPECT_EQ(told("log-emptied"), 1u);
  EXPECT_EQ(told("checkpoint-failed"), 0u);
}

}  // namespace
}  // namespace specd
