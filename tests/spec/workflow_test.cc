#include "spec/workflow.h"

#include <gtest/gtest.h>

#include <string>

namespace specd::spec {
namespace {

std::string artifact(const std::string& id, const std::string& generates,
                     const std::string& needs = "[]") {
  return "  - {id: " + id + ", generates: \"" + generates +
         "\", description: d, template: t.md, requires: " + needs + "}\n";
}
std::string schema(const std::string& artifacts, const std::string& apply = "") {
  return "name: n\nversion: 1\nartifacts:\n" + artifacts + apply;
}

TEST(Workflow, TaskFilesAreThoseThatApplyTracks) {
  const std::string both = artifact("tasks", "tasks.md") + artifact("plan", "plan/*.md");
  const auto tracked = [&](const std::string& apply) {
    const auto found = read_workflow(schema(both, apply));
    return !found ? found.error().message : found->value_or("none");
  };
  EXPECT_EQ(tracked(""), "tasks.md");
  EXPECT_EQ(tracked("apply: {requires: [plan]}\n"), "tasks.md");
  EXPECT_EQ(tracked("apply: {requires: [plan], tracks: null}\n"), "tasks.md");
  EXPECT_EQ(tracked("apply: {requires: [plan], tracks: plan/*.md}\n"), "plan/*.md");
  EXPECT_EQ(tracked("apply: {requires: [plan], tracks: plan/a.md}\n"), "none");
  EXPECT_EQ(read_workflow(schema(artifact("plan", "p.md")))->has_value(), false);
}

TEST(Workflow, WhatTheCliWouldNotLoadIsAnError) {
  const std::string tasks = artifact("tasks", "tasks.md");
  for (const std::string& text : {
           std::string(),
           std::string("- a\n"),
           std::string("name: [\n"),
           std::string("name: n\nversion: 1\n"),
           std::string("name: n\nversion: 1\nartifacts: []\n"),
           "version: 1\nartifacts:\n" + tasks,
           "name: 3\nversion: 1\nartifacts:\n" + tasks,
           "name: n\nversion: 0\nartifacts:\n" + tasks,
           "name: n\nversion: '1'\nartifacts:\n" + tasks,
           "name: n\nversion: 1.5\nartifacts:\n" + tasks,
           schema("  - {id: a, generates: a.md, template: t}\n"),
           schema("  - {id: a, description: d, template: t}\n"),
           schema("  - {id: a, generates: a.md, description: d}\n"),
           schema(artifact("a", "../a.md")),
           schema(artifact("a", "/a.md")),
           schema(artifact("a", "C:a.md")),
           schema(tasks + tasks),
           schema(artifact("a", "a.md", "[b]")),
           schema(artifact("a", "a.md", "[b]") + artifact("b", "b.md", "[a]")),
           schema(artifact("a", "a.md", "[a]")),
           schema(artifact("a", "a.md", "x")),
           schema(tasks, "apply: {}\n"),
           schema(tasks, "apply: {requires: []}\n"),
           schema(tasks, "apply: {requires: [x]}\n"),
           schema(tasks, "apply: {requires: [tasks], tracks: ../x}\n"),
           schema(tasks, "apply: {requires: [tasks], tracks: 1}\n"),
           schema(tasks, "apply: x\n"),
       }) {
    EXPECT_FALSE(read_workflow(text)) << text;
  }
  EXPECT_TRUE(read_workflow(schema(tasks + artifact("a", "a.md", "[tasks]"))));
}

TEST(Workflow, ALongSchemaIsRead) {
  std::string text =
      schema(artifact("tasks", "tasks.md")) + "apply:\n  requires: [tasks]\n  instruction: |\n";
  for (int i = 0; i < 5000; ++i) text += "    a prompt of many lines\n";
  EXPECT_TRUE(read_workflow(text));
}

TEST(OpenSpecConfig, NamesASchemaIfItIsAString) {
  EXPECT_EQ(read_openspec_config("schema: x\n")->value(), "x");
  EXPECT_EQ(read_openspec_config("schema: '1'\n")->value(), "1");
  EXPECT_FALSE(read_openspec_config("context: |\n  long\n")->has_value());
  for (const char* bad : {"", "- a\n", "schema: 1\n", "schema: true\n", "schema: [a]\n",
                          "schema:\n", "schema: ''\n", "schema: \"x\n"}) {
    EXPECT_FALSE(read_openspec_config(bad)) << bad;
  }
}

TEST(ChangeMeta, IsCheckedAsTheCliDoes) {
  for (const char* good :
       {"schema: a", "schema: a\ncreated: 2026-01-02\n", "schema: a\nskip_specs: true\n",
        "schema: a\nstatus: active\n", "schema: a\naffected_areas: [x]\ngoal: g\n",
        "schema: a\ninitiative: {store: s, id: b-1}\n", "schema: '12'\n", "schema: 1a\n"}) {
    EXPECT_TRUE(read_change_meta(good)) << good;
  }
  for (const char* bad : {"",
                          "a",
                          "schema:",
                          "schema: 12",
                          "schema: 0x1f",
                          "schema: -1.5e3",
                          "schema: .inf",
                          "schema: True",
                          "schema: ''",
                          "schema: a\ncreated: 2026-1-2",
                          "schema: a\ncreated: 2026",
                          "schema: a\ncreated:\n",
                          "schema: a\ngoal: ''",
                          "schema: a\ngoal: 1",
                          "schema: a\nskip_specs: yes",
                          "schema: a\naffected_areas: x",
                          "schema: a\naffected_areas: ['']",
                          "schema: a\ninitiative: {store: s}",
                          "schema: a\ninitiative: {store: s, id: b, x: y}",
                          "schema: a\ninitiative: {store: S, id: b}",
                          "schema: a\ninitiative: {store: s, id: -b}",
                          "schema: a\nschema: b"}) {
    EXPECT_FALSE(read_change_meta(bad)) << bad;
  }
}

}  // namespace
}  // namespace specd::spec
