#include "spec/tasks.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace specd::spec {
namespace {

using namespace std::string_literals;

TEST(Tasks, OneLineIsATaskOrNot) {
  enum class Is { none, open, done };
  const struct {
    std::string line;
    Is is;
  } table[] = {
      {"- [ ] a", Is::open},
      {"- [x] a", Is::done},
      {"- [X] a", Is::done},
      {"* [x] a", Is::done},
      {"+ [ ] a", Is::open},
      {"1. [x] a", Is::done},
      {"12) [ ] a", Is::open},
      {"123456789. [x]", Is::done},
      {"1234567890. [x]", Is::none},
      {". [x]", Is::none},
      {"1 [x]", Is::none},
      {"-1. [x]", Is::none},
      {"    - [x] nested", Is::done},
      {"\t- [ ] nested", Is::open},
      {"-[x]a", Is::done},
      {"- []", Is::open},
      {"- [  ] a", Is::open},
      {"- [ x ] a", Is::done},
      {"- [~] a", Is::open},
      {"- [-] a", Is::open},
      {"- [1] a", Is::open},
      {"- [[] a", Is::open},
      {"- [xx] a", Is::none},
      {"- [x x] a", Is::none},
      {"- [WIP] a", Is::none},
      {"- [x", Is::none},
      {"- [", Is::none},
      {"[x] a", Is::none},
      {"a - [x] b", Is::none},
      {"- a [x]", Is::none},
      {"- - [x]", Is::none},
      {"> - [x]", Is::none},
      {"- [a](link)", Is::none},
      {"- [x](link)", Is::none},
      {"- [1][ref]", Is::none},
      {"- [](link)", Is::none},
      {"- [ ](link)", Is::open},
      {"- [ ][ref]", Is::open},
      {"- [x] (aside)", Is::done},
      {"- []]", Is::open},
      {"\xef\xbb\xbf- [x] after a byte order mark", Is::done},
      {"\xc2\xa0-\xe3\x80\x80[\xe2\x80\xa8x\xe2\x80\xaf] every kind of space", Is::done},
      {"- [\xc2\xa0](link)", Is::open},
      {"\xc2\x85- [x] U+0085 is no white space", Is::none},
      {"\xe2\x80\x8b- [x] nor is U+200B", Is::none},
      {"- [\xe2\x9c\x93] one code unit", Is::open},
      {"- [\xf0\x9f\x9a\xa7] two code units", Is::none},
      {"- [\xd1\x85] a Cyrillic letter that looks like x", Is::open},
      {"- [\xff] one bad byte", Is::open},
      {"- [\xff\xff] two bad bytes", Is::none},
      {"- [\xe2\x9c] a cut character", Is::open},
      {"- [\0] a"s, Is::open},
      {"", Is::none},
  };
  for (const auto& row : table) {
    const TaskCount count = count_tasks(row.line);
    EXPECT_EQ(count.total, row.is == Is::none ? 0u : 1u) << row.line;
    EXPECT_EQ(count.done, row.is == Is::done ? 1u : 0u) << row.line;
  }
}

TEST(Tasks, OnlyLineFeedsEndLines) {
  EXPECT_EQ(count_tasks("- [x] a\n- [ ] b\n"), (TaskCount{1, 2}));
  EXPECT_EQ(count_tasks("- [x] a\r\n- [ ] b\r\n"), (TaskCount{1, 2}));
  EXPECT_EQ(count_tasks("- [x] a\r- [ ] b\r"), (TaskCount{1, 1}));
  EXPECT_EQ(count_tasks("no task\r- [ ] b"), (TaskCount{0, 0}));
  EXPECT_EQ(count_tasks("\r \r- [ ] b"), (TaskCount{0, 1}));
  EXPECT_EQ(count_tasks("- [x] a\n"s + "- [x] b"), (TaskCount{2, 2}));
}

TEST(Tasks, FencesAndCommentsCount) {
  EXPECT_EQ(count_tasks("```\n- [ ] a\n```\n<!--\n- [x] b\n-->\n"), (TaskCount{1, 2}));
}

TEST(Tasks, DescriptionsEndWithTheLineAsJavaScriptSeesIt) {
  const std::vector<Task> found = tasks(
      "# Plan\n\n- [x] 1.1 first  \r\n text [a]\n  * [ ]\xc2\xa0two\xe2\x80\xa8three\n- [ ]\n"
      "- [x]a\xff");
  ASSERT_EQ(found.size(), 4u);
  EXPECT_EQ(found[0].line, 3u);
  EXPECT_EQ(found[0].text, "1.1 first");
  EXPECT_TRUE(found[0].done);
  EXPECT_EQ(found[1].line, 5u);
  EXPECT_EQ(found[1].text, "two");
  EXPECT_FALSE(found[1].done);
  EXPECT_EQ(found[2].text, "");
  EXPECT_EQ(found[3].line, 7u);
  EXPECT_EQ(found[3].text, "a\xef\xbf\xbd");
}

// Lines out of everything that the rule looks at, and some that it does not.
rc::Gen<std::string> text_of_tasks() {
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(
                          rc::gen::elementOf(std::vector<std::string>{"-",
                                                                      "*",
                                                                      "1.",
                                                                      " ",
                                                                      "\t",
                                                                      "\r",
                                                                      "\n",
                                                                      "\n",
                                                                      "[",
                                                                      "]",
                                                                      "[ ]",
                                                                      "[x]",
                                                                      "x",
                                                                      "(",
                                                                      "a",
                                                                      "\xc2\xa0",
                                                                      "\xe2\x80\xa8",
                                                                      "\xff",
                                                                      "\xf0\x9f\x9a\xa7",
                                                                      "- [x] ",
                                                                      "- [ ] ",
                                                                      "\n- [X] "})),
                      [](const std::vector<std::string>& parts) {
                        std::string text;
                        for (const std::string& part : parts) text += part;
                        return text;
                      });
}

RC_GTEST_PROP(Tasks, TheFastCountIsTheCountOfTheTasks, ()) {
  const std::string text = *text_of_tasks();
  TaskCount count;
  for (const Task& task : tasks(text)) {
    ++count.total;
    count.done += task.done ? 1 : 0;
  }
  RC_ASSERT(count_tasks(text) == count);
}

RC_GTEST_PROP(Tasks, LinesCountByThemselves, ()) {
  const std::string text = *text_of_tasks();
  TaskCount sum;
  for (size_t start = 0;;) {
    const size_t feed = text.find('\n', start);
    const TaskCount one = count_tasks(std::string_view(text).substr(start, feed - start));
    sum.done += one.done;
    sum.total += one.total;
    if (feed == std::string::npos) break;
    start = feed + 1;
  }
  RC_ASSERT(count_tasks(text) == sum);
}

RC_GTEST_PROP(Tasks, AnyBytesAreSafe, (const std::string& noise)) {
  const TaskCount count = count_tasks(noise);
  RC_ASSERT(count.done <= count.total);
}

TEST(Tasks, ManyBracketsInALineCostNoMoreThanTheLine) {
  const std::string text(4'000'000, '[');
  EXPECT_EQ(count_tasks(text), (TaskCount{0, 0}));
}

}  // namespace
}  // namespace specd::spec
