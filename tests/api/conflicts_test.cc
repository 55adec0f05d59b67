#include <gtest/gtest.h>

#include "tests/api/api_fixture.h"

namespace specd::api {
namespace {

using testing::HasSubstr;

class ConflictsTest : public ApiTest {
 protected:
  // A conflict whose texts are all kept; those that are empty were never there.
  std::string add(const std::string& base, const std::string& disk, const std::string& row,
                  store::ConflictKind kind = store::ConflictKind::both_changed) {
    store::Conflict conflict{.project = project_, .spec = key("a"), .path = file_, .kind = kind};
    const auto keep = [&](const std::string& text) -> std::optional<Digest> {
      if (text.empty()) return std::nullopt;
      writing([&] { pull(file_, text); });
      return sha256(text);
    };
    conflict.base = keep(base);
    conflict.row = keep(row);
    conflict.disk = keep(disk);
    if (disk.empty()) {
      writing([&] {
        store::must(tables().files.soft_delete(project_, file_, rev(file_), store::kNow,
                                               store::OldContent::drop));
      });
    }
    conflict.detected_at = store::kNow;
    store::ConflictId id;
    writing([&] { id = store::must(tables().conflicts.add(conflict)); });
    return "/api/v1/conflicts/" + std::to_string(id.value);
  }

  const std::string file_ = path("a", "tasks.md");
};

TEST_F(ConflictsTest, AConflictHasAMerge) {
  const std::string body = get(add("a\nb\nc\nd\n", "A\nb\nc\nd\n", "a\nb\nc\nD\n")).body;
  EXPECT_EQ(at(body, "merge/content"), "A\nb\nc\nD\n");
  EXPECT_EQ(at(body, "merge/clean"), "true");
  EXPECT_EQ(at(body, "merge/conflicts"), "0");
  EXPECT_EQ(at(body, "merge_error"), "null");
  EXPECT_EQ(at(body, "undone"), "null");
}

TEST_F(ConflictsTest, WhereBothChangedTheSameMarkersShowItWhenTheyAreAskedFor) {
  const std::string conflict = add("a\n", "of the disk\n", "of the database\n");
  const std::string body = get(conflict).body;
  EXPECT_EQ(at(body, "merge/content"), "of the disk\n");
  EXPECT_EQ(at(body, "merge/clean"), "false");
  EXPECT_EQ(at(body, "merge/conflicts"), "1");
  EXPECT_EQ(at(get(conflict + "?markers=true").body, "merge/content"),
            "<<<<<<< what is on disk\nof the disk\n=======\nof the database\n>>>>>>> the edit\n");
}

TEST_F(ConflictsTest, FrontMattersAreMergedByField) {
  const std::string body = get(add("---\nstatus: planned\npriority: low\n---\n",
                                   "---\nstatus: done\npriority: low\n---\n",
                                   "---\nstatus: planned\npriority: high\n---\n"))
                               .body;
  EXPECT_EQ(at(body, "merge/content"), "---\nstatus: done\npriority: high\n---\n");
}

TEST_F(ConflictsTest, WhereNothingCanBeMergedItSaysWhy) {
  using enum store::ConflictKind;
  const auto why = [&](const std::string& conflict) {
    const std::string body = get(conflict).body;
    EXPECT_EQ(at(body, "merge"), "null");
    return at(body, "merge_error");
  };
  EXPECT_THAT(why(add("a\n", "", "b\n", deleted_on_disk)), HasSubstr("deleted on disk"));
  EXPECT_THAT(why(add("a\n", "b\n", "", deleted_in_db)), HasSubstr("the edit deleted the file"));
  EXPECT_THAT(why(add("a\n", "\xff\n", "b\n")), HasSubstr("what is on disk: it is no UTF-8 text"));
}

TEST_F(ConflictsTest, ATextThatIsNoLongerKeptIsNotMerged) {
  store::Conflict conflict{.project = project_, .spec = key("a"), .path = file_};
  conflict.base = conflict.disk = sha256("kept");
  conflict.row = sha256("not kept");
  conflict.detected_at = store::kNow;
  writing([&] {
    pull(file_, "kept");
    store::must(tables().conflicts.add(conflict));
  });
  EXPECT_THAT(at(get("/api/v1/conflicts/1").body, "merge_error"),
              HasSubstr("the edit is no longer kept"));
}

TEST_F(ConflictsTest, AFileThatBothMadeIsMerged) {
  EXPECT_EQ(at(get(add("", "a\n", "a\n")).body, "merge/clean"), "true");
}

TEST_F(ConflictsTest, AnOverwrittenPushTellsARevertFromAnEditor) {
  constexpr auto kKind = store::ConflictKind::overwritten;
  const std::string before = "a\nb\nc\n", pushed = "A\nb\nc\n";
  EXPECT_EQ(at(get(add(before, before, pushed, kKind)).body, "undone"), "reverted");
  const std::string body = get(add(before, "a\nb\nC\n", pushed, kKind)).body;
  EXPECT_EQ(at(body, "undone"), "overwritten");
  EXPECT_EQ(at(body, "merge/content"), "A\nb\nC\n");
}

TEST_F(ConflictsTest, ResolvedOnesAreListedWhenAllAreAskedFor) {
  add("a\n", "b\n", "c\n");
  add("a\n", "b\n", "d\n");
  writing([&] {
    store::must(tables().conflicts.resolve(store::ConflictId{1}, store::Resolution::dismissed,
                                           "somebody", store::kNow));
  });
  EXPECT_EQ(at(get("/api/v1/conflicts").body, "conflicts/1/id"), "nothing at conflicts/1/id");
  const std::string all = get("/api/v1/conflicts?all=true&limit=1").body;
  EXPECT_EQ(at(all, "conflicts/0/id"), "2");
  const std::string older = get("/api/v1/conflicts?all=true&before=" + at(all, "before")).body;
  EXPECT_EQ(at(older, "conflicts/0/resolution"), "dismissed");
  EXPECT_EQ(at(get("/api/v1/conflicts?all=true&project=alpha&spec=KEY-a").body, "conflicts/1/id"),
            "1");
}

TEST_F(ConflictsTest, TheMergeIsOfWhatTheFileHasByNow) {
  const std::string conflict = add("a\nb\nc\n", "a\nb\nC\n", "A\nb\nc\n");
  EXPECT_EQ(at(get(conflict).body, "present_version"), sha256("a\nb\nC\n").hex());
  // Saved since, and found when somebody asks.
  before_read_ = [this](const store::Project&, const std::string& path) {
    EXPECT_EQ(path, file_);
    writing([&] { pull(file_, "a\nb\nD\n"); });
  };
  const std::string body = get(conflict).body;
  EXPECT_EQ(at(body, "present"), "a\nb\nD\n");
  EXPECT_EQ(at(body, "present_version"), sha256("a\nb\nD\n").hex());
  EXPECT_EQ(at(body, "disk"), "a\nb\nC\n");
  EXPECT_EQ(at(body, "merge/content"), "A\nb\nD\n");
}

TEST_F(ConflictsTest, AFileThatIsGoneHasNoVersionAndNoMerge) {
  const std::string conflict = add("a\n", "b\n", "c\n");
  writing([&] {
    store::must(tables().files.soft_delete(project_, file_, rev(file_), store::kNow,
                                           store::OldContent::drop));
  });
  const std::string body = get(conflict).body;
  EXPECT_EQ(at(body, "present_version"), "null");
  EXPECT_THAT(at(body, "merge_error"), HasSubstr("the file is gone by now"));
}

/// How the API words what sync makes of a resolution.
class ResolveConflictTest : public ConflictsTest {
 protected:
  ResolveConflictTest() {
    services_.resolve = [this](ProjectId project, sync::ResolutionRequest request, SteadyTime,
                               const sync::ResolutionDone& done) {
      EXPECT_EQ(project, project_);
      asked_ = std::move(request);
      done(become_);
    };
    conflict_ = add("a\n", "b\n", "c\n");
  }
  test::RawResponse resolve(const std::string& body, const std::string& fields = "") {
    auto client = this->client();
    client.send_request("POST", conflict_ + "/resolve", fields, body);
    return client.read_response();
  }
  static sync::ResolutionAnswer edited(sync::FileEnd end) {
    sync::ResolutionAnswer answer;
    answer.edit = {.id = store::EditId{7}, .files = {{.path = "f", .end = end, .version = {}}}};
    return answer;
  }

  const std::string if_match_ = "If-Match: \"" + sha256("b\n").hex() + "\"\r\n";
  std::string conflict_;
  std::optional<sync::ResolutionRequest> asked_;
  Result<sync::ResolutionAnswer> become_ = sync::ResolutionAnswer{};
};

TEST_F(ResolveConflictTest, AMergeSaysWhichTextItIsMadeWith) {
  become_ = edited(sync::FileEnd::written);
  const auto answer =
      resolve(R"({"how": "merge", "content": "mine"})", if_match_ + "X-Specd-Actor: ann\r\n");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(at(answer.body, "edit"), "7");
  EXPECT_EQ(at(answer.body, "files/0/state"), "written");
  ASSERT_TRUE(asked_);
  EXPECT_EQ(asked_->end.conflict, store::ConflictId{1});
  EXPECT_EQ(asked_->end.how, store::Resolution::merged);
  EXPECT_EQ(asked_->content, "mine");
  EXPECT_EQ(asked_->expected.digest, sha256("b\n"));
  EXPECT_EQ(asked_->actor, "ann");
}

TEST_F(ResolveConflictTest, ARestoreOfAFileThatIsGoneSaysSo) {
  become_ = edited(sync::FileEnd::pending);
  const auto answer = resolve(R"({"how": "restore"})", "If-None-Match: *\r\n");
  EXPECT_EQ(answer.status, 202) << answer.body;
  EXPECT_EQ(answer.headers.at("Location"), "/api/v1/edits/7");
  EXPECT_EQ(asked_->end.how, store::Resolution::restored);
  EXPECT_EQ(asked_->expected.what, sync::Expected::What::nothing);
  EXPECT_EQ(asked_->content, std::nullopt);
}

TEST_F(ResolveConflictTest, ADismissalNeedsNoVersion) {
  const auto answer = resolve(R"({"how": "dismiss"})");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(at(answer.body, "edit"), "null");
  EXPECT_EQ(asked_->end.how, store::Resolution::dismissed);
}

TEST_F(ResolveConflictTest, WhatCannotBeMeantIsRefused) {
  for (const char* how : {"merge", "restore"}) {
    const std::string body = "{\"how\": \"" + std::string(how) + "\"}";
    expect_problem(resolve(body), 428, "precondition_required");
  }
  for (const char* body : {"{}", R"({"how": "apply"})", R"({"how": "merge", "force": true})",
                           R"({"how": "restore", "content": "x"})", R"({"how": 1})"})
    expect_problem(resolve(body, if_match_), 400, "invalid");
  EXPECT_FALSE(asked_);
  conflict_ = "/api/v1/conflicts/9";
  expect_problem(resolve(R"({"how": "dismiss"})"), 404, "not_found");
  conflict_ = "/api/v1/conflicts/x";
  expect_problem(resolve(R"({"how": "dismiss"})"), 400, "invalid");
}

TEST_F(ResolveConflictTest, SaysWhyItIsNotResolved) {
  const std::string merge = R"({"how": "merge"})";
  become_ = fail(Code::conflict, "tasks.md: has changed since it was read");
  expect_problem(resolve(merge, if_match_), 412, "stale");
  become_ = fail(Code::refused, "the spec is deleted");
  expect_problem(resolve(merge, if_match_), 403, "refused");
  become_ = sync::ResolutionAnswer{.end = sync::ResolutionAnswer::End::unclean, .places = 2};
  const auto unclean = resolve(merge, if_match_);
  expect_problem(unclean, 409, "unclean_merge");
  EXPECT_THAT(at(unclean.body, "detail"), HasSubstr("in 2 places"));
  become_ = edited(sync::FileEnd::overruled);
  expect_problem(resolve(merge, if_match_), 409, "overruled");
}

TEST_F(ResolveConflictTest, OneThatIsResolvedSaysHowAndByWhom) {
  store::Conflict was;
  writing([&] {
    store::must(tables().conflicts.resolve(store::ConflictId{1}, store::Resolution::restored, "ann",
                                           store::kNow));
    was = *store::must(tables().conflicts.get(store::ConflictId{1}));
  });
  const auto again = resolve(R"({"how": "merge"})");
  expect_problem(again, 409, "conflict");
  EXPECT_THAT(at(again.body, "detail"),
              HasSubstr("conflict 1 was restored by ann at 2027-01-15T08:00:00.000000Z already"));
  EXPECT_FALSE(asked_);
  // Resolved between the two looks.
  become_ = sync::ResolutionAnswer{.end = sync::ResolutionAnswer::End::was, .conflict = was};
  conflict_ = add("d\n", "e\n", "f\n");
  expect_problem(resolve(R"({"how": "dismiss"})"), 409, "conflict");
}

}  // namespace
}  // namespace specd::api
