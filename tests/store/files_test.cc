#include "store/files.h"

#include "tests/store/foreign_client.h"
#include "tests/store/store_fixture.h"

namespace specd::store {
namespace {

class FilesTest : public StoreTest {
 protected:
  const std::string tasks_ = path("a", "tasks.md");
};

TEST_F(FilesTest, APullMakesRowAndStateAgree) {
  facts_ = {.title = "T", .tasks_done = 1, .tasks_total = 3, .front_matter = "{}", .error = ""};
  writing([&] { EXPECT_TRUE(pull(tasks_, "one")); });
  EXPECT_EQ(row(tasks_).content, "one");
  EXPECT_EQ(row(tasks_).spec, key("a"));
  EXPECT_TRUE(row(tasks_).is_text);
  const FileState agreed = state(tasks_);
  EXPECT_EQ(agreed.base, sha256("one"));
  EXPECT_EQ(agreed.pushed_rev, row(tasks_).rev);
  EXPECT_EQ(agreed.fingerprint, kSeen);
  EXPECT_EQ(agreed.facts.tasks_total, 3);
  EXPECT_EQ(must(tables().dirty.count()), 0);
}

TEST_F(FilesTest, ASecondPullKeepsThePreviousBaseAndTheOldContent) {
  writing([&] { pull(tasks_, "one"); });
  writing([&] { EXPECT_TRUE(pull(tasks_, "two")); });
  EXPECT_EQ(state(tasks_).base, sha256("two"));
  EXPECT_EQ(state(tasks_).previous_base, sha256("one"));
  writing([&] { EXPECT_EQ(must(tables().rescued.move_to_versions(tables().versions, 10)), 1); });
  const auto versions = must(tables().versions.list(project_, tasks_, 10));
  ASSERT_EQ(versions.size(), 1u);
  EXPECT_EQ(versions[0].digest, sha256("one"));
  EXPECT_EQ(versions[0].reason, Reason::superseded);
  EXPECT_EQ(versions[0].origin, "disk");
  EXPECT_EQ(must(tables().versions.content(sha256("one"))), "one");
}

TEST_F(FilesTest, APullPlannedOnAnotherRevDoesNothing) {
  writing([&] { pull(tasks_, "one"); });
  const FileState before = state(tasks_);
  writing([&] {
    for (const int64_t stale : {int64_t{0}, rev(tasks_).value - 1, rev(tasks_).value + 1}) {
      EXPECT_FALSE(must(tables().files.pull({.project = project_,
                                             .path = tasks_,
                                             .spec = key("a"),
                                             .planned = Rev{stale},
                                             .content = "two",
                                             .digest = sha256("two"),
                                             .fingerprint = {},
                                             .facts = &facts_,
                                             .now = kNow})));
    }
  });
  EXPECT_EQ(row(tasks_).content, "one");
  EXPECT_EQ(state(tasks_).pushed_rev, before.pushed_rev);
  EXPECT_EQ(must(tables().rescued.count()), 0);
}

TEST_F(FilesTest, F26BytesThatAreNoTextAreStoredAsBlobAndComeBackExactly) {
  const std::string contents[] = {std::string("a\0b", 3), "\xff\xfe", "\xef\xbb\xbf# BOM\r\n", "",
                                  "no newline at end"};
  for (const std::string& content : contents) {
    writing([&] { EXPECT_TRUE(pull(tasks_, content)); });
    EXPECT_EQ(row(tasks_).content, content);
    EXPECT_EQ(row(tasks_).is_text, content.find('\0') == std::string::npos && content[0] != '\xff');
  }
}

TEST_F(FilesTest, AnEditMakesTheRowDirtyAndKeepsWhatItWritesOver) {
  writing([&] { pull(tasks_, "base"); });
  EditId edit;
  writing([&] {
    edit = must(tables().edits.add({.id = {},
                                    .project = project_,
                                    .spec = key("a"),
                                    .origin = "api",
                                    .actor = "ann",
                                    .at = kNow}));
    const auto rev = must(tables().files.edit({.project = project_,
                                               .path = tasks_,
                                               .spec = key("a"),
                                               .role = spec::Role::tasks,
                                               .planned = row(tasks_).rev,
                                               .content = "mine",
                                               .edit = edit,
                                               .now = kNow}));
    EXPECT_EQ(rev, row(tasks_).rev);
  });
  const auto dirty = must(tables().dirty.list(10));
  ASSERT_EQ(dirty.size(), 1u);
  EXPECT_FALSE(dirty[0].foreign);
  EXPECT_EQ(dirty[0].rev, row(tasks_).rev);
  EXPECT_EQ(state(tasks_).base, sha256("base"));
  EXPECT_NE(state(tasks_).pushed_rev, row(tasks_).rev);
  EXPECT_TRUE(must(tables().versions.has(project_, tasks_, sha256("base"))));
  EXPECT_EQ(must(tables().versions.content(sha256("base"))), "base");
  EXPECT_EQ(must(tables().edits.pending(edit)).size(), 1u);
  EXPECT_EQ(must(tables().files.unpushed(project_)).size(), 1u);
}

TEST_F(FilesTest, WhatWaitsToBeWrittenIsListedInPages) {
  writing([&] {
    must(tables().projects.add(project("beta")));
    for (const char* name : {"a", "b", "c", "d"}) pull(path("a", name), "base");
  });
  auto other = must(sqlite::Database::open(store_->path(), {}));
  must(
      other.script("UPDATE spec_files SET content = 'd' WHERE path LIKE '%/d';"
                   "UPDATE spec_files SET content = 'x' WHERE path NOT LIKE '%/d';"
                   "UPDATE specs SET change_id = 'other';"
                   "INSERT INTO spec_files (project, path, content) VALUES (2, 'e', 'y')"));
  writing([&] {
    must(tables().files.edit({.project = project_,
                              .path = path("a", "c"),
                              .spec = key("a"),
                              .role = spec::Role::tasks,
                              .planned = rev(path("a", "c")),
                              .content = "mine",
                              .now = kNow}));
  });
  std::vector<std::string> seen;
  std::optional<Dirty> last;
  for (size_t pages = 0; pages < 3; ++pages) {
    const auto page = must(tables().dirty.files(project_, last, 2));
    EXPECT_EQ(page.size(), pages < 2 ? 2u : 0u);
    for (const Dirty& row : page) seen.push_back(row.path);
    if (!page.empty()) last = page.back();
  }
  EXPECT_EQ(seen, (std::vector{path("a", "c"), path("a", "d"), path("a", "a"), path("a", "b")}))
      << "our own first, then the oldest";
  EXPECT_EQ(must(tables().dirty.count_files(project_)), 4);
  EXPECT_GE(must(tables().dirty.count(project_)), 4);
  EXPECT_EQ(must(tables().dirty.count(ProjectId{8})), 0);
}

TEST_F(FilesTest, AnEditPlannedOnAnotherRevDoesNothing) {
  writing([&] { pull(tasks_, "base"); });
  writing([&] {
    EXPECT_EQ(must(tables().files.edit({.project = project_,
                                        .path = tasks_,
                                        .spec = key("a"),
                                        .planned = Rev{0},
                                        .content = "mine",
                                        .edit = {},
                                        .now = kNow})),
              std::nullopt);
  });
  EXPECT_EQ(row(tasks_).content, "base");
  EXPECT_EQ(must(tables().dirty.count()), 0);
}

TEST_F(FilesTest, AnAgreementOnAnOlderRevLeavesALaterEditDirty) {
  writing([&] { pull(tasks_, "base"); });
  const auto edit = [&](std::string_view content) {
    return must(tables().files.edit({.project = project_,
                                     .path = tasks_,
                                     .spec = key("a"),
                                     .planned = rev(tasks_),
                                     .content = content,
                                     .edit = {},
                                     .now = kNow}))
        .value();
  };
  Rev first;
  writing([&] { first = edit("first"); });
  writing([&] { edit("second"); });
  writing([&] {
    must(tables().states.agree({.project = project_,
                                .path = tasks_,
                                .base = sha256("first"),
                                .from_push = true,
                                .pushed_rev = first,
                                .fingerprint = kSeen}));
    EXPECT_FALSE(must(tables().dirty.clear(project_, tasks_, first)));
  });
  EXPECT_EQ(must(tables().files.unpushed(project_)).size(), 1u);
  EXPECT_TRUE(state(tasks_).base_from_push);
  EXPECT_EQ(state(tasks_).previous_base, sha256("base"));
  writing([&] { EXPECT_TRUE(must(tables().dirty.clear(project_, tasks_, rev(tasks_)))); });
}

TEST_F(FilesTest, ASoftDeletedFileKeepsItsContentAndIsClean) {
  writing([&] { pull(tasks_, "one"); });
  writing([&] {
    EXPECT_FALSE(must(tables().files.soft_delete(project_, tasks_, Rev{99}, kNow)));
    EXPECT_TRUE(must(tables().files.soft_delete(project_, tasks_, rev(tasks_), kNow)));
  });
  EXPECT_EQ(row(tasks_).deleted_at, kNow);
  EXPECT_EQ(row(tasks_).content, "one");
  EXPECT_EQ(state(tasks_).base, std::nullopt);
  EXPECT_EQ(state(tasks_).previous_base, sha256("one"));
  EXPECT_EQ(state(tasks_).fingerprint, std::nullopt);
  EXPECT_EQ(must(tables().files.unpushed(project_)).size(), 0u);
  writing([&] { EXPECT_TRUE(pull(tasks_, "back")); });
  EXPECT_EQ(row(tasks_).deleted_at, std::nullopt);
}

TEST_F(FilesTest, AnEditThatADeletionOverrulesIsKeptAsDisplaced) {
  writing([&] { pull(tasks_, "one"); });
  ASSERT_TRUE(
      run_foreign(Client::shell, database_path(folder()), "UPDATE spec_files SET content = 'typed'")
          .ok);
  writing([&] {
    const auto keep = OldContent::keep_displaced;
    EXPECT_FALSE(must(tables().files.soft_delete(project_, tasks_, Rev{99}, kNow, keep)));
    EXPECT_TRUE(must(tables().files.soft_delete(project_, tasks_, rev(tasks_), kNow, keep)));
    must(tables().rescued.move_to_versions(tables().versions, 10));
  });
  const auto kept = must(tables().versions.list(project_, tasks_, 10));
  const auto displaced = std::find_if(kept.begin(), kept.end(), [](const Version& version) {
    return version.digest == sha256("typed");
  });
  ASSERT_NE(displaced, kept.end());
  EXPECT_EQ(displaced->reason, Reason::displaced);
  EXPECT_EQ(displaced->origin, "sql");
}

TEST_F(FilesTest, AllIsPushedUnlessARowIsDirtyOrMissing) {
  const auto all_pushed = [&] { return must(tables().files.all_pushed(project_)); };
  EXPECT_TRUE(all_pushed());
  writing([&] {
    pull(tasks_, "one");
    pull(path("a", "proposal.md"), "two");
    must(tables().states.set_error(project_, path("a", "bad"), key("a"), spec::Role::other, "why"));
  });
  EXPECT_TRUE(all_pushed());
  writing([&] { must(tables().files.soft_delete(project_, tasks_, rev(tasks_), kNow)); });
  EXPECT_TRUE(all_pushed());
  ASSERT_TRUE(run_foreign(Client::shell, database_path(folder()),
                          "UPDATE spec_files SET content = 'x' WHERE path LIKE '%/proposal.md'")
                  .ok);
  EXPECT_FALSE(all_pushed());
}

TEST_F(FilesTest, NotAllIsPushedWhereAForeignClientTookARowAway) {
  writing([&] { pull(tasks_, "one"); });
  ASSERT_TRUE(run_foreign(Client::shell, database_path(folder()), "DELETE FROM spec_files").ok);
  EXPECT_FALSE(must(tables().files.all_pushed(project_)));
}

// Found by NoLossTest: the row stayed unpushed for ever, since there was no state to agree in.
TEST_F(FilesTest, AForeignRowThatWasNeverPushedCanBeSoftDeleted) {
  auto other = must(sqlite::Database::open(store_->path(), {}));
  must(other.script("INSERT INTO spec_files (project, path, content) VALUES (1, 'made', 'y')"));
  writing(
      [&] { EXPECT_TRUE(must(tables().files.soft_delete(project_, "made", rev("made"), kNow))); });
  EXPECT_TRUE(must(tables().files.unpushed(project_)).empty());
  EXPECT_EQ(must(tables().dirty.count()), 0);
}

TEST_F(FilesTest, AssigningASpecLeavesCleanCleanAndDirtyDirty) {
  writing([&] { pull("clean", "x"); });
  auto other = must(sqlite::Database::open(store_->path(), {}));
  must(other.script("INSERT INTO spec_files (project, path, content) VALUES (1, 'made', 'y')"));
  EXPECT_EQ(must(tables().files.orphans(project_)).size(), 1u);
  const auto assign = [&](const std::string& file, Rev planned) {
    return must(tables().files.assign(project_, file, planned, key("b"), spec::Role::design));
  };
  writing([&] {
    EXPECT_EQ(assign("made", Rev{rev("made").value - 1}), std::nullopt);
    for (const char* file : {"clean", "made"}) {
      const auto assigned = assign(file, rev(file));
      EXPECT_EQ(assigned, rev(file));
    }
  });
  EXPECT_TRUE(must(tables().files.orphans(project_)).empty());
  EXPECT_EQ(row("made").spec, key("b"));
  EXPECT_EQ(row("made").role, spec::Role::design);
  EXPECT_EQ(state("clean").spec, key("b"));
  const auto unpushed = must(tables().files.unpushed(project_));
  ASSERT_EQ(unpushed.size(), 1u);
  EXPECT_EQ(unpushed[0].path, "made");
  const auto dirty = must(tables().dirty.list(9));
  ASSERT_EQ(dirty.size(), 1u);
  EXPECT_EQ(dirty[0].rev, row("made").rev);
}

TEST_F(FilesTest, StatesBelowAFolderAreNotThoseOfItsNeighbours) {
  writing([&] {
    for (const char* file : {"d/a", "d/b/c", "d.md", "d0", "d-x/y", "e"}) pull(file, "x");
  });
  std::vector<std::string> below;
  for (const FileState& state : must(tables().states.below(project_, "d"))) {
    below.push_back(state.path);
  }
  EXPECT_EQ(below, (std::vector<std::string>{"d/a", "d/b/c"}));
  std::vector<std::string> all;
  must(tables().states.each_look(project_,
                                 [&](const FileLook& file) { all.emplace_back(file.path); }));
  EXPECT_EQ(all, (std::vector<std::string>{"d-x/y", "d.md", "d/a", "d/b/c", "d0", "e"}));
}

TEST_F(FilesTest, ASummaryTellsOfFilesThatAreThereAndOfErrorsWithoutARow) {
  const auto fail_at = [&](const std::string& file, std::string_view error) {
    must(tables().states.set_error(project_, path("a", file), key("a"), spec::Role::other, error));
  };
  facts_.title = "T";
  writing([&] {
    pull(path("a", "in_step.md"), "x");
    pull(path("a", "dirty.md"), "y");
    pull(path("a", "gone.md"), "z");
    pull(path("b", "other.md"), "w", "b");
    must(tables().files.soft_delete(project_, path("a", "gone.md"), rev(path("a", "gone.md")),
                                    kNow));
    fail_at("gone.md", "an error of what has a row");
    fail_at("a-link.md", "a link");
    fail_at("a-fine.md", "");
    must(tables().files.edit({.project = project_,
                              .path = path("a", "dirty.md"),
                              .spec = key("a"),
                              .planned = rev(path("a", "dirty.md")),
                              .content = "edited",
                              .now = kNow}));
  });
  std::vector<std::string> seen;
  must(tables().files.each_of_spec(key("a"), [&](const FileSummary& file) {
    seen.push_back(std::string(file.path.substr(path("a", "").size())) + "|" +
                   std::string(file.title) + "|" + std::string(file.error) +
                   (file.base ? "|base" : "") + (file.is_in_step ? "|in step" : ""));
  }));
  EXPECT_EQ(seen, (std::vector<std::string>{"dirty.md|T||base", "in_step.md|T||base|in step",
                                            "a-link.md||a link"}));
}

TEST_F(FilesTest, TotalsOfASpecAreSumsOverItsFiles) {
  facts_ = {.title = "", .tasks_done = 2, .tasks_total = 5, .front_matter = {}, .error = ""};
  writing([&] {
    pull(tasks_, "x");
    pull(path("a", "more.md"), "y");
    must(tables().states.set_error(project_, path("a", "z.md"), key("a"), spec::Role::other,
                                   "too large"));
    pull(path("a", "gone.md"), "y");
    must(tables().files.soft_delete(project_, path("a", "gone.md"), rev(path("a", "gone.md")),
                                    kNow));
  });
  const Totals totals = must(tables().specs.totals(key("a")));
  EXPECT_EQ(totals.files, 3);
  EXPECT_EQ(totals.tasks_done, 4);
  EXPECT_EQ(totals.tasks_total, 10);
  EXPECT_EQ(totals.first_error, "openspec/changes/a/z.md: too large");
}

}  // namespace
}  // namespace specd::store
