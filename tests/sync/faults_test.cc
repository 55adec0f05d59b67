// What the disk may do to us that a test cannot make it do by itself.

#include <gtest/gtest.h>
#include <sys/mman.h>

#include "tests/sync/fault_fixture.h"

namespace specd::sync {
namespace {

using spec::Kind;
using What = Hint::What;

TEST_F(FaultTest, AFileThatIsNotImportedIsNamedByVerify) {
  options_.max_bytes_per_file = 1000;
  engine_.reset();
  store_.reset();
  open();
  put("openspec/changes/x/tasks.md", "one");
  put("openspec/changes/x/design.md", std::string(1001, 'x'));
  add();
  EXPECT_EQ(report().files, 1u);
  EXPECT_EQ(report().differences, std::vector<std::string>());
  ASSERT_EQ(report().not_imported.size(), 1u);
  EXPECT_TRUE(report().not_imported[0].starts_with("openspec/changes/x/design.md: "));
}

TEST_F(FaultTest, F27AFileThatCannotBeReadKeepsItsRowAndIsTriedAgain) {
  put("openspec/changes/x/tasks.md", "one");
  put("openspec/changes/y/tasks.md", "other");
  add();
  break_read("openspec/changes/x/tasks.md",
             {Code::io, "read openspec/changes/x/tasks.md: Permission denied", EACCES});
  put("openspec/changes/x/tasks.md", "two");
  put("openspec/changes/y/tasks.md", "goes on");
  saved("openspec/changes/x/tasks.md");
  saved("openspec/changes/y/tasks.md");
  EXPECT_EQ(row("openspec/changes/x/tasks.md"), "one");
  EXPECT_EQ(row("openspec/changes/y/tasks.md"), "goes on");
  EXPECT_NE(live(Kind::change, "x")->sync_error.find("Permission denied"), std::string::npos);
  size_t failures = 0;
  for (int i = 0; i < 5; ++i) batch();
  for (const auto& entry : history()) failures += entry.success ? 0 : 1;
  EXPECT_EQ(failures, 1u) << "one row per change of an error";
  fault_ = nullptr;
  batch();
  expect_in_step();
  EXPECT_EQ(live(Kind::change, "x")->sync_error, "");
}

TEST_F(FaultTest, F65WithoutDescriptorsOneFileFailsAndTheRestGoesOn) {
  put("openspec/changes/x/tasks.md", "one");
  add();
  break_read("openspec/changes/x/proposal.md", {Code::io, "read: Too many open files", EMFILE});
  put("openspec/changes/x/proposal.md", "# X");
  put("openspec/changes/x/tasks.md", "two");
  hint(What::subtree, "openspec/changes/x");
  EXPECT_EQ(row("openspec/changes/x/tasks.md"), "two");
  EXPECT_FALSE(row("openspec/changes/x/proposal.md"));
  fault_ = nullptr;
  batch();
  expect_in_step();
}

TEST_F(FaultTest, F5AStoreThroughMmapIsFoundByTheBatch) {
  put("openspec/changes/x/tasks.md", std::string(4096, 'a'));
  add();
  batch();
  const int file = ::open(at("openspec/changes/x/tasks.md").c_str(), O_RDWR);
  void* memory = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  ASSERT_NE(memory, MAP_FAILED);
  static_cast<char*>(memory)[0] = 'b';
  ASSERT_EQ(msync(memory, 4096, MS_SYNC), 0);
  munmap(memory, 4096);
  ::close(file);
  batch();
  wait(options_.recent);
  expect_in_step();
}

TEST_F(FaultTest, F25NamesThatOtherFileSystemsTakeForOneAreBothKeptAndTold) {
  put("openspec/changes/x/Notes.md", "upper");
  put("openspec/changes/x/notes.md", "lower");
  add();
  expect_in_step();
  EXPECT_NE(live(Kind::change, "x")->sync_error.find("the same name as"), std::string::npos);
}

TEST_F(FaultTest, F34AFileSavedEveryTenthOfASecondIsAlwaysUpToDateAtBoundedCost) {
  put("openspec/changes/x/tasks.md", "0");
  add();
  const uint64_t scans = status().scans;
  for (int i = 1; i <= 600; ++i) {
    put("openspec/changes/x/tasks.md", std::to_string(i));
    engine_->post({{project_, What::file, "openspec/changes/x/tasks.md", ""}});
    clock_.advance(std::chrono::milliseconds(100));
    engine_->step(clock_.steady());
    ASSERT_EQ(row("openspec/changes/x/tasks.md"), std::to_string(i));
  }
  EXPECT_LE(status().scans, scans + 3) << "the batches of a minute";
  EXPECT_EQ(status().missed_by_watcher, 0u) << "what was told is not missed";
  EXPECT_EQ(watcher_restarts_, 0);
  EXPECT_LE(history().size(), 602u);
}

TEST_F(FaultTest, ASpecThatIsRenamedAndGoneBeforeAnybodyLooksIsDeleted) {
  put("openspec/changes/a/tasks.md", "one");
  put("openspec/changes/z/tasks.md", "two");
  add();
  rename("openspec/changes/a", "openspec/changes/b");
  int looks = 0;
  fault_ = [&](Call call, const std::string& at) -> std::optional<Error> {
    if (call == Call::list && at == "openspec/changes/b" && ++looks == 2)
      remove("openspec/changes/b");
    return std::nullopt;
  };
  hint(What::moved, "openspec/changes/b", "openspec/changes/a");
  grace();
  grace();
  ASSERT_GE(looks, 2);
  EXPECT_FALSE(live(Kind::change, "b"));
  expect_in_step();
}

}  // namespace
}  // namespace specd::sync
