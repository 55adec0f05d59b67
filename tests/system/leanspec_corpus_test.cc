#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/corpora.h"
#include "tests/system/project_tree.h"

// LeanSpec's own repository, which its tools have kept in order: all of it must be read.

namespace specd::test {
namespace {

namespace fs = std::filesystem;

TEST(LeanSpecCorpus, IsReadWithoutAnError) {
  const fs::path root = corpus("leanspec");
  SPECD_SKIP_WITHOUT(root);
  size_t folders = 0;
  for (const auto& entry : fs::directory_iterator(root / "specs")) {
    folders += entry.is_directory() ? 1 : 0;
  }
  const ProjectOnDisk project = read_project(root, spec::Layout::leanspec);
  EXPECT_EQ(project.specs.size(), folders);
  EXPECT_GT(folders, 250u);
  for (const auto& [key, spec] : project.specs) {
    for (const spec::FileFacts& file : spec.files) EXPECT_EQ(file.error, "") << key.second;
    EXPECT_NE(spec.facts.status, "") << key.second;
    EXPECT_NE(spec.facts.priority, "") << key.second;
    EXPECT_TRUE(spec.facts.created) << key.second;
    EXPECT_NE(spec.facts.title, "");
  }
}

}  // namespace
}  // namespace specd::test
