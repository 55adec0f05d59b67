#include "spec/layout.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "base/path.h"

namespace specd::spec {
namespace {

using Paths = std::vector<std::string>;

ProjectConfig openspec() {
  return read_config(Layout::openspec, {});
}
ProjectConfig leanspec() {
  return read_config(Layout::leanspec, {});
}

// "DIR KIND[ archived]"
std::string unit(const ProjectConfig& config, std::string_view path) {
  const std::optional<Unit> found = unit_of(config, path);
  if (!found) return "none";
  return found->dir + " " + std::string(to_string(found->family)) +
         (found->archived ? " archived" : "");
}

TEST(Layout, IsKnownByItsNames) {
  const struct {
    Paths paths;
    std::optional<Layout> layout;
  } table[] = {
      {{}, {}},
      {{"README.md", "src/"}, {}},
      {{"openspec/"}, Layout::openspec},
      {{"openspec"}, {}},
      {{".lean-spec/", ".lean-spec/config.json"}, Layout::leanspec},
      {{".lean-spec/"}, {}},
      {{"specs/", "specs/001-a/README.md"}, Layout::leanspec},
      {{"specs/", "specs/001-a/SPEC.md"}, Layout::leanspec},
      {{"specs/", "specs/001-a/notes.md"}, {}},
      {{"specs/", "specs/a/README.md"}, {}},
      {{"specs/", "specs/001-/README.md"}, {}},
      {{"specs/001-a/README.md", "openspec/"}, Layout::openspec},
  };
  for (const auto& row : table) EXPECT_EQ(detect_layout(row.paths), row.layout);
}

TEST(Layout, UnitsOfOpenSpec) {
  const struct {
    std::string_view path;
    std::string_view unit;
  } table[] = {
      {"openspec/changes/add-x", "openspec/changes/add-x change"},
      {"openspec/changes/add-x/tasks.md", "openspec/changes/add-x change"},
      {"openspec/changes/Has Space/specs/a/spec.md", "openspec/changes/Has Space change"},
      {"openspec/changes/specs", "openspec/changes/specs change"},
      {"openspec/changes/target/tasks.md", "openspec/changes/target change"},
      {"openspec/changes/archive/2026-01-02-a/tasks.md",
       "openspec/changes/archive/2026-01-02-a archived archived"},
      {"openspec/changes/archive/undated", "openspec/changes/archive/undated archived archived"},
      {"openspec/archive/2026-01-02-a", "openspec/archive/2026-01-02-a archived archived"},
      {"openspec/specs/auth/spec.md", "openspec/specs/auth capability"},
      {"openspec/specs/platform/billing/spec.md", "openspec/specs/platform capability"},
      {"openspec/specs/platform/target/spec.md", "openspec/specs/platform capability"},
      {"openspec/changes/a/specs/target/spec.md", "openspec/changes/a change"},
      {"openspec/changes/a/.openspec.yaml", "openspec/changes/a change"},
      {"openspec/changes/a/.notes/x", "openspec/changes/a change"},
      // Listed with an error; what is in them is not.
      {"openspec/changes/a/node_modules", "openspec/changes/a change"},
      {"openspec/changes/a/node_modules/x/y.md", "none"},
      {"openspec/changes/a/target", "openspec/changes/a change"},
      {"openspec/changes/a/target/x", "none"},
      {"openspec/changes/a/sub/.git/config", "none"},
      // No spec's.
      {"", "none"},
      {"/openspec/changes/a", "none"},
      {"openspec", "none"},
      {"openspec/changes", "none"},
      {"openspec/changes/archive", "none"},
      {"openspec/archive", "none"},
      {"openspec/specs", "none"},
      {"openspec/config.yaml", "none"},
      {"openspec/explorations/x/tasks.md", "none"},
      {"openspec/changes/.openspec-move-1/tasks.md", "none"},
      {"openspec/changes/.obsidian/app.json", "none"},
      {"openspec/changes/archive/.openspec-archive.lock", "none"},
      {"openspec/changes/node_modules/a", "none"},
      {"openspec/changes/a/tasks.md~", "none"},
      {"openspec/changes/a/.tasks.md.swp", "none"},
      {"openspec/changes/a/specs/.#spec.md", "none"},
      {"openspec/specs/.gitkeep", "none"},
      {"src/openspec/changes/a", "none"},
  };
  const ProjectConfig config = openspec();
  for (const auto& row : table) EXPECT_EQ(unit(config, row.path), row.unit) << row.path;
}

TEST(Layout, UnitsOfLeanSpec) {
  const ProjectConfig config = leanspec();
  EXPECT_EQ(unit(config, "specs/001-a"), "specs/001-a leanspec");
  EXPECT_EQ(unit(config, "specs/E13-F03/README.md"), "specs/E13-F03 leanspec");
  EXPECT_EQ(unit(config, "specs/archived/001-a/README.md"),
            "specs/archived/001-a leanspec archived");
  EXPECT_EQ(unit(config, "specs/archived"), "none");
  EXPECT_EQ(unit(config, "specs"), "none");
  EXPECT_EQ(unit(config, "specs/001-a/target/x"), "none");
  EXPECT_EQ(unit(config, "openspec/changes/a"), "none");
}

TEST(Layout, EveryUnitIsItsOwnAndLiesBelowAParent) {
  for (const ProjectConfig& config : {openspec(), leanspec()}) {
    for (const UnitParent& parent : unit_parents(config)) {
      const std::string dir = parent.dir + "/007-x";
      const std::optional<Unit> found = unit_of(config, dir + "/a/b.md");
      ASSERT_TRUE(found) << dir;
      EXPECT_EQ(*found, (Unit{dir, parent.family, parent.archived}));
      EXPECT_EQ(unit_of(config, dir), found);
    }
  }
}

TEST(Layout, LitterIsIgnored) {
  for (const char* name : {"4913",
                           ".tasks.md.swp",
                           "tasks.md.swo",
                           ".tasks.md.swx",
                           "#tasks.md#",
                           ".#tasks.md",
                           "tasks.md~",
                           "tasks.tmp",
                           ".gitkeep",
                           ".specd",
                           ".DS_Store",
                           "tasks.sync-conflict-20260102-030405-ABCDEFG.md",
                           "tasks (Ann's conflicted copy).md",
                           ".syncthing.tasks.md.tmp",
                           "tasks.md.tmp.4711.9f8e",
                           ".openspec-archive.lock",
                           ".openspec-move-1",
                           "x.openspec-claim-2",
                           "spec.md.openspec-retire-3",
                           ".openspec-test-4",
                           ".schema-init-config-5",
                           ".init-staging-6",
                           ".fork-staging-7",
                           "config.yaml.init-backup-8-9",
                           "x.fork-backup-1-2",
                           ".tasks.md.9.specd-tmp"}) {
    EXPECT_TRUE(is_ignored(name)) << name;
  }
  for (const char* name :
       {"tasks.md", ".openspec.yaml", "49130", "x.swift", "#hash", "C#", "tmp", ".tmp", "a.tmp.md",
        "swp", ".hidden", "specd", "README.md.backup", "node_modules", ".git", "target", "##"}) {
    EXPECT_FALSE(is_ignored(name)) << name;
  }
}

TEST(Layout, SomeFoldersAreExcludedWithAnError) {
  for (const char* name : {".git", "node_modules", ".venv", "target"}) {
    EXPECT_TRUE(is_excluded_dir(name)) << name;
    EXPECT_FALSE(is_ignored(name)) << name;
  }
  EXPECT_FALSE(is_excluded_dir("targets"));
  const ProjectConfig config = openspec();
  EXPECT_TRUE(is_excluded_dir(config, "openspec/changes/a/target"));
  EXPECT_TRUE(is_excluded_dir(config, "openspec/changes/a/specs/node_modules"));
  EXPECT_FALSE(is_excluded_dir(config, "openspec/changes/target"));
  EXPECT_FALSE(is_excluded_dir(config, "openspec/changes/a/specs/target"));
  EXPECT_FALSE(is_excluded_dir(config, "openspec/changes/archive/a/specs/x/target"));
  EXPECT_FALSE(is_excluded_dir(config, "openspec/specs/a/target"));
  EXPECT_TRUE(is_excluded_dir(leanspec(), "specs/001-a/target"));
}

TEST(Layout, ConfigurationIsReadAgainWhenItChanges) {
  for (const char* path :
       {"openspec/config.yaml", "openspec/config.yml", "openspec/schemas", "openspec/schemas/x",
        "openspec/schemas/x/schema.yaml", ".lean-spec", ".lean-spec/config.json"}) {
    EXPECT_TRUE(is_project_config(path)) << path;
  }
  for (const char* path :
       {"", "openspec", "openspec/config.yaml.init-backup-1-2", "openspec/schemas/x/templates/p.md",
        "openspec/schemas/.fork-staging-x/schema.yaml", "openspec/schemas/x/y/schema.yaml",
        "openspec/changes/a/schema.yaml", "config.yaml", ".lean-spec/x", "openspec/schemasx"}) {
    EXPECT_FALSE(is_project_config(path)) << path;
  }
  for (const std::string& place : config_places()) EXPECT_TRUE(is_project_config(place)) << place;
}

// "id/change_id: file=role[*], ..." of each spec
std::string found(const ProjectConfig& config, std::string_view dir, const Paths& files,
                  std::string_view meta = "") {
  const std::optional<Unit> unit = unit_of(config, dir);
  if (!unit) return "no unit";
  Paths paths;
  for (const std::string& file : files) paths.push_back(unit->dir + "/" + file);
  std::string text;
  for (const FoundSpec& spec : specs_in(config, *unit, paths, meta)) {
    text += std::string(to_string(spec.kind)) + " " + spec.id;
    if (spec.change_id != spec.id) text += "(" + spec.change_id + ")";
    for (const FoundFile& file : spec.files) {
      text += " " + std::string(path::below(file.path, spec.dir)) + "=" +
              std::string(to_string(file.role)) + (file.tracked ? "*" : "");
    }
    text += ";";
  }
  return text;
}

TEST(Layout, AChangeIsAnyFolder) {
  const ProjectConfig config = openspec();
  EXPECT_EQ(found(config, "openspec/changes/a", {}), "change a;");
  EXPECT_EQ(found(config, "openspec/changes/Has Space",
                  {".openspec.yaml", "README.md", "design.md", "img/x.png", "proposal.md",
                   "specs/cap/spec.md", "specs/cap/note.md", "specs/area/cap/spec.md",
                   "specs/spec.md", "specs/.x/spec.md", "sub/tasks.md", "tasks.md"},
                  "schema: spec-driven"),
            "change Has Space .openspec.yaml=meta README.md=readme design.md=design "
            "img/x.png=other proposal.md=proposal specs/cap/spec.md=delta specs/cap/note.md=other "
            "specs/area/cap/spec.md=delta specs/spec.md=other specs/.x/spec.md=other "
            "sub/tasks.md=other tasks.md=tasks*;");
}

TEST(Layout, IgnoredAndExcludedFilesAreNobodys) {
  EXPECT_EQ(found(openspec(), "openspec/changes/a",
                  {".gitkeep", ".git", "a.md~", "node_modules/x.js", "sub/.git/HEAD",
                   "target/debug/x", "specs/target/spec.md", "target"}),
            "change a specs/target/spec.md=delta target=other;");
}

TEST(Layout, ArchivedNamesLoseTheirDate) {
  const ProjectConfig config = openspec();
  EXPECT_EQ(found(config, "openspec/changes/archive/2026-01-02-add-x", {"tasks.md"}),
            "archived 2026-01-02-add-x(add-x) tasks.md=tasks*;");
  EXPECT_EQ(found(config, "openspec/archive/2026-01-02-x", {}), "archived 2026-01-02-x(x);");
  for (const std::string name : {"retrofit-chat-ai-2026-04-30", "2026-01-02", "2026-01-02-",
                                 "2026-1-2-x", "20260102-x", "x"}) {
    EXPECT_EQ(found(config, "openspec/changes/archive/" + name, {}), "archived " + name + ";");
  }
  EXPECT_EQ(found(config, "openspec/changes/2026-01-02-x", {}), "change 2026-01-02-x;");
}

TEST(Layout, FilesBelongToTheDeepestCapability) {
  const ProjectConfig config = openspec();
  EXPECT_EQ(found(config, "openspec/specs/auth", {"design.md", "spec.md"}),
            "capability auth design.md=design spec.md=spec;");
  EXPECT_EQ(found(config, "openspec/specs/Area",
                  {"Foo/deep/x.png", "Foo/spec.md", "img/x.png", "note.md", "spec.md"}),
            "capability Area/Foo deep/x.png=other spec.md=spec;"
            "capability Area img/x.png=other note.md=other spec.md=spec;");
  // What lies above every capability belongs to none.
  EXPECT_EQ(found(config, "openspec/specs/platform", {"README.md", "billing/spec.md"}),
            "capability platform/billing spec.md=spec;");
  EXPECT_EQ(found(config, "openspec/specs/notes", {"a.md"}), "");
  EXPECT_EQ(found(config, "openspec/specs/empty", {}), "");
  EXPECT_EQ(found(config, "openspec/specs/a", {".x/spec.md", "spec.md"}),
            "capability a .x/spec.md=other spec.md=spec;");
}

std::string schema_text(const std::string& generates) {
  return "name: x\nversion: 1\nartifacts:\n  - {id: tasks, generates: \"" + generates +
         "\", description: d, template: t}\n";
}

TEST(Layout, CustomSchemasSayWhichTasksCount) {
  const ProjectConfig config = read_config(
      Layout::openspec, {{"openspec/schemas/nested/schema.yaml", schema_text("**/tasks.md")},
                         {"openspec/schemas/plan/schema.yaml", schema_text("plan/*.md")},
                         {"openspec/config.yaml", "schema: plan\n"}});
  EXPECT_TRUE(config.problems.empty());
  const auto change = [&](const Paths& files, std::string_view meta = "") {
    return found(config, "openspec/changes/c", files, meta);
  };
  // The project's, where the change names none.
  EXPECT_EQ(change({"plan/a.md", "tasks.md"}), "change c plan/a.md=tasks* tasks.md=tasks;");
  // Nothing matches: tasks.md.
  EXPECT_EQ(change({"a.md", "tasks.md"}), "change c a.md=other tasks.md=tasks*;");
  // Its own.
  EXPECT_EQ(change({".openspec.yaml", "plan/a.md", "x/tasks.md", "tasks.md"}, "schema: nested"),
            "change c .openspec.yaml=meta plan/a.md=other x/tasks.md=tasks* tasks.md=tasks*;");
  EXPECT_EQ(change({".openspec.yaml", "plan/a.md", "tasks.md"}, "schema: spec-driven"),
            "change c .openspec.yaml=meta plan/a.md=other tasks.md=tasks*;");
  // Metadata that the CLI rejects: no schema at all, not even the project's.
  for (const char* meta : {"", "schema: nowhere", "schema: [", "schema: plan\ncreated: soon"}) {
    EXPECT_EQ(change({".openspec.yaml", "plan/a.md", "tasks.md"}, meta),
              "change c .openspec.yaml=meta plan/a.md=other tasks.md=tasks*;")
        << meta;
  }
  // Without the file, its content does not matter.
  EXPECT_EQ(change({"plan/a.md", "tasks.md"}, "schema: nested"),
            "change c plan/a.md=tasks* tasks.md=tasks;");
}

TEST(Layout, ABadConfigFileHarmsItselfAlone) {
  const ProjectConfig config =
      read_config(Layout::openspec, {{"openspec/schemas/bad/schema.yaml", "name: ["},
                                     {"openspec/schemas/ext/schema.yaml", schema_text("@(a|b)")},
                                     {"openspec/schemas/good/schema.yaml", schema_text("t.md")},
                                     {"openspec/config.yml", "schema: good\n"},
                                     {"openspec/config.yaml", "schema: 'good\n"},
                                     {"README.md", "not asked for"}});
  ASSERT_EQ(config.problems.size(), 3u);
  EXPECT_EQ(config.problems[0].path, "openspec/schemas/bad/schema.yaml");
  EXPECT_EQ(config.problems[1].path, "openspec/schemas/ext/schema.yaml");
  EXPECT_EQ(config.problems[2].path, "openspec/config.yaml");
  for (const FileProblem& problem : config.problems) EXPECT_FALSE(problem.message.empty());
  EXPECT_EQ(config.schema, "spec-driven");  // config.yml does not stand in
  EXPECT_TRUE(config.task_files.at("good"));
  EXPECT_FALSE(config.task_files.at("bad"));
  EXPECT_FALSE(config.task_files.at("ext"));
  EXPECT_TRUE(config.task_files.at("spec-driven"));
}

TEST(Layout, LeanSpecFoldersHaveAMainFileOrANumber) {
  const ProjectConfig config = leanspec();
  EXPECT_EQ(found(config, "specs/001-a", {"DESIGN.md", "README.md", "img/x.png"}),
            "leanspec 001-a DESIGN.md=other README.md=readme* img/x.png=other;");
  EXPECT_EQ(found(config, "specs/001-b", {"SPEC.md"}), "leanspec 001-b SPEC.md=readme*;");
  EXPECT_EQ(found(config, "specs/001-b", {"README.md", "SPEC.md"}),
            "leanspec 001-b README.md=readme* SPEC.md=other;");
  EXPECT_EQ(found(config, "specs/custom", {"README.md"}), "leanspec custom README.md=readme*;");
  EXPECT_EQ(found(config, "specs/002-empty", {}), "leanspec 002-empty;");
  EXPECT_EQ(found(config, "specs/E13-F03", {"x.md"}), "leanspec E13-F03 x.md=other;");
  EXPECT_EQ(found(config, "specs/E13-F03-name", {}), "leanspec E13-F03-name;");
  EXPECT_EQ(found(config, "specs/E13-name", {}), "leanspec E13-name;");
  for (const std::string name : {"assets", "E13", "v2", "e13-f03", "E-1", "007", "001-", "-x"}) {
    EXPECT_EQ(found(config, "specs/" + name, {"logo.png"}), "") << name;
  }
  EXPECT_EQ(found(config, "specs/001-a", {"sub/README.md"}), "leanspec 001-a sub/README.md=other;");
}

TEST(Layout, LeanSpecNumbersMayRepeat) {
  const ProjectConfig config = leanspec();
  EXPECT_EQ(found(config, "specs/038-a", {"README.md"}), "leanspec 038-a README.md=readme*;");
  EXPECT_EQ(found(config, "specs/038-b", {"README.md"}), "leanspec 038-b README.md=readme*;");
  EXPECT_EQ(found(config, "specs/archived/038-a", {"README.md"}),
            "leanspec 038-a README.md=readme*;");
}

TEST(Layout, LeanSpecSettingsAreHonoured) {
  const ProjectConfig config =
      read_config(Layout::leanspec,
                  {{".lean-spec/config.json",
                    R"({"specsDir": "./docs/specs/", "structure": {"defaultFile": "index.md"}})"}});
  EXPECT_TRUE(config.problems.empty());
  EXPECT_EQ(unit_parents(config)[0].dir, "docs/specs");
  EXPECT_EQ(unit_parents(config)[1].dir, "docs/specs/archived");
  EXPECT_EQ(found(config, "docs/specs/a", {"README.md", "index.md"}),
            "leanspec a README.md=other index.md=readme*;");
  EXPECT_EQ(found(config, "docs/specs/a", {"README.md"}), "leanspec a README.md=readme*;");
}

TEST(Layout, BadLeanSpecSettingsLeaveTheDefaults) {
  for (const char* text :
       {"", "{", "[]", R"({"specsDir": "../out"})", R"({"specsDir": "/abs"})",
        R"({"specsDir": "."})", R"({"specsDir": ""})", R"({"specsDir": 1})",
        R"({"specsDir": ["a"]})", R"({"defaultFile": "../x"})",
        R"({"structure": {"defaultFile": "a/b"}})", R"({"specsDir": "a", "specsDir": "b"})"}) {
    const ProjectConfig config = read_config(Layout::leanspec, {{".lean-spec/config.json", text}});
    ASSERT_EQ(config.problems.size(), 1u) << text;
    EXPECT_EQ(config.problems[0].path, ".lean-spec/config.json");
    EXPECT_EQ(config.specs_dir, "specs");
    EXPECT_EQ(config.default_file, "README.md");
  }
}

RC_GTEST_PROP(Layout, AUnitHoldsWhatItIsTheUnitOf, ()) {
  const auto parts =
      *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(std::vector<std::string>{
          "openspec", "changes", "archive", "specs", "a", ".x", "target", "node_modules",
          "archived", "001-a", "spec.md", "x~", "", "..", "\xff"}));
  std::string path;
  for (const std::string& part : parts) path += (path.empty() ? "" : "/") + part;
  for (const ProjectConfig& config : {openspec(), leanspec()}) {
    const std::optional<Unit> unit = unit_of(config, path);
    if (!unit) continue;
    RC_ASSERT(path::is_within(path, unit->dir));
    RC_ASSERT(unit_of(config, unit->dir) == unit);
  }
}

}  // namespace
}  // namespace specd::spec
