// How a save on disk becomes a row, whatever way editors have of saving.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/sync/engine_fixture.h"

namespace specd::sync {
namespace {

using spec::Kind;
using What = Hint::What;
using Strings = std::vector<std::string>;

TEST_F(EngineTest, ASaveIsARowOneHistoryEntryAndOneEvent) {
  put("openspec/changes/x/tasks.md", "- [ ] a\n");
  add();
  const size_t before = history().size();
  put("openspec/changes/x/tasks.md", "- [x] a\n");
  saved("openspec/changes/x/tasks.md");
  expect_in_step();
  EXPECT_EQ(live(Kind::change, "x")->tasks_done, 1);
  ASSERT_EQ(history().size(), before + 1);
  EXPECT_EQ(history()[0].files_changed, Strings{"openspec/changes/x/tasks.md"});
  EXPECT_EQ(history()[0].trigger, store::Trigger::file_watcher);
  EXPECT_EQ(events().back(), "spec.updated");
}

TEST_F(EngineTest, F6ATouchChangesNoRowAndTellsNobody) {
  put("openspec/changes/x/tasks.md", "- [ ] a\n");
  add();
  batch();  // whatever was not settled is
  const auto before = *must(tables().files.get(project_, "openspec/changes/x/tasks.md"));
  const size_t told = history().size(), events_before = events().size();
  std::filesystem::last_write_time(at("openspec/changes/x/tasks.md"),
                                   std::filesystem::file_time_type::clock::now());
  saved("openspec/changes/x/tasks.md");
  batch();
  EXPECT_EQ(must(tables().files.get(project_, "openspec/changes/x/tasks.md"))->rev, before.rev);
  EXPECT_EQ(history().size(), told);
  EXPECT_EQ(events().size(), events_before);
}

TEST_F(EngineTest, F6AFolderMadeAnewWithTheSameTextIsNoChange) {
  put("openspec/changes/x/tasks.md", "- [ ] a\n");
  add();
  batch();
  const store::Spec before = *live(Kind::change, "x");
  const size_t events_before = events().size();
  // The old one stays, so that the new one cannot have its inode.
  rename("openspec/changes/x", "openspec/changes/.old");
  put("openspec/changes/x/tasks.md", "- [ ] a\n");
  saved("openspec/changes/x/tasks.md");
  batch();
  const store::Spec after = *live(Kind::change, "x");
  EXPECT_EQ(after.key, before.key);
  EXPECT_NE(after.dir_ino, before.dir_ino);
  EXPECT_EQ(after.version, before.version);
  EXPECT_EQ(after.filesystem_modified_at, before.filesystem_modified_at);
  EXPECT_EQ(events().size(), events_before);
}

TEST_F(EngineTest, F2ASaveByRenameKeepsTheRow) {
  put("openspec/changes/x/tasks.md", "old");
  add();
  const std::string before = key(Kind::change, "x");
  put("openspec/changes/x/tasks.md.tmp", "new");
  rename("openspec/changes/x/tasks.md.tmp", "openspec/changes/x/tasks.md");
  saved("openspec/changes/x/tasks.md");
  expect_in_step();
  EXPECT_EQ(key(Kind::change, "x"), before);
  EXPECT_EQ(events().back(), "spec.updated");
}

TEST_F(EngineTest, F3AGapInASaveIsNoDeletion) {
  put("openspec/changes/x/tasks.md", "old");
  add();
  rename("openspec/changes/x/tasks.md", "openspec/changes/x/tasks.md~");
  saved("openspec/changes/x/tasks.md");
  EXPECT_EQ(row("openspec/changes/x/tasks.md"), "old") << "within the grace";
  put("openspec/changes/x/tasks.md", "new");
  saved("openspec/changes/x/tasks.md");
  grace();
  EXPECT_EQ(row("openspec/changes/x/tasks.md"), "new");
  for (const std::string& event : events()) EXPECT_NE(event, "spec.deleted");
}

TEST_F(EngineTest, ADeletedFileIsGoneAfterTheGraceAndItsTextIsKept) {
  put("openspec/changes/x/tasks.md", "text");
  put("openspec/changes/x/proposal.md", "# X");
  add();
  remove("openspec/changes/x/tasks.md");
  saved("openspec/changes/x/tasks.md");
  EXPECT_TRUE(row("openspec/changes/x/tasks.md"));
  grace();
  EXPECT_FALSE(row("openspec/changes/x/tasks.md"));
  EXPECT_EQ(must(tables().files.get(project_, "openspec/changes/x/tasks.md"))->content, "text");
  EXPECT_TRUE(live(Kind::change, "x"));
  expect_in_step();
}

TEST_F(EngineTest, F1AFileThatIsBeingWrittenIsNotPublishedHalf) {
  put("openspec/changes/x/tasks.md", "whole");
  add();
  const int writer = ::open(at("openspec/changes/x/tasks.md").c_str(), O_WRONLY | O_TRUNC);
  hint(What::everywhere, "");
  saved("openspec/changes/x/tasks.md");  // even if somebody else closed it
  EXPECT_EQ(row("openspec/changes/x/tasks.md"), "whole")
      << "an empty read never replaces text while it is written";
  EXPECT_EQ(status().busy, 1u);
  ASSERT_EQ(::write(writer, "final", 5), 5);
  ::close(writer);
  wait(options_.absence_grace);
  EXPECT_EQ(row("openspec/changes/x/tasks.md"), "final");
  EXPECT_EQ(status().busy, 0u);
}

TEST_F(EngineTest, AFileThatStaysBusyIsLookedAtLessAndLessOftenAndForgottenWhenItGoes) {
  put("openspec/changes/x/tasks.md", "whole");
  add();
  const int writer = ::open(at("openspec/changes/x/tasks.md").c_str(), O_WRONLY | O_TRUNC);
  saved("openspec/changes/x/tasks.md");
  const uint64_t before = engine_->status().rounds;
  int looks = 0;
  for (int i = 0; i < 1'000; ++i) {
    const bool is_due = engine_->project(project_)->next() <= clock_.steady();
    looks += is_due ? 1 : 0;
    clock_.advance(std::chrono::milliseconds(10));
    engine_->step(clock_.steady());
  }
  EXPECT_GT(engine_->status().rounds, before);
  EXPECT_LE(looks, 20) << "in ten seconds";
  ::close(writer);
  remove("openspec/changes/x/tasks.md");
  wait(std::chrono::seconds(2));
  grace();
  EXPECT_EQ(status().busy, 0u);
  EXPECT_EQ(status().waiting, 0u);
  expect_in_step();
}

TEST_F(EngineTest, F8AnMtimeInTheFutureOrThePastDecidesNothing) {
  put("openspec/changes/x/tasks.md", "one");
  add();
  for (time_t when : {time_t{0}, time_t{4'000'000'000}}) {
    put("openspec/changes/x/tasks.md", "text of " + std::to_string(when));
    const timespec times[] = {{when, 0}, {when, 0}};
    ASSERT_EQ(utimensat(AT_FDCWD, at("openspec/changes/x/tasks.md").c_str(), times, 0), 0);
    saved("openspec/changes/x/tasks.md");
    expect_in_step();
  }
}

TEST_F(EngineTest, F7OtherTextOfTheSameSizeUnderARestoredMtimeIsFound) {
  put("openspec/changes/archive/2026-01-01-x/tasks.md", "aaaa");
  add();
  batch();
  struct stat before{};
  ASSERT_EQ(::stat(at("openspec/changes/archive/2026-01-01-x/tasks.md").c_str(), &before), 0);
  put("openspec/changes/archive/2026-01-01-x/tasks.md", "bbbb");
  const timespec times[] = {before.st_atim, before.st_mtim};
  ASSERT_EQ(
      utimensat(AT_FDCWD, at("openspec/changes/archive/2026-01-01-x/tasks.md").c_str(), times, 0),
      0);
  batch();
  EXPECT_EQ(row("openspec/changes/archive/2026-01-01-x/tasks.md"), "bbbb");
}

}  // namespace
}  // namespace specd::sync
