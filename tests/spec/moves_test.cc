#include "spec/moves.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace specd::spec {
namespace {

// "from: to to" for each status of the vocabulary.
std::string table(const Workflow& workflow) {
  std::string lines;
  for (const std::string& from : workflow.statuses) {
    lines += from + ":";
    for (const std::string& to : moves_from(workflow, from)) lines += " " + to;
    lines += "\n";
  }
  return lines;
}

TEST(Moves, AnOpenSpecChangeGoesOneStepForwardAndAnyNumberBack) {
  EXPECT_EQ(table(Workflows().openspec),
            "proposing: approved\n"
            "approved: proposing assigned\n"
            "assigned: proposing approved in_progress\n"
            "in_progress: proposing approved assigned review done\n"
            "review: proposing approved assigned in_progress done\n"
            "done: proposing approved assigned in_progress review\n");
}

TEST(Moves, ALeanSpecFolderCanBeArchivedFromAnywhere) {
  EXPECT_EQ(table(Workflows().leanspec),
            "draft: planned archived\n"
            "planned: draft in-progress archived\n"
            "in-progress: draft planned complete archived\n"
            "complete: draft planned in-progress archived\n"
            "archived: draft planned in-progress complete\n");
}

// All pairs: what may be reached is what is listed, and to stay is no move.
TEST(Moves, WhatIsListedIsWhatIsAllowed) {
  Workflow own = Workflows().openspec;
  own.moves = {{"proposing", "done"}, {"review", "in_progress"}};
  for (const Workflow& workflow : {Workflows().openspec, Workflows().leanspec, own}) {
    for (const std::string& from : workflow.statuses) {
      const auto open = moves_from(workflow, from);
      for (const std::string& to : workflow.statuses) {
        const bool is_listed = std::ranges::count(open, to) == 1;
        EXPECT_EQ(may_move(workflow, from, to), is_listed || from == to) << from << ">" << to;
      }
    }
  }
  EXPECT_EQ(table(own),
            "proposing: done\napproved:\nassigned:\nin_progress:\nreview: in_progress\ndone:\n");
}

TEST(Moves, AWordThatNobodyKnowsStandsInNobodysWay) {
  const Workflow workflow = Workflows().openspec;
  for (const char* unknown : {"", "wip", "Done", "blocked"}) {
    for (const std::string& known : workflow.statuses) {
      EXPECT_TRUE(may_move(workflow, known, unknown)) << known << unknown;
      EXPECT_TRUE(may_move(workflow, unknown, known)) << known << unknown;
    }
    EXPECT_TRUE(is_to_do(workflow, unknown));
  }
}

TEST(Moves, SpellingsOfOneStatusAreTheSame) {
  const Workflow workflow = Workflows().leanspec;
  EXPECT_TRUE(may_move(workflow, "in_progress", "completed"));
  EXPECT_FALSE(may_move(workflow, "planned", "completed"));
  EXPECT_TRUE(may_move(workflow, "inprogress", "in-progress"));
}

TEST(Moves, WhoClaimsWorksAndWhoCompletesLeavesTheRestToOthers) {
  EXPECT_EQ(working_status(Workflows().openspec), "in_progress");
  EXPECT_EQ(completed_status(Workflows().openspec), "review");
  EXPECT_EQ(working_status(Workflows().leanspec), "in-progress");
  EXPECT_EQ(completed_status(Workflows().leanspec), "complete");
  const auto left = [](const Workflow& workflow) {
    std::string words;
    for (const std::string& status : workflow.statuses) {
      if (is_to_do(workflow, status)) words += status + " ";
    }
    return words;
  };
  EXPECT_EQ(left(Workflows().openspec), "proposing approved assigned in_progress ");
  EXPECT_EQ(left(Workflows().leanspec), "draft planned in-progress ");
}

TEST(Moves, AVocabularyHasWordsForWorkAndItsEnd) {
  EXPECT_TRUE(check_statuses({"idea", "in_progress", "qa", "done"}));
  EXPECT_TRUE(check_statuses({"in-progress", "complete"}));
  for (const std::vector<std::string>& bad :
       std::vector<std::vector<std::string>>{{},
                                             {"in_progress"},
                                             {"done"},
                                             {"done", "in_progress"},
                                             {"in_progress", "in-progress", "done"},
                                             {"", "in_progress", "done"},
                                             {"a>b", "in_progress", "done"},
                                             {"in_progress", "done", "two\nlines"}}) {
    EXPECT_FALSE(check_statuses(bad)) << bad.size();
  }
}

TEST(Moves, AreWrittenAsPairsOfKnownWords) {
  const auto move = parse_move("approved>assigned");
  ASSERT_TRUE(move);
  EXPECT_EQ(to_string(*move), "approved>assigned");
  for (const char* bad : {"", ">", "a", "a>", ">b", "a>b>c"}) EXPECT_FALSE(parse_move(bad)) << bad;
  Workflow workflow = Workflows().openspec;
  workflow.moves = {*move};
  EXPECT_TRUE(check_moves(workflow));
  workflow.moves = {{"approved", "shipped"}};
  EXPECT_EQ(check_moves(workflow).error().message,
            "approved>shipped: \"shipped\" is none of the statuses");
}

}  // namespace
}  // namespace specd::spec
