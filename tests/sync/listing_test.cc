// Folders that cannot be listed: what is there is not known, and so nothing is gone.

#include <gtest/gtest.h>

#include "tests/sync/fault_fixture.h"

namespace specd::sync {
namespace {

using spec::Kind;
using What = Hint::What;

TEST_F(FaultTest, AnIncompleteListingDeletesNothing) {
  put("openspec/changes/x/tasks.md", "one");
  put("openspec/changes/y/tasks.md", "two");
  add();
  remove("openspec/changes/y");
  fault_ = [](Call call, const std::string& path) {
    return call == Call::list && path == "openspec/changes"
               ? std::optional(Error{Code::io, "list: I/O error", EIO})
               : std::nullopt;
  };
  batch();
  grace();
  EXPECT_TRUE(live(Kind::change, "x"));
  EXPECT_TRUE(live(Kind::change, "y"));
  EXPECT_NE(engine_->status().failure, "");
  fault_ = nullptr;
  wait(std::chrono::seconds(10));
  batch();
  grace();
  EXPECT_FALSE(live(Kind::change, "y"));
  EXPECT_EQ(engine_->status().failure, "");
  expect_in_step();
}

TEST_F(FaultTest, AProjectThatCannotBeListedKeepsNoOtherProjectWaiting) {
  put("openspec/changes/x/tasks.md", "one");
  add();
  const std::string other = dir_.path() + "/other";
  std::filesystem::create_directories(other + "/openspec/changes/y");
  std::ofstream(other + "/openspec/changes/y/tasks.md") << "one";
  const store::Project second = must(engine_->add_project(other, "other"));
  rounds();
  // Only the first project has `changes/x`: its listing fails from now on.
  fault_ = [&](Call call, const std::string& path) {
    return call == Call::list && path == "openspec/changes" &&
                   std::filesystem::exists(at("openspec/changes/x/broken"))
               ? std::optional(Error{Code::io, "list: I/O error", EIO})
               : std::nullopt;
  };
  put("openspec/changes/x/broken", "");
  hint(What::everywhere, "");
  EXPECT_NE(engine_->status().failure, "");
  fault_ = [&](Call call, const std::string& path) {
    return call == Call::list && path == "openspec/specs"
               ? std::optional(Error{Code::io, "list: I/O error", EIO})
               : std::nullopt;
  };
  std::ofstream(other + "/openspec/changes/y/tasks.md") << "two";
  engine_->post({{second.id, What::file, "openspec/changes/y/tasks.md", ""}});
  rounds();
  EXPECT_EQ(must(tables().files.get(second.id, "openspec/changes/y/tasks.md"))->content, "two");
}

TEST_F(FaultTest, AFolderThatCannotBeListedIsToldAndTheRestOfItsSpecGoesOn) {
  put("openspec/changes/x/tasks.md", "- [ ] one");
  put("openspec/changes/x/specs/a/spec.md", "two");
  add();
  const std::string before = key(Kind::change, "x");
  break_list("openspec/changes/x/specs");
  put("openspec/changes/x/tasks.md", "- [x] three");
  put("openspec/changes/x/design.md", "new");
  hint(What::subtree, "openspec/changes/x");
  EXPECT_EQ(row("openspec/changes/x/tasks.md"), "- [x] three");
  EXPECT_EQ(row("openspec/changes/x/design.md"), "new");
  EXPECT_EQ(row("openspec/changes/x/specs/a/spec.md"), "two");
  EXPECT_NE(live(Kind::change, "x")->sync_error.find("specs: cannot be listed: Permission denied"),
            std::string::npos)
      << live(Kind::change, "x")->sync_error;
  for (int i = 0; i < 3; ++i) batch();
  EXPECT_EQ(failures(), 1u) << "one row per change of an error";
  EXPECT_EQ(row("openspec/changes/x/specs/a/spec.md"), "two");
  EXPECT_EQ(status().failure, "") << "of one spec, not of the project";

  fault_ = nullptr;
  batch();
  EXPECT_EQ(live(Kind::change, "x")->sync_error, "");
  EXPECT_EQ(key(Kind::change, "x"), before);
  expect_in_step();
}

TEST_F(FaultTest, ASpecWhoseFolderCannotBeListedStaysAsItWasAndIsTold) {
  put("openspec/changes/x/tasks.md", "- [ ] one\n- [x] two");
  put("openspec/specs/pay/spec.md", "# Pay");
  put("openspec/specs/pay/card/spec.md", "# Card");
  add();
  const auto before = rows();
  break_list("openspec/changes/x");
  batch();
  break_list("openspec/specs/pay/card");
  for (int i = 0; i < 3; ++i) batch();
  grace();
  EXPECT_EQ(rows(), before);
  EXPECT_TRUE(deleted_events().empty());
  EXPECT_NE(live(Kind::capability, "pay/card")->sync_error.find("Permission denied"),
            std::string::npos);
  EXPECT_EQ(live(Kind::capability, "pay/card")->title, "Card");
  EXPECT_EQ(live(Kind::capability, "pay")->sync_error, "");
  EXPECT_EQ(verified(), std::vector<std::string>{"openspec/specs/pay/card: cannot be listed"});
  break_list("openspec/changes/x");
  batch();
  EXPECT_NE(live(Kind::change, "x")->sync_error.find("Permission denied"), std::string::npos);
  EXPECT_EQ(live(Kind::change, "x")->tasks_done, 1);
  EXPECT_EQ(live(Kind::change, "x")->tasks_total, 2);
  reopen();
  EXPECT_EQ(rows(), before);
  fault_ = nullptr;
  batch();
  EXPECT_EQ(live(Kind::change, "x")->sync_error, "");
  EXPECT_EQ(live(Kind::capability, "pay/card")->sync_error, "");
  expect_in_step();
}

TEST_F(FaultTest, AFolderOfCapabilitiesThatCannotBeListedIsToldByEachOfThem) {
  put("openspec/specs/x/k/spec.md", "# K");
  put("openspec/specs/x/l/spec.md", "# L");
  settle("openspec/specs/x/l/spec.md");
  add();
  break_list("openspec/specs/x");
  batch();
  for (const char* id : {"x/k", "x/l"}) {
    EXPECT_NE(live(Kind::capability, id)->sync_error.find("specs/x: cannot be listed"),
              std::string::npos)
        << id;
  }
  fault_ = nullptr;
  batch();
  for (const char* id : {"x/k", "x/l"}) EXPECT_EQ(live(Kind::capability, id)->sync_error, "");
  expect_in_step();
}

TEST_F(FaultTest, F17AFolderThatCannotBeListedIsKnownAgainElsewhere) {
  put("openspec/changes/a/tasks.md", "one");
  put("openspec/changes/b/tasks.md", "two");
  add();
  const std::string a = key(Kind::change, "a"), b = key(Kind::change, "b");
  exchange("openspec/changes/a", "openspec/changes/b");
  break_list("openspec/changes/b");
  engine_->post({{project_, What::moved, "openspec/changes/b", "openspec/changes/a"},
                 {project_, What::moved, "openspec/changes/a", "openspec/changes/b"}});
  rounds();
  grace();
  EXPECT_TRUE(deleted_events().empty());
  EXPECT_EQ(key(Kind::change, "b"), a);
  EXPECT_EQ(key(Kind::change, "a"), b);
  fault_ = nullptr;
  batch();
  expect_in_step();
}

TEST_F(FaultTest, F65WithoutDescriptorsAUnitIsListedAgainSoon) {
  put("openspec/changes/x/tasks.md", "one");
  add();
  fault_ = [](Call call, const std::string& path) {
    return call == Call::list && path == "openspec/changes/x"
               ? std::optional(Error{Code::io, "list: Too many open files", EMFILE})
               : std::nullopt;
  };
  put("openspec/changes/x/proposal.md", "two");
  hint(What::subtree, "openspec/changes/x");
  EXPECT_EQ(live(Kind::change, "x")->sync_error, "") << "it passes";
  fault_ = nullptr;
  wait(std::chrono::seconds(1));
  expect_in_step();
}

TEST_F(FaultTest, AParentThatCannotBeListedKeepsNothingElseWaiting) {
  put("openspec/changes/x/tasks.md", "one");
  put("openspec/changes/archive/2026-01-01-y/tasks.md", "two");
  add();
  fault_ = [](Call call, const std::string& at) -> std::optional<Error> {
    if (call != Call::list || at != "openspec/changes/archive") return std::nullopt;
    return Error{Code::io, "list openspec/changes/archive: Permission denied", EACCES};
  };
  put("openspec/changes/x/tasks.md", "three");
  is_ready_ = false;
  reopen();
  EXPECT_TRUE(is_ready_);
  EXPECT_EQ(row("openspec/changes/x/tasks.md"), "three");
  EXPECT_NE(status().failure.find("Permission denied"), std::string::npos);
  for (int i = 0; i < 3; ++i) batch();
  grace();
  EXPECT_TRUE(live(Kind::archived, "2026-01-01-y")) << "not seen is not gone";
  fault_ = nullptr;
  batch();
  EXPECT_EQ(status().failure, "");
  expect_in_step();
}

}  // namespace
}  // namespace specd::sync
