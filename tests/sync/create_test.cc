// Specs that are made through the engine, on the real disk.

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <filesystem>

#include "tests/fake/hook_ops.h"
#include "tests/sync/engine_fixture.h"

namespace specd::sync {
namespace {

using testing::HasSubstr;
using Call = HookOps::Call;

class CreateTest : public EngineTest {
 protected:
  Result<std::unique_ptr<FileOps>> open_ops(const std::string& root) override {
    auto ops = std::make_unique<HookOps>(must(posix_file_ops(root)));
    ops_ = ops.get();
    return ops;
  }
  void use_leanspec() {
    std::filesystem::remove_all(at("openspec"));
    put(".lean-spec/config.json", "{}");
  }
  static NewSpecRequest named(const std::string& name) {
    return {.words = {.name = name}, .day = "2026-11-21", .files = {}, .actor = "tester"};
  }
  Result<NewSpecAnswer> create(const NewSpecRequest& request) {
    std::optional<Result<NewSpecAnswer>> told;
    engine_->create(project_, request, clock_.steady(),
                    [&](auto answer) { told = std::move(answer); });
    rounds();
    return told ? std::move(*told) : fail(Code::io, "no answer");
  }
  std::string dir_of(const Result<NewSpecAnswer>& made) {
    return made ? (made->is_taken ? "taken: " : "") + made->spec.dir : made.error().message;
  }
  void when_folders_are_made(std::function<void()> act) {
    ops_->before([this, act = std::move(act)](Call now) -> std::optional<Error> {
      if (now != Call::make_folder) return std::nullopt;
      const auto once = act;
      ops_->undisturbed();
      once();
      return std::nullopt;
    });
  }

  HookOps* ops_ = nullptr;
};

TEST_F(CreateTest, AChangeIsOnDiskAndInTheDatabaseWhenItIsAnswered) {
  add();
  auto request = named("add-login");
  request.files["tasks.md"] = "- [ ] 1.1 one\n";
  const auto made = must(create(request));
  EXPECT_EQ(made.spec.dir, "openspec/changes/add-login");
  EXPECT_EQ(disk().at("openspec/changes/add-login/.openspec.yaml"),
            "schema: spec-driven\ncreated: 2026-11-21\n");
  EXPECT_EQ(disk().at("openspec/changes/add-login/tasks.md"), "- [ ] 1.1 one\n");
  EXPECT_EQ(disk().size(), 2u);
  expect_in_step();
  EXPECT_EQ(live(spec::Kind::change, "add-login")->tasks_total, 1);
  EXPECT_EQ(key(spec::Kind::change, "add-login"), made.spec.key.value.text);
  EXPECT_EQ(history().front().actor, "tester");
  const auto told = events();
  EXPECT_EQ(std::ranges::count(told, "spec.created"), 1);
  batch();
  EXPECT_EQ(events(), told) << "what the batch finds there is known";
}

TEST_F(CreateTest, ASpecThatHasTheNameIsTold) {
  put("openspec/changes/x/tasks.md", "- [ ] a\n");
  put("openspec/changes/archive/2026-01-02-old/tasks.md", "- [x] a\n");
  add();
  const auto there = must(create(named("x")));
  EXPECT_TRUE(there.is_taken);
  EXPECT_EQ(there.spec.key.value.text, key(spec::Kind::change, "x"));
  const auto archived = must(create(named("old")));
  EXPECT_TRUE(archived.is_taken);
  EXPECT_EQ(archived.spec.kind, spec::Kind::archived);
  auto again = named("old");
  again.is_forced = true;
  EXPECT_EQ(dir_of(create(again)), "openspec/changes/old");
  expect_in_step();
}

TEST_F(CreateTest, OneThatSomebodyElseMakesAtTheSameMomentIsTheirs) {
  add();
  when_folders_are_made([this] { put("openspec/changes/x/proposal.md", "# Theirs\n"); });
  EXPECT_EQ(dir_of(create(named("x"))), "taken: openspec/changes/x");
  EXPECT_EQ(disk().size(), 1u) << "nothing is put into their folder";
  expect_in_step();
}

TEST_F(CreateTest, TheIdOfADeletedSpecIsANewSpec) {
  put("openspec/changes/x/tasks.md", "- [ ] a\n");
  add();
  const std::string before = key(spec::Kind::change, "x");
  remove("openspec/changes/x");
  hint(Hint::What::subtree, "openspec/changes/x");
  grace();
  EXPECT_EQ(dir_of(create(named("x"))), "openspec/changes/x");
  EXPECT_NE(key(spec::Kind::change, "x"), before);
  expect_in_step();
}

TEST_F(CreateTest, LeanSpecNumbersFollowEachOtherAndCountTheArchive) {
  use_leanspec();
  put("specs/007-a/README.md", "---\nstatus: planned\n---\n# A\n");
  put("specs/archived/011-b/README.md", "---\nstatus: archived\n---\n# B\n");
  add();
  std::vector<std::string> dirs;
  for (const char* name : {"one", "two"}) {
    engine_->create(project_, named(name), clock_.steady(),
                    [&](auto made) { dirs.push_back(dir_of(made)); });
  }
  rounds();
  ASSERT_EQ(dirs, (std::vector<std::string>{"specs/012-one", "specs/013-two"}));
  EXPECT_EQ(live(spec::Kind::leanspec, "012-one")->title, "One");
  EXPECT_EQ(live(spec::Kind::leanspec, "012-one")->status, "planned");
  EXPECT_EQ(dir_of(create(named("b"))), "taken: specs/archived/011-b");
  auto again = named("b");
  again.is_forced = true;
  EXPECT_EQ(dir_of(create(again)), "specs/014-b");
}

TEST_F(CreateTest, ANumberThatSomebodyElseTakesAtTheSameMomentIsTheirs) {
  use_leanspec();
  put("specs/007-a/README.md", "# A\n");
  add();
  when_folders_are_made([this] { put("specs/008-b/README.md", "# Theirs\n"); });
  EXPECT_EQ(dir_of(create(named("b"))), "specs/009-b");
  EXPECT_TRUE(std::filesystem::exists(at("specs/008-b/README.md")));
}

TEST_F(CreateTest, WhatCannotBeIsRefusedBeforeAnythingIsMade) {
  add();
  EXPECT_THAT(dir_of(create(named("Add Login"))), HasSubstr("single hyphens"));
  for (const char* name : {"../x", ".git/config", "a~", "/etc/passwd", ""}) {
    auto request = named("x");
    request.files[name] = "no";
    EXPECT_THAT(dir_of(create(request)), HasSubstr("no files by such a name")) << name;
  }
  auto both = named("x");
  both.words.title = "T";
  both.files["proposal.md"] = "# P\n";
  EXPECT_THAT(dir_of(create(both)), HasSubstr("give either"));
  must(engine_->pause_project(project_));
  EXPECT_THAT(dir_of(create(named("x"))), HasSubstr("nothing is written"));
  EXPECT_FALSE(std::filesystem::exists(at("openspec/changes/x")));
}

TEST_F(CreateTest, ACrashAtAnyCallLeavesNothingAnEmptyFolderOrAllOfIt) {
  add();
  for (int calls = 0, is_over = 0; is_over == 0; ++calls) {
    const std::string name = "c" + std::to_string(calls);
    std::atomic<int> seen = 0;  // several threads stage
    ops_->before([&](Call) -> std::optional<Error> {
      return seen++ >= calls ? std::optional(Error{Code::io, "crash"}) : std::nullopt;
    });
    auto request = named(name);
    request.files["tasks.md"] = "- [ ] a\n";
    (void)create(request);
    is_over = seen <= calls ? 1 : 0;
    ops_->undisturbed();
    reopen();
    batch();
    batch();
    const size_t has_meta = disk().count("openspec/changes/" + name + "/.openspec.yaml");
    EXPECT_EQ(has_meta, disk().count("openspec/changes/" + name + "/tasks.md")) << name;
    for (const auto& [path, text] : disk()) {
      EXPECT_EQ(text, path.ends_with("tasks.md") ? "- [ ] a\n"
                                                 : "schema: spec-driven\ncreated: 2026-11-21\n");
    }
    expect_in_step();
    ASSERT_LT(calls, 500);
  }
}

}  // namespace
}  // namespace specd::sync
