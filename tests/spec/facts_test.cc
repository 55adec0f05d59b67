#include "spec/facts.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace specd::spec {
namespace {

// A spec made of files by role, all of whose tasks files are tracked.
SpecFacts facts_for(FoundSpec spec, const std::vector<std::pair<Role, std::string>>& files) {
  std::vector<FileFacts> facts;
  for (const auto& [role, content] : files) {
    const bool tracked =
        role == Role::tasks || (spec.kind == Kind::leanspec && role == Role::readme);
    spec.files.push_back({spec.dir + "/" + std::string(to_string(role)), role, tracked});
    facts.push_back(facts_of(role, tracked, spec.files.back().path, content));
  }
  return summarize(spec, facts);
}

FoundSpec change() {
  return {Kind::change, "add-x", "add-x", "openspec/changes/add-x", {}};
}
FoundSpec archived() {
  return {
      Kind::archived, "2026-01-02-add-x", "add-x", "openspec/changes/archive/2026-01-02-add-x", {}};
}
FoundSpec lean(const std::string& dir = "specs/001-a") {
  return {Kind::leanspec, "001-a", "001-a", dir, {}};
}

TEST(Facts, OfAChangeFollowItsTasks) {
  const struct {
    std::string tasks;
    std::string status;
    Progress progress;
  } table[] = {
      {"", "proposing", Progress::no_tasks},
      {"- [ ] a\n", "proposing", Progress::in_progress},
      {"- [ ] a\n- [x] b\n", "in_progress", Progress::in_progress},
      {"- [x] a\n", "review", Progress::complete},
  };
  for (const auto& row : table) {
    const SpecFacts facts = facts_for(change(), {{Role::tasks, row.tasks}});
    EXPECT_EQ(facts.status, row.status) << row.tasks;
    EXPECT_EQ(facts.progress, row.progress) << row.tasks;
    EXPECT_EQ(facts_for(archived(), {{Role::tasks, row.tasks}}).status, "done");
  }
}

TEST(Facts, TasksAddUpOverTrackedFilesOnly) {
  FoundSpec spec = change();
  spec.files = {{"a", Role::tasks, true}, {"b", Role::tasks, true}, {"c", Role::tasks, false}};
  std::vector<FileFacts> facts(3);
  facts[0].tasks_total = facts[0].tasks_done = 1;
  facts[1].tasks_total = 2;
  facts[2].tasks_total = 4;  // read while it was tracked
  const SpecFacts sum = summarize(spec, facts);
  EXPECT_EQ(sum.tasks_done, 1u);
  EXPECT_EQ(sum.tasks_total, 3u);
  EXPECT_EQ(facts_of(Role::tasks, false, "t", "- [x] a").tasks_total, 0u);
}

TEST(Facts, AnEmptyChangeHasItsIdForATitle) {
  const SpecFacts facts = facts_for(change(), {});
  EXPECT_EQ(facts.title, "add-x");
  EXPECT_EQ(facts.status, "proposing");
  EXPECT_EQ(facts.front_matter.kind, Value::Kind::null);
  EXPECT_FALSE(facts.created);
  EXPECT_EQ(facts_for(archived(), {}).title, "add-x");
}

TEST(Facts, TitlesComeFromTheMainFile) {
  EXPECT_EQ(facts_for(change(), {{Role::proposal, "# Change: Add X\n"}}).title, "Add X");
  EXPECT_EQ(facts_for(change(), {{Role::proposal, "# Proposal\n"}}).title, "add-x");
  EXPECT_EQ(facts_for(change(), {{Role::readme, "# Other\n"}}).title, "add-x");
  const FoundSpec capability = {Kind::capability, "a/b", "a/b", "openspec/specs/a/b", {}};
  EXPECT_EQ(facts_for(capability, {{Role::spec, "# B Specification\n"}}).title, "B");
  EXPECT_EQ(facts_for(capability, {{Role::spec, "## Purpose\n"}}).title, "a/b");
  EXPECT_EQ(facts_for(capability, {{Role::spec, ""}}).status, "");
  EXPECT_EQ(facts_for(lean(), {{Role::readme, "---\ntitle: F\n---\n# H\n"}}).title, "H");
  EXPECT_EQ(facts_for(lean(), {{Role::readme, "---\ntitle: F\n---\n"}}).title, "F");
}

TEST(Facts, MetadataIsKeptWithWhatTheCliSaysOfIt) {
  const FileFacts good = facts_of(Role::meta, false, "m", "schema: x\ncreated: 2026-01-02\n");
  EXPECT_EQ(good.error, "");
  const SpecFacts spec =
      facts_for(change(), {{Role::meta, "status: active\ncreated: 2026-01-02\n"}});
  EXPECT_EQ(spec.created, "2026-01-02");
  EXPECT_EQ(spec.front_matter.find("status")->text, "active");
  EXPECT_EQ(spec.status, "proposing");  // a repository's own key does not decide
  EXPECT_NE(facts_of(Role::meta, false, "m", "created: 2026-01-02\n").error, "");
  EXPECT_NE(facts_of(Role::meta, false, "m", "").error, "");  // zero bytes
  EXPECT_FALSE(facts_of(Role::meta, false, "m", "a: [").front_matter);
}

TEST(Facts, LeanSpecSpeaksThroughItsFrontMatter) {
  const SpecFacts facts = facts_for(
      lean(), {{Role::readme,
                "---\nstatus: in_progress\ncreated: '2026-01-02'\npriority: urgent\n"
                "tags: [a, ~, b]\nassignee: ann\nparent: 000-z\ndepends_on:\n  - 002-b\nx: {y: 1}\n"
                "---\n# A\n- [x] done\n- [ ] open\n"},
               {Role::other, "- [ ] of a sub-spec\n"}});
  EXPECT_EQ(facts.status, "in-progress");
  EXPECT_EQ(facts.priority, "critical");
  EXPECT_EQ(facts.assignee, "ann");
  EXPECT_EQ(facts.parent, "000-z");
  EXPECT_EQ(facts.tags, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(facts.depends_on, (std::vector<std::string>{"002-b"}));
  EXPECT_EQ(facts.created, "2026-01-02");
  EXPECT_EQ(facts.tasks_done, 1u);
  EXPECT_EQ(facts.tasks_total, 2u);
  EXPECT_EQ(facts.front_matter.find("x")->find("y")->text, "1");
}

TEST(Facts, UnknownValuesAreData) {
  const SpecFacts facts =
      facts_for(lean(), {{Role::readme, "---\nstatus: On Hold\npriority: p0\ntags: solo\n---\n"}});
  EXPECT_EQ(facts.status, "On Hold");
  EXPECT_EQ(facts.priority, "p0");
  EXPECT_EQ(facts.tags, std::vector<std::string>{"solo"});
  EXPECT_EQ(facts_for(lean(), {{Role::readme, "---\nstatus: [a]\n---\n"}}).status, "");
}

TEST(Facts, TheArchiveFolderSpeaksWhereNothingElseDoes) {
  EXPECT_EQ(facts_for(lean("specs/archived/001-a"), {}).status, "archived");
  EXPECT_EQ(
      facts_for(lean("specs/archived/001-a"), {{Role::readme, "---\nstatus: x\n---\n"}}).status,
      "x");
  EXPECT_EQ(facts_for(lean(), {}).status, "");
}

TEST(Facts, BadFrontMatterIsAnErrorOfAReadmeAlone) {
  const std::string bad = "---\nstatus: 'open\nx: y\n---\n# T\n- [x] a\n";
  const FileFacts readme = facts_of(Role::readme, true, "specs/001-a/README.md", bad);
  EXPECT_TRUE(readme.error.starts_with("front matter: line ")) << readme.error;
  EXPECT_EQ(readme.title, "T");
  EXPECT_EQ(readme.tasks_done, 1u);
  EXPECT_EQ(facts_of(Role::spec, false, "openspec/specs/a/spec.md", bad).error, "");
  EXPECT_EQ(facts_of(Role::readme, false, "openspec/changes/a/README.md", bad).error, "");
  EXPECT_EQ(facts_of(Role::spec, false, "s", "---\na: 1\n---\n").front_matter->find("a")->text,
            "1");
}

TEST(Facts, BinaryFilesAreNoError) {
  EXPECT_EQ(facts_of(Role::other, false, "x.png", "\x89PNG\r\n\x1a\n\xff").error, "");
  EXPECT_EQ(facts_of(Role::tasks, true, "tasks.md", "- [x] \xff").error, "not UTF-8");
  EXPECT_EQ(facts_of(Role::tasks, true, "tasks.md", "- [x] \xff").tasks_done, 1u);
  for (const Role role : {Role::proposal, Role::tasks, Role::design, Role::delta, Role::spec,
                          Role::readme, Role::other}) {
    EXPECT_EQ(facts_of(role, true, "x", "").error, "") << to_string(role);
  }
}

RC_GTEST_PROP(Facts, AnyBytesInAnyRoleAreSafe, (const std::string& noise)) {
  for (const Role role : {Role::proposal, Role::tasks, Role::design, Role::delta, Role::spec,
                          Role::readme, Role::meta, Role::other}) {
    const FileFacts facts = facts_of(role, true, "specs/x", "---\n" + noise);
    RC_ASSERT(facts.tasks_done <= facts.tasks_total);
  }
}

}  // namespace
}  // namespace specd::spec
