#include "spec/edit_task.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "spec/tasks.h"

namespace specd::spec {
namespace {

std::string marked(std::string_view content, uint32_t line, std::string_view text, TaskMark mark) {
  const Result<std::string> edited = mark_task(content, line, text, mark);
  return edited ? *edited
                : std::string(to_string(edited.error().code)) + ": " + edited.error().message;
}

TEST(EditTask, OneByteIsChanged) {
  const struct {
    std::string open;
    std::string done;
  } table[] = {
      {"- [ ] a", "- [x] a"},
      {"  * [ ]a\r\n", "  * [x]a\r\n"},
      {"\xef\xbb\xbf"
       "1. [ ] a",
       "\xef\xbb\xbf"
       "1. [x] a"},
      {"- [  ] a", "- [x ] a"},
      {"- [  ] (a)", "- [x ] (a)"},
      {"-[\t]a", "-[x]a"},
      {"- [~] a", "- [x] a"},
      {"- [\xe2\x9c\x93] a", "- [x] a"},
      {"- [\xc2\xa0] a", "- [x] a"},
      {"- [ ~ ] a", "- [ x ] a"},
      {"- [] a", "- [x] a"},
  };
  for (const auto& row : table) {
    const std::string text = tasks(row.open).at(0).text;
    EXPECT_EQ(marked(row.open, 1, text, TaskMark::done), row.done);
    EXPECT_EQ(marked(row.done, 1, text, TaskMark::done), row.done);
    EXPECT_EQ(marked(row.open, 1, text, TaskMark::open), row.open);
  }
  EXPECT_EQ(marked("- [X] a", 1, "a", TaskMark::done), "- [X] a");
  EXPECT_EQ(marked("- [X] a", 1, "a", TaskMark::open), "- [ ] a");
  EXPECT_EQ(marked("- [ x ] a", 1, "a", TaskMark::open), "- [   ] a");
}

TEST(EditTask, LinesAreThoseOfTheFile) {
  EXPECT_EQ(marked("# T\n\n- [ ] a\n- [ ] a\n", 4, "a", TaskMark::done),
            "# T\n\n- [ ] a\n- [x] a\n");
}

TEST(EditTask, WhatMovedIsAConflictThatSaysWhereItIs) {
  const std::string_view content = "- [ ] b\n- [ ] a\n- [ ] c\n- [ ] c\ntext\n";
  EXPECT_EQ(marked(content, 1, "a", TaskMark::done),
            "conflict: line 1 is the task \"b\"; \"a\" is in line 2 now");
  EXPECT_EQ(marked(content, 5, "a", TaskMark::done),
            "conflict: line 5 is no task but \"text\"; \"a\" is in line 2 now");
  EXPECT_EQ(marked(content, 99, "c", TaskMark::done),
            "conflict: there is no line 99; \"c\" stands there 2 times: read the tasks again");
  EXPECT_EQ(marked(content, 0, "x", TaskMark::done),
            "conflict: there is no line 0; \"x\" is no task of this file any more: read its tasks "
            "again");
  EXPECT_EQ(marked(content, 6, "a", TaskMark::done),
            "conflict: there is no line 6; \"a\" is in line 2 now");
  EXPECT_EQ(marked(content, 1, "B", TaskMark::done).substr(0, 8), "conflict");
}

TEST(EditTask, ABoxThatWouldBecomeALinkIsRefused) {
  for (const char* content : {"- [ ](there)", "- [ ][there]", "x\n- [ ](there)\n- [ ] a\n"}) {
    const Task task = tasks(content).at(0);
    const Result<std::string> edited = mark_task(content, task.line, task.text, TaskMark::done);
    ASSERT_FALSE(edited) << *edited;
    EXPECT_EQ(edited.error().code, Code::refused);
    EXPECT_NE(edited.error().message.find("put a space behind it"), std::string::npos);
  }
}

TEST(EditTask, TextThatIsNotUtf8IsRefused) {
  EXPECT_EQ(marked("- [ ] a\n\xff", 1, "a", TaskMark::done),
            "refused: not UTF-8: change it in an editor");
}

RC_GTEST_PROP(EditTask, AnyTaskIsMarkedAndNothingElse, ()) {
  const auto pieces = *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(
      std::vector<std::string>{"-", "1.", " ", "\r", "\n", "\n- [ ] ", "\n* [x] ", "[", "]", "[]",
                               "x", "~", "(", "a", "\xc2\xa0", "\xe2\x9c\x93", "\xe2\x80\xa8"}));
  std::string content;
  for (const std::string& piece : pieces) content += piece;
  const std::vector<Task> before = tasks(content);
  for (size_t i = 0; i < before.size(); ++i) {
    const TaskMark mark = before[i].done ? TaskMark::open : TaskMark::done;
    const Result<std::string> edited = mark_task(content, before[i].line, before[i].text, mark);
    if (!edited) {
      RC_ASSERT(edited.error().code == Code::refused);
      continue;
    }
    const std::vector<Task> after = tasks(*edited);
    RC_ASSERT(after.size() == before.size());
    for (size_t k = 0; k < after.size(); ++k) {
      RC_ASSERT(after[k].text == before[k].text && after[k].line == before[k].line);
      RC_ASSERT((after[k].done != before[k].done) == (k == i));
    }
  }
}

}  // namespace
}  // namespace specd::spec
