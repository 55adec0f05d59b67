#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/json.h"
#include "spec/delta.h"
#include "spec/markdown.h"
#include "tests/support/corpora.h"
#include "tests/system/openspec_cli.h"
#include "tests/system/openspec_trees.h"
#include "tests/system/project_tree.h"

// Our reading of a project against that of the real `openspec` CLI: every change's tasks and
// status, every capability and its number of requirements.

namespace specd::test {
namespace {

namespace fs = std::filesystem;
using spec::Kind;

std::string field(const Value& object, std::string_view key) {
  const Value* value = object.find(key);
  return value == nullptr ? "" : value->text;
}

class OpenSpecOracle : public ::testing::Test {
 protected:
  void SetUp() override {
    const Result<> installed = OpenSpecCli::is_installed();
    ASSERT_TRUE(installed) << installed.error().message;
    fs::create_directories(root());
  }

  [[nodiscard]] fs::path root() const { return temp_.file("project"); }
  [[nodiscard]] fs::path copy_of(const fs::path& tree) const {
    fs::remove_all(root());
    fs::create_directories(root());
    fs::copy(tree, root() / tree.filename(), fs::copy_options::recursive);
    return root();
  }

  [[nodiscard]] Value ask(const std::string& arguments) const {
    Result<Value> answer = cli_.json(root(), arguments);
    if (!answer) {
      ADD_FAILURE() << answer.error().message;
      return {};
    }
    return std::move(*answer);
  }

  /// How many changes were compared.
  size_t compare_changes(const ProjectOnDisk& project) const {
    const Value answer = ask("list --json");
    const Value* listed = answer.find("changes");
    if (listed == nullptr) {
      ADD_FAILURE() << "no list of changes: " << json::dump(answer);
      return 0;
    }
    size_t compared = 0;
    for (const Value& theirs : listed->items) {
      const std::string name = field(theirs, "name");
      const auto ours = project.specs.find({Kind::change, name});
      if (name.starts_with('.')) {  // listed by `list`, by no other command, and not by us
        EXPECT_EQ(ours, project.specs.end()) << name;
        continue;
      }
      if (ours == project.specs.end()) {
        ADD_FAILURE() << "the CLI lists a change that we do not have: " << name;
        continue;
      }
      const spec::SpecFacts& facts = ours->second.facts;
      EXPECT_EQ(std::to_string(facts.tasks_done), field(theirs, "completedTasks")) << name;
      EXPECT_EQ(std::to_string(facts.tasks_total), field(theirs, "totalTasks")) << name;
      EXPECT_EQ(to_string(facts.progress), field(theirs, "status")) << name;
      ++compared;
    }
    EXPECT_EQ(count(project, Kind::change), compared);
    return compared;
  }

  size_t compare_capabilities(const ProjectOnDisk& project) const {
    const Value answer = ask("list --specs --json");
    const Value* listed = answer.find("specs");
    if (listed == nullptr) {
      ADD_FAILURE() << "no list of capabilities: " << json::dump(answer);
      return 0;
    }
    for (const Value& theirs : listed->items) {
      const std::string id = field(theirs, "id");
      const auto ours = project.specs.find({Kind::capability, id});
      if (ours == project.specs.end()) {
        ADD_FAILURE() << "the CLI lists a capability that we do not have: " << id;
        continue;
      }
      EXPECT_EQ(std::to_string(requirements(ours->second)), field(theirs, "requirementCount"))
          << id;
    }
    EXPECT_EQ(count(project, Kind::capability), listed->items.size());
    return listed->items.size();
  }

  /// `change list` (an old spelling) is the only one that tells titles; "Unknown" where a proposal
  /// lacks a section. Where we find no heading it may have found one in a code fence.
  size_t compare_titles(const ProjectOnDisk& project) const {
    size_t compared = 0;
    for (const Value& theirs : ask("change list --json").items) {
      const auto ours = project.specs.find({Kind::change, field(theirs, "id")});
      if (ours == project.specs.end() || field(theirs, "title") == "Unknown") continue;
      if (is_fenced_heading(ours->second, field(theirs, "title"))) {
        EXPECT_EQ(ours->second.facts.title, ours->second.found.id);
        continue;
      }
      EXPECT_EQ(ours->second.facts.title, field(theirs, "title"));
      ++compared;
    }
    return compared;
  }

  static size_t count(const ProjectOnDisk& project, Kind kind) {
    size_t found = 0;
    for (const auto& [key, spec] : project.specs) found += key.first == kind ? 1 : 0;
    return found;
  }

  static uint32_t requirements(const SpecOnDisk& spec) {
    for (size_t i = 0; i < spec.found.files.size(); ++i) {
      if (spec.found.files[i].role != spec::Role::spec) continue;
      return spec::main_spec(spec.contents[i]).requirement_count();
    }
    ADD_FAILURE() << spec.found.id << " has no spec.md";
    return 0;
  }

  static bool is_fenced_heading(const SpecOnDisk& spec, const std::string& title) {
    for (size_t i = 0; i < spec.found.files.size(); ++i) {
      if (spec.found.files[i].role != spec::Role::proposal) continue;
      for (spec::Lines lines(spec.contents[i]); lines.next();) {
        if (lines.fenced() && lines.line() == "# " + title) return true;
      }
    }
    return false;
  }

 private:
  TempDir temp_;
  OpenSpecCli cli_{temp_.path()};
};

TEST_F(OpenSpecOracle, ItsOwnRepositoryIsReadAlike) {
  const fs::path tree = corpus("openspec-cli/openspec");
  SPECD_SKIP_WITHOUT(tree);
  const ProjectOnDisk project = read_project(copy_of(tree), spec::Layout::openspec);
  EXPECT_GE(compare_changes(project), 20u);
  EXPECT_GE(compare_capabilities(project), 30u);
  compare_titles(project);
}

TEST_F(OpenSpecOracle, AnArchiveOfManySmallChangesIsReadAlike) {
  const fs::path tree = corpus("agentpack/openspec");
  SPECD_SKIP_WITHOUT(tree);
  ProjectOnDisk project = read_project(copy_of(tree), spec::Layout::openspec);
  EXPECT_GE(compare_capabilities(project), 3u);
  EXPECT_GE(count(project, Kind::archived), 180u);

  // The CLI does not count archived tasks: brought back, they are active changes.
  for (const auto& [key, spec] : project.specs) {
    if (key.first == Kind::archived) {
      fs::rename(root() / spec.found.dir, root() / "openspec/changes" / spec.found.id);
    }
  }
  project = read_project(root(), spec::Layout::openspec);
  EXPECT_GE(compare_changes(project), 180u);
  EXPECT_GE(compare_titles(project), 100u);
}

class GeneratedTree : public OpenSpecOracle, public ::testing::WithParamInterface<uint64_t> {};

TEST_P(GeneratedTree, IsReadAlike) {
  const char* given = std::getenv("SPECD_SEED");
  const uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : GetParam();
  SCOPED_TRACE("repeat with SPECD_SEED=" + std::to_string(seed));
  write_openspec_tree(root(), seed, 120);
  const ProjectOnDisk project = read_project(root(), spec::Layout::openspec);
  EXPECT_GE(compare_changes(project), 100u);
  EXPECT_GE(compare_capabilities(project), 3u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, GeneratedTree, ::testing::Range(uint64_t{1}, uint64_t{13}));

}  // namespace
}  // namespace specd::test
