// What a person may do to a project: take it away, tell where it is now, let it rest.

#include <gtest/gtest.h>

#include "tests/sync/engine_fixture.h"

namespace specd::sync {
namespace {

using spec::Kind;
using What = Hint::What;
using Losses = Engine::Losses;

class ProjectsTest : public EngineTest {
 protected:
  ProjectsTest() {
    put("openspec/changes/x/tasks.md", "- [ ] one");
    put("openspec/specs/auth/spec.md", "# Auth");
    add();
  }
  void edit_by_sql(const std::string& text) {
    auto other = must(sqlite::Database::open(store_->path(), {}));
    must(other.run("UPDATE spec_files SET content = ? WHERE path LIKE '%/tasks.md'", text));
  }
  [[nodiscard]] store::ProjectState state() { return must(tables().projects.get(project_))->state; }
};

TEST_F(ProjectsTest, ARemovedProjectIsForgottenAndItsFilesStay) {
  const auto files = disk();
  must(engine_->remove_project(project_, Losses::refused));
  EXPECT_TRUE(must(tables().projects.list()).empty());
  EXPECT_TRUE(must(tables().specs.list_live(project_)).empty());
  EXPECT_TRUE(engine_->status().projects.empty());
  EXPECT_EQ(disk(), files);
  saved("openspec/changes/x/tasks.md");  // told late
  EXPECT_EQ(engine_->remove_project(project_, Losses::refused).error().code, Code::not_found);
  add();
  expect_in_step();
}

TEST_F(ProjectsTest, AnotherSlugForAFolderThatIsKeptIsRefused) {
  using enum Engine::SlugFrom;
  EXPECT_EQ(must(engine_->add_project(root_, "other")).slug, "app");
  EXPECT_EQ(must(engine_->add_project(root_, "app", person)).id, project_);
  const auto refused = engine_->add_project(root_, "other", person);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::conflict);
  EXPECT_NE(refused.error().message.find("as \"app\""), std::string::npos);
  EXPECT_EQ(must(tables().projects.list()).size(), 1u);
}

TEST_F(ProjectsTest, EditsThatAreNowhereElseAreNotForgottenUnasked) {
  must(engine_->set_writing(project_, Engine::Writing::forbidden));
  edit_by_sql("typed");
  batch();
  const auto refused = engine_->remove_project(project_, Losses::refused);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::conflict);
  EXPECT_NE(refused.error().message.find("edits that are not on disk (1)"), std::string::npos);
  put("openspec/changes/x/tasks.md", "saved");
  saved("openspec/changes/x/tasks.md");
  ASSERT_EQ(conflicts().size(), 1u);
  EXPECT_FALSE(engine_->remove_project(project_, Losses::refused)) << "an open conflict";
  must(engine_->remove_project(project_, Losses::accepted));
  EXPECT_TRUE(must(tables().projects.list()).empty());
}

TEST_F(ProjectsTest, TheLastCopyOfAProjectThatIsAwayIsNotForgottenUnasked) {
  std::filesystem::rename(root_, dir_.path() + "/away");
  const auto refused = engine_->remove_project(project_, Losses::refused);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::conflict);
  EXPECT_EQ(must(tables().specs.list_live(project_)).size(), 2u);
  std::filesystem::rename(dir_.path() + "/away", root_);
  must(engine_->remove_project(project_, Losses::refused));
}

TEST_F(ProjectsTest, WhatBecomesOfAProjectIsToldToSubscribers) {
  EXPECT_EQ(events().front(), "project.added");
  const std::string moved = dir_.path() + "/moved";
  std::filesystem::rename(root_, moved);
  must(engine_->relink_project(project_, moved, Losses::refused));
  EXPECT_EQ(events().back(), "project.changed");
  must(engine_->remove_project(project_, Losses::refused));
  EXPECT_EQ(events().back(), "project.removed");
}

TEST_F(ProjectsTest, AMovedFolderKeepsKeysHistoryAndStatus) {
  const std::string x = key(Kind::change, "x");
  const size_t before = history().size();
  std::filesystem::rename(root_, dir_.path() + "/moved");
  batch();
  ASSERT_EQ(state(), store::ProjectState::missing);
  root_ = dir_.path() + "/moved";
  put("openspec/changes/x/tasks.md", "- [x] one");
  const int watches = watches_;
  const auto moved = must(engine_->relink_project(project_, root_, Losses::refused));
  EXPECT_EQ(moved.root, root_);
  EXPECT_GT(watches_, watches);
  rounds();
  EXPECT_EQ(key(Kind::change, "x"), x);
  EXPECT_EQ(history().size(), before + 1) << "the edit, and nothing else";
  EXPECT_EQ(state(), store::ProjectState::ok);
  expect_in_step();
  reopen();
  EXPECT_EQ(status().root, root_);
  put("openspec/changes/x/tasks.md", "again");
  batch();
  expect_in_step();
}

TEST_F(ProjectsTest, AFolderThatIsAnotherProjectIsNotTakenForTheMovedOne) {
  const std::string other = dir_.path() + "/other";
  std::filesystem::create_directories(other + "/openspec/changes/of-other");
  const auto relink = [&](const std::string& root, Losses losses = Losses::refused) {
    return engine_->relink_project(project_, root, losses);
  };
  EXPECT_EQ(relink(other).error().code, Code::conflict);
  EXPECT_NE(relink(other).error().message.find("none of the 2 specs"), std::string::npos);
  EXPECT_EQ(relink(dir_.path() + "/nowhere").error().code, Code::not_found);
  std::filesystem::create_directories(dir_.path() + "/lean/specs/001-a");
  std::ofstream(dir_.path() + "/lean/specs/001-a/README.md") << "# A";
  EXPECT_EQ(relink(dir_.path() + "/lean").error().code, Code::invalid);
  const auto second = must(engine_->add_project(other, "other"));
  EXPECT_NE(relink(other, Losses::accepted).error().message.find("the folder of other"),
            std::string::npos);
  expect_in_step();
  must(engine_->remove_project(second.id, Losses::refused));
  must(relink(other, Losses::accepted));
  rounds();
  EXPECT_TRUE(live(Kind::change, "of-other"));
  EXPECT_FALSE(live(Kind::change, "x"));
}

TEST_F(ProjectsTest, APausedProjectIsLeftAloneUntilItIsResumed) {
  EXPECT_EQ(must(engine_->pause_project(project_)).state, store::ProjectState::paused);
  EXPECT_EQ(events().back(), "project.state");
  put("openspec/changes/x/tasks.md", "two");
  saved("openspec/changes/x/tasks.md");
  batch();
  engine_->refresh(project_, "openspec/changes/x/tasks.md");
  EXPECT_EQ(row("openspec/changes/x/tasks.md"), "- [ ] one");
  std::vector<std::string> left;
  engine_->sync_now({}, clock_.steady(), [&](std::vector<std::string> told) { left = told; });
  rounds();
  ASSERT_EQ(left.size(), 1u);
  EXPECT_NE(left[0].find("paused"), std::string::npos);
  is_ready_ = false;
  reopen();
  EXPECT_TRUE(is_ready_) << "nobody waits for it";
  EXPECT_EQ(row("openspec/changes/x/tasks.md"), "- [ ] one");
  EXPECT_EQ(state(), store::ProjectState::paused);
  const int watches = watches_;
  must(engine_->resume_project(project_));
  EXPECT_GT(watches_, watches) << "its folder may be another one";
  rounds();
  EXPECT_EQ(state(), store::ProjectState::ok);
  expect_in_step();
}

TEST_F(ProjectsTest, WhatWasToldWhilePausedIsNotBelievedLater) {
  const std::string x = key(Kind::change, "x");
  must(engine_->pause_project(project_));
  rename("openspec/changes/x", "openspec/changes/y");
  hint(What::moved, "openspec/changes/y", "openspec/changes/x");
  rename("openspec/changes/y", "openspec/changes/x");
  put("openspec/changes/y/tasks.md", "somebody else's");
  must(engine_->resume_project(project_));
  rounds();
  EXPECT_EQ(key(Kind::change, "x"), x);
  EXPECT_NE(key(Kind::change, "y"), x);
  expect_in_step();
}

TEST_F(ProjectsTest, AReadOnlyProjectIsReadAndSaysWhy) {
  must(engine_->set_writing(project_, Engine::Writing::forbidden));
  EXPECT_EQ(state(), store::ProjectState::read_only);
  put("openspec/changes/x/tasks.md", "two");
  saved("openspec/changes/x/tasks.md");
  expect_in_step();
  reopen();
  EXPECT_EQ(state(), store::ProjectState::read_only);
  EXPECT_NE(status().reason.find("settings"), std::string::npos);
  must(engine_->set_writing(project_, Engine::Writing::allowed));
  EXPECT_EQ(state(), store::ProjectState::ok);
  options_.read_only = true;
  reopen();
  EXPECT_EQ(state(), store::ProjectState::read_only);
  EXPECT_NE(status().reason.find("daemon"), std::string::npos);
}

}  // namespace
}  // namespace specd::sync
