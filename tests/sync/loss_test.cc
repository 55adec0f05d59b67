// What is not there: when that is believed, and when it is waited for.

#include <gtest/gtest.h>

#include "tests/sync/engine_fixture.h"

namespace specd::sync {
namespace {

using spec::Kind;
using What = Hint::What;

class LossTest : public EngineTest {};

TEST_F(LossTest, F19AMissingRootDeletesNothing) {
  put("openspec/changes/x/tasks.md", "text");
  add();
  rename("../project", "../away");
  for (int i = 0; i < 3; ++i) batch();
  EXPECT_EQ(row("openspec/changes/x/tasks.md"), "text");
  EXPECT_EQ(status().state, store::ProjectState::missing);
  EXPECT_NE(status().reason, "");
  std::filesystem::rename(dir_.path() + "/away", root_);
  batch();
  EXPECT_EQ(status().state, store::ProjectState::ok);
  expect_in_step();
}

TEST_F(LossTest, F58SpecFoldersThatAreGoneAreNotADeletion) {
  put("openspec/changes/x/tasks.md", "text");
  add();
  rename("openspec", "openspec-away");
  for (int i = 0; i < 3; ++i) batch();
  EXPECT_EQ(row("openspec/changes/x/tasks.md"), "text");
  EXPECT_EQ(status().state, store::ProjectState::held);
  rename("openspec-away", "openspec");
  batch();
  EXPECT_EQ(status().state, store::ProjectState::ok);
  expect_in_step();
}

TEST_F(LossTest, F20AFreshCloneInPlaceOfTheRootKeepsEveryKey) {
  put("openspec/changes/x/tasks.md", "text");
  put("openspec/specs/auth/spec.md", "# auth\n");
  add();
  const std::string x = key(Kind::change, "x"), auth = key(Kind::capability, "auth");
  std::filesystem::copy(root_, dir_.path() + "/clone", std::filesystem::copy_options::recursive);
  rename("../project", "../away");
  std::filesystem::rename(dir_.path() + "/clone", root_);
  put("openspec/changes/x/tasks.md", "text of the clone");
  const int watches = watches_;
  batch();
  EXPECT_EQ(key(Kind::change, "x"), x);
  EXPECT_EQ(key(Kind::capability, "auth"), auth);
  EXPECT_GT(watches_, watches) << "watches die with their directories";
  expect_in_step();
}

TEST_F(LossTest, F22MassLossIsHeldUntilTheNextScanConfirmsIt) {
  for (int i = 0; i < 30; ++i)
    put("openspec/changes/c" + std::to_string(i) + "/tasks.md", std::to_string(i));
  add();
  for (int i = 0; i < 25; ++i) remove("openspec/changes/c" + std::to_string(i));
  batch();
  grace();
  EXPECT_EQ(status().state, store::ProjectState::held);
  EXPECT_EQ(rows().size(), 30u);
  put("openspec/changes/c29/tasks.md", "others go on");
  saved("openspec/changes/c29/tasks.md");
  EXPECT_EQ(row("openspec/changes/c29/tasks.md"), "others go on");
  batch();
  grace();
  EXPECT_EQ(status().state, store::ProjectState::ok);
  expect_in_step();
}

TEST_F(LossTest, F22MassLossIsHeldAlsoWhereOthersHaveTakenThePlacesOfWhatIsGone) {
  const auto c = [](int i) { return "c" + std::to_string(i); };
  const auto e = [](int i) { return "e" + std::to_string(i); };
  for (int i = 0; i < 25; ++i) put("openspec/changes/" + c(i) + "/tasks.md", c(i));
  for (int i = 0; i < 20; ++i) put("openspec/changes/" + e(i) + "/tasks.md", e(i));
  add();
  const auto before = rows();
  const std::string moved = key(spec::Kind::change, "e7");
  for (int i = 0; i < 25; ++i) remove("openspec/changes/" + c(i));
  for (int i = 0; i < 20; ++i) rename("openspec/changes/" + e(i), "openspec/changes/" + c(i));
  batch();
  grace();
  EXPECT_EQ(status().state, store::ProjectState::held);
  EXPECT_EQ(rows(), before);
  EXPECT_TRUE(deleted_events().empty());
  batch();
  grace();
  EXPECT_EQ(status().state, store::ProjectState::ok);
  EXPECT_EQ(key(spec::Kind::change, "c7"), moved);
  expect_in_step();
}

TEST_F(LossTest, F22MassLossInsideOfOneFolderIsHeld) {
  const auto nested = [](int i) { return "openspec/specs/core/c" + std::to_string(i); };
  for (int i = 0; i < 30; ++i) put(nested(i) + "/spec.md", "# " + std::to_string(i));
  add();
  const auto before = rows();
  for (int i = 0; i < 29; ++i) remove(nested(i));
  hint(What::subtree, "openspec/specs/core");
  grace();
  EXPECT_EQ(status().state, store::ProjectState::held);
  EXPECT_EQ(rows(), before);
  remove(nested(29));  // and while it is held
  hint(What::subtree, "openspec/specs/core");
  grace();
  grace();
  EXPECT_EQ(rows(), before);
  EXPECT_EQ(status().waiting, 0u) << "nobody looks again and again";
  put(nested(29) + "/spec.md", "# 29");
  hint(What::subtree, "openspec/specs/core");
  batch();
  batch();
  grace();
  EXPECT_EQ(status().state, store::ProjectState::ok);
  EXPECT_EQ(must(tables().specs.list_live(project_)).size(), 1u);
  expect_in_step();
}

TEST_F(LossTest, F22MassLossOfTheFilesThatMakeCapabilitiesIsHeld) {
  for (int i = 0; i < 30; ++i) put("openspec/specs/c" + std::to_string(i) + "/spec.md", "# x");
  add();
  for (int i = 0; i < 30; ++i) remove("openspec/specs/c" + std::to_string(i) + "/spec.md");
  for (int i = 0; i < 30; ++i) saved("openspec/specs/c" + std::to_string(i) + "/spec.md");
  grace();
  grace();
  EXPECT_EQ(status().state, store::ProjectState::held);
  EXPECT_EQ(must(tables().specs.list_live(project_)).size(), 30u);
  batch();
  batch();
  EXPECT_EQ(status().state, store::ProjectState::ok);
  EXPECT_TRUE(must(tables().specs.list_live(project_)).empty());
}

TEST_F(LossTest, ANestedCapabilityThatIsRemovedIsDeletedAfterTheGrace) {
  put("openspec/specs/core/spec.md", "# Core");
  put("openspec/specs/core/a/spec.md", "# A");
  put("openspec/specs/core/b/spec.md", "# B");
  add();
  remove("openspec/specs/core/a");
  hint(What::subtree, "openspec/specs/core/a");
  EXPECT_TRUE(live(Kind::capability, "core/a")) << "within the grace";
  grace();
  EXPECT_FALSE(live(Kind::capability, "core/a"));
  expect_in_step();
  remove("openspec/specs/core/b/spec.md");
  saved("openspec/specs/core/b/spec.md");
  grace();
  grace();
  EXPECT_FALSE(live(Kind::capability, "core/b"));
  EXPECT_EQ(deleted_events().size(), 2u);
  expect_in_step();
}

TEST_F(LossTest, F22WhatReturnsWhileItsLossIsHeldKeepsItsKeyUnderAnyName) {
  const auto c = [](int i) { return "openspec/changes/c" + std::to_string(i); };
  for (int i = 0; i < 30; ++i) put(c(i) + "/tasks.md", std::to_string(i));
  add();
  const std::string before = key(Kind::change, "c3");
  std::filesystem::create_directories(dir_.path() + "/away");
  for (int i = 0; i < 25; ++i)
    std::filesystem::rename(at(c(i)), dir_.path() + "/away/" + std::to_string(i));
  batch();
  grace();
  ASSERT_EQ(status().state, store::ProjectState::held);
  std::filesystem::rename(dir_.path() + "/away/3", at("openspec/changes/other"));
  hint(What::subtree, "openspec/changes/other");
  EXPECT_EQ(key(Kind::change, "other"), before);
}

TEST_F(LossTest, AFolderReplacedByAFileOrALinkIsADeletedSpec) {
  for (const char* name : {"a", "b", "c"})
    put("openspec/changes/" + std::string(name) + "/tasks.md", name);
  add();
  remove("openspec/changes/b");
  put("openspec/changes/b", "a file");
  remove("openspec/changes/c");
  std::filesystem::create_directory_symlink("a", at("openspec/changes/c"));
  hint(What::subtree, "openspec/changes/b");
  hint(What::subtree, "openspec/changes/c");
  grace();
  grace();
  EXPECT_TRUE(live(Kind::change, "a"));
  EXPECT_FALSE(live(Kind::change, "b"));
  EXPECT_FALSE(live(Kind::change, "c"));
  EXPECT_EQ(status().waiting, 0u) << "and nothing is left to look at";
}

TEST_F(LossTest, SpecsOutsideOfANewSpecsDirAreNoLongerKept) {
  const auto write = [this](const std::string& path, const std::string& text) {
    const std::string full = dir_.path() + "/lean/" + path;
    std::filesystem::create_directories(std::filesystem::path(full).parent_path());
    std::ofstream(full, std::ios::binary) << text;
  };
  write("specs/001-a/README.md", "# A\n");
  write("docs/002-b/README.md", "# B\n");
  project_ = must(engine_->add_project(dir_.path() + "/lean", "lean")).id;
  rounds();
  ASSERT_TRUE(live(Kind::leanspec, "001-a"));
  write(".lean-spec/config.json", R"({"specsDir": "docs"})");
  hint(What::file, ".lean-spec/config.json");
  grace();
  batch();
  EXPECT_TRUE(live(Kind::leanspec, "002-b"));
  EXPECT_FALSE(live(Kind::leanspec, "001-a"));
}

}  // namespace
}  // namespace specd::sync
