// F40: an editor that had loaded the text before a push saves its own over it.

#include <gtest/gtest.h>

#include "tests/sync/engine_fixture.h"

namespace specd::sync {
namespace {

const std::string kFile = "openspec/changes/x/tasks.md";
const std::string kBefore = "# T\n\n- [ ] a\n- [ ] b\n- [ ] c\n\nEnd.\n";
const std::string kPushed = "# T\n\n- [x] a\n- [ ] b\n- [ ] c\n\nEnd.\n";

class OverwrittenTest : public EngineTest {
 protected:
  OverwrittenTest() {
    put(kFile, kBefore);
    add();
  }
  // As a pusher leaves it: edited through us, on disk, agreed on.
  void push(const std::string& text) {
    auto transaction = must(store_->begin());
    const auto row = must(tables().files.peek(project_, kFile));
    const auto intent = must(tables().edits.add(
        {.project = project_, .origin = "api", .actor = "ui", .at = clock_.wall()}));
    const auto rev = must(tables().files.edit({.project = project_,
                                               .path = kFile,
                                               .spec = row->spec,
                                               .role = row->role,
                                               .planned = row->rev,
                                               .content = text,
                                               .edit = intent,
                                               .now = clock_.wall()}));
    put(kFile, text);
    must(tables().states.agree({.project = project_,
                                .path = kFile,
                                .base = sha256(text),
                                .from_push = true,
                                .pushed_rev = *rev}));
    must(tables().dirty.clear(project_, kFile, *rev));
    must(transaction.commit());
  }
  void save(const std::string& text) {
    put(kFile, text);
    saved(kFile);
  }
  [[nodiscard]] bool is_displaced(const std::string& text) {
    auto kept = must(tables().rescued.list(project_, kFile, 100));
    for (auto& version : must(tables().versions.list(project_, kFile, 100)))
      kept.push_back(std::move(version));
    return std::ranges::any_of(kept, [&](const store::Version& version) {
      return version.digest == sha256(text) && version.reason == store::Reason::displaced;
    });
  }
  void expect_overwritten(const std::string& disk, const std::string& base) {
    expect_in_step();
    ASSERT_EQ(conflicts().size(), 1u);
    const store::Conflict conflict = conflicts()[0];
    EXPECT_EQ(conflict.kind, store::ConflictKind::overwritten);
    EXPECT_EQ(conflict.base, sha256(base));
    EXPECT_EQ(conflict.disk, sha256(disk));
    EXPECT_EQ(must(tables().versions.content(*conflict.base)), base);
    EXPECT_NE(conflict.edit.value, 0) << "that of the push";
    EXPECT_TRUE(is_displaced(must(tables().versions.content(*conflict.row))));
    EXPECT_EQ(std::ranges::count(events(), "conflict.detected"), 1);
  }
};

TEST_F(OverwrittenTest, F40AnOldTextThatIsSavedOverAPushIsAConflictThatKeepsBoth) {
  push(kPushed);
  const std::string save_of_editor = "# T\n\n- [ ] a\n- [ ] b\n- [ ] c\n\nThe end.\n";
  save(save_of_editor);
  expect_overwritten(save_of_editor, kBefore);
  EXPECT_EQ(row(kFile), save_of_editor) << "the disk wins";
  batch();
  EXPECT_TRUE(is_displaced(kPushed)) << "kept until dismissed";
}

TEST_F(OverwrittenTest, F40APushThatIsTakenBackIsOneToo) {
  push(kPushed);
  save(kBefore);
  expect_overwritten(kBefore, kBefore);
}

TEST_F(OverwrittenTest, F40OfSeveralPushesTheTextBeforeTheFirstIsLookedFor) {
  push("# T\n\n- [x] a\n- [ ] b\n- [ ] c\n\nEnd.\n");
  push("# T\n\n- [-] a\n- [ ] b\n- [ ] c\n\nEnd.\n");
  push("# T\n\n- [~] a\n- [ ] b\n- [ ] c\n\nEnd.\n");
  const std::string save_of_editor = "# T\n\n- [ ] a\n- [ ] b\n- [ ] c\n\nThe end.\n";
  save(save_of_editor);
  expect_overwritten(save_of_editor, kBefore);
}

TEST_F(OverwrittenTest, AnEditorThatHadLoadedThePushIsNoConflict) {
  push(kPushed);
  save("# T\n\n- [x] a\n- [ ] b\n- [ ] c\n\nThe end.\n");
  save("# T\n\n- [x] a, really\n- [ ] b\n- [ ] c\n\nThe end.\n");
  EXPECT_EQ(conflicts().size(), 0u);
  expect_in_step();
}

TEST_F(OverwrittenTest, ASaveThatTakesAnEarlierSaveBackIsNoConflict) {
  push(kPushed);
  save("# T\n\n- [x] a\n- [ ] b\n- [ ] c\n\nThe end.\n");
  save(kBefore);
  EXPECT_EQ(conflicts().size(), 0u) << "the base came from the disk";
}

TEST_F(OverwrittenTest, BytesThatAreNoTextAreComparedAsAWhole) {
  push("\xff pushed");
  save("\xff else");
  EXPECT_EQ(conflicts().size(), 0u);
  push("\xff pushed");
  save("\xff else");
  EXPECT_EQ(conflicts().size(), 1u);
}

}  // namespace
}  // namespace specd::sync
