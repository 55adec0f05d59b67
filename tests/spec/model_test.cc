#include "spec/model.h"

#include <gtest/gtest.h>

namespace specd::spec {
namespace {

TEST(Model, EveryWordReadsBackAsItself) {
  for (const Layout value : {Layout::openspec, Layout::leanspec}) {
    EXPECT_EQ(parse_layout(to_string(value)), value);
  }
  for (const Kind value : {Kind::change, Kind::archived, Kind::capability, Kind::leanspec}) {
    EXPECT_EQ(parse_kind(to_string(value)), value);
  }
  for (const Role value : {Role::proposal, Role::tasks, Role::design, Role::delta, Role::spec,
                           Role::readme, Role::meta, Role::other}) {
    EXPECT_EQ(parse_role(to_string(value)), value);
  }
  for (const Progress value : {Progress::no_tasks, Progress::in_progress, Progress::complete}) {
    EXPECT_EQ(parse_progress(to_string(value)), value);
  }
}

TEST(Model, WordsAreTheCommandLinesOwn) {
  EXPECT_EQ(to_string(Progress::no_tasks), "no-tasks");
  EXPECT_EQ(to_string(Progress::in_progress), "in-progress");
  EXPECT_EQ(to_string(Progress::complete), "complete");
  EXPECT_EQ(to_string(Kind::archived), "archived");
  EXPECT_EQ(to_string(Role::readme), "readme");
  EXPECT_EQ(to_string(Layout::leanspec), "leanspec");
}

TEST(Model, OtherWordsAreNone) {
  for (const char* word : {"", "Change", "change ", "in_progress", "done"}) {
    EXPECT_FALSE(parse_layout(word));
    EXPECT_FALSE(parse_kind(word));
    EXPECT_FALSE(parse_role(word));
    EXPECT_FALSE(parse_progress(word));
  }
}

TEST(Model, NoTasksAreNeverComplete) {
  EXPECT_EQ(progress_of(0, 0), Progress::no_tasks);
  EXPECT_EQ(progress_of(0, 1), Progress::in_progress);
  EXPECT_EQ(progress_of(1, 2), Progress::in_progress);
  EXPECT_EQ(progress_of(2, 2), Progress::complete);
}

}  // namespace
}  // namespace specd::spec
