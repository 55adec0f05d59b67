// What lies in a project: any bytes, strange entries, litter, and what a schema makes of them.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/sync/engine_fixture.h"

namespace specd::sync {
namespace {

using spec::Kind;

TEST_F(EngineTest, F28F24StrangeEntriesAreListedAndSkipped) {
  put("openspec/changes/x/tasks.md", "text");
  ASSERT_EQ(mkfifo(at("openspec/changes/x/proposal.md").c_str(), 0600), 0);
  std::filesystem::create_symlink("/etc/passwd", at("openspec/changes/x/design.md"));
  std::filesystem::create_directory_symlink("..", at("openspec/changes/x/loop"));
  std::filesystem::create_directories(at("openspec/changes/x/node_modules/deep"));
  add();
  EXPECT_EQ(rows().size(), 1u);
  const store::Spec spec = *live(Kind::change, "x");
  EXPECT_NE(spec.sync_error.find("design.md: a symbolic link"), std::string::npos)
      << spec.sync_error;
  const auto state = must(tables().states.get(project_, "openspec/changes/x/proposal.md"));
  ASSERT_TRUE(state);
  EXPECT_EQ(state->facts.error, "not a regular file; not imported");
  EXPECT_TRUE(must(tables().states.get(project_, "openspec/changes/x/node_modules")));
  // Mended: the errors are gone.
  for (const char* name : {"proposal.md", "design.md", "loop", "node_modules"}) {
    remove(std::string("openspec/changes/x/") + name);
  }
  batch();
  EXPECT_EQ(live(Kind::change, "x")->sync_error, "");
  EXPECT_FALSE(must(tables().states.get(project_, "openspec/changes/x/proposal.md")));
}

TEST_F(EngineTest, F29ATooLargeFileIsAnErrorOfItsOwn) {
  options_.max_bytes_per_file = 1000;
  engine_.reset();
  store_.reset();
  open();
  put("openspec/changes/x/tasks.md", "text");
  put("openspec/changes/x/huge.bin", std::string(1001, 'x'));
  add();
  EXPECT_EQ(rows().size(), 1u);
  EXPECT_NE(live(Kind::change, "x")->sync_error.find("huge.bin: larger than"), std::string::npos);
}

TEST_F(EngineTest, F26AnyBytesSurvive) {
  put("openspec/changes/x/proposal.md", "\xef\xbb\xbf# X\r\nno end");
  put("openspec/changes/x/logo.png", std::string("\x89PNG\r\n\x1a\n\0\0\xff", 11));
  put("openspec/changes/x/empty.md", "");
  put("openspec/changes/x/latin\xe9.md", "caf\xe9");
  add();
  expect_in_step();
}

TEST_F(EngineTest, F30LitterOfEditorsIsNoSpec) {
  for (const char* name :
       {"4913", ".tasks.md.swp", "#tasks.md#", ".#tasks.md", "tasks.md~", "tasks.md.tmp"}) {
    put(std::string("openspec/changes/x/") + name, "litter");
  }
  put("openspec/changes/x/tasks.md", "text");
  add();
  EXPECT_EQ(rows().size(), 1u);
}

TEST_F(EngineTest, F69MergeMarkersAreStoredAndFlagged) {
  put("openspec/changes/x/tasks.md", "<<<<<<< HEAD\n- [ ] a\n=======\n- [x] a\n>>>>>>> branch\n");
  add();
  expect_in_step();
  EXPECT_NE(live(Kind::change, "x")->sync_error.find("markers of a git merge"), std::string::npos);
}

TEST_F(EngineTest, AnotherSchemaCountsOtherFilesWithoutAnyOfThemChanging) {
  put("openspec/changes/x/tasks.md", "- [x] a\n");
  put("openspec/changes/x/todo/one.md", "- [ ] b\n- [ ] c\n");
  add();
  EXPECT_EQ(live(Kind::change, "x")->tasks_total, 1);
  const auto switch_schema = [&] {
    put("openspec/schemas/own/schema.yaml",
        "name: own\nversion: 1\nartifacts:\n  - id: todo\n    generates: todo/*.md\n    "
        "description: d\n"
        "    template: t.md\n    requires: []\napply:\n  requires: [todo]\n  tracks: todo/*.md\n");
    put("openspec/config.yaml", "schema: own\n");
  };
  switch_schema();
  saved("openspec/config.yaml");
  EXPECT_EQ(live(Kind::change, "x")->tasks_total, 2);
  put("openspec/config.yaml", "schema: spec-driven\n");
  reopen();
  EXPECT_EQ(live(Kind::change, "x")->tasks_total, 1) << "also when it changed while nobody looked";
  expect_in_step();
}

}  // namespace
}  // namespace specd::sync
