#include "spec/edit_field.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace specd::spec {
namespace {

using Values = std::vector<std::string>;

std::string told(const Result<std::string>& edited) {
  return edited ? *edited
                : std::string(to_string(edited.error().code)) + ": " + edited.error().message;
}
std::string matter(const std::string& lines) {
  return "---\n" + lines + "---\n# T\nstatus: body\n";
}

TEST(EditField, OnlyTheBytesOfTheValueChange) {
  const struct {
    std::string before;
    std::string value;
    std::string after;
  } table[] = {
      {"status: planned\n", "complete", "status: complete\n"},
      {"status:   planned   # why\nb: 1\n", "x", "status:   x   # why\nb: 1\n"},
      {"# c\na: 1\nstatus: 'planned'\n", "x", "# c\na: 1\nstatus: 'x'\n"},
      {"status: \"planned\" # c\n", "x", "status: \"x\" # c\n"},
      {"status: planned\n", "yes", "status: 'yes'\n"},
      {"status: planned\n", "a: b", "status: 'a: b'\n"},
      {"status: planned\n", "a #b", "status: 'a #b'\n"},
      {"status: 'it''s'\n", "that's", "status: 'that''s'\n"},
      {"status: 'x'\n", "a\nb", "status: \"a\\nb\"\n"},
      {"status: \"a \\\" b\" # c\n", "x", "status: \"x\" # c\n"},
      {"status: 1\n", "2", "status: 2\n"},
      {"status: planned\n", "2", "status: '2'\n"},
      {"status: a#b # c\n", "x", "status: x # c\n"},
      {"status: a: b\n", "x", "invalid"},
      {"status:\n", "x", "status: x\n"},
      {"status: \n", "x", "status: x \n"},
      {"status: # c\n", "x", "status: x # c\n"},
      {"status: ~\n", "x", "status: x\n"},
      {"status: null # c\n", "x", "status: x # c\n"},
      {"status: ''\n", "x", "status: 'x'\n"},
      {"status: planned\n", "", "status: ''\n"},
      {"'status': planned\n", "x", "'status': x\n"},
      {"\"status\" : planned\n", "x", "\"status\" : x\n"},
      {"  a: 1\n  status: planned\n", "x", "  a: 1\n  status: x\n"},
      {"a: |\n  status: no\nstatus: planned\n", "x", "a: |\n  status: no\nstatus: x\n"},
      {"a: \"\n  status: no\"\nstatus: planned\n", "x", "a: \"\n  status: no\"\nstatus: x\n"},
      {"a:\n  status: no\nstatus: planned\n", "x", "a:\n  status: no\nstatus: x\n"},
      {"a: 1\n", "x", "a: 1\nstatus: x\n"},
      {"  a: 1\n", "x", "  a: 1\n  status: x\n"},
      {"a:\n  - b\n# c\n", "x", "a:\n  - b\n# c\nstatus: x\n"},
      {"a: |+\n  b\n\n", "x", "a: |+\n  b\n\nstatus: x\n"},
      {"", "x", "status: x\n"},
      {"# c\n", "x", "# c\nstatus: x\n"},
  };
  for (const auto& row : table) {
    const std::string edited = told(set_field(matter(row.before), "status", row.value));
    if (row.after == "invalid") {
      EXPECT_EQ(edited.substr(0, 7), row.after) << edited;
    } else {
      EXPECT_EQ(edited, matter(row.after)) << row.before;
    }
  }
}

TEST(EditField, WhatReadsSoAlreadyIsLeftAlone) {
  for (const char* line : {"status: yes  \n", "status: \"yes\"\n", "status: |-\n  yes\n",
                           "status: !!str yes\n", "status:\n  yes\n"}) {
    EXPECT_EQ(told(set_field(matter(line), "status", "yes")), matter(line));
  }
  EXPECT_EQ(told(set_list(matter("a: [b,  'c']\n"), "a", Values{"b", "c"})),
            matter("a: [b,  'c']\n"));
  EXPECT_EQ(told(set_list(matter("a: 1\n"), "b", {})), matter("a: 1\n"));
  EXPECT_EQ(told(set_list(matter("a:\n"), "a", {})), matter("a:\n"));
  EXPECT_EQ(told(remove_field(matter("a: 1\n"), "b")), matter("a: 1\n"));
  EXPECT_EQ(told(remove_field("# T\n", "b")), "# T\n");
}

TEST(EditField, LineEndsAndByteOrderMarkStay) {
  const std::string bom = "\xef\xbb\xbf";
  EXPECT_EQ(told(set_field(bom + "---\r\na: 1 # c\r\n---\r\nb", "a", "x")),
            bom + "---\r\na: x # c\r\n---\r\nb");
  EXPECT_EQ(told(set_field(bom + "---\r\na: 1\r\n...\r\nb", "c", "x")),
            bom + "---\r\na: 1\r\nc: x\r\n...\r\nb");
  EXPECT_EQ(told(set_field("---\r\na:\r\n---\r\n", "a", "x")), "---\r\na: x\r\n---\r\n");
  EXPECT_EQ(told(set_field("---\na: 1\n---", "a", "x")), "---\na: x\n---");
  EXPECT_EQ(told(set_list("---\r\na:\r\n- b\r\n---\r\n", "a", Values{"b", "c"})),
            "---\r\na:\r\n- b\r\n- c\r\n---\r\n");
}

TEST(EditField, WithoutFrontMatterOneIsMadeOnlyIfAsked) {
  EXPECT_EQ(told(set_field("# T\n", "a", "x")),
            "refused: no front matter: begin the file with --- lines");
  EXPECT_EQ(told(set_field("# T\n", "a", "x", NoMatter::create)), "---\na: x\n---\n# T\n");
  EXPECT_EQ(told(set_field("", "a", "x", NoMatter::create)), "---\na: x\n---\n");
  EXPECT_EQ(told(set_field("\xef\xbb\xbf# T\r\nb", "a", "x", NoMatter::create)),
            "\xef\xbb\xbf---\r\na: x\r\n---\r\n# T\r\nb");
  EXPECT_EQ(told(set_list("---\n- b\n---\n", "a", Values{"x", "z"}, NoMatter::create)),
            "---\na: [x, z]\n---\n---\n- b\n---\n");
  EXPECT_EQ(told(set_list("# T\n", "a", {}, NoMatter::create)), "# T\n");
  EXPECT_EQ(told(set_field("---\na: 1\n", "a", "x", NoMatter::create)).substr(0, 7), "invalid");
}

TEST(EditField, ListsKeepTheirWay) {
  const struct {
    std::string before;
    Values values;
    std::string after;
  } table[] = {
      {"t: [a, b]\n", {"a", "c"}, "t: [a, c]\n"},
      {"t: [ 'a',\"b\" ] # c\n", {"b", "x"}, "t: [ \"b\",\"x\" ] # c\n"},
      {"t: ['a', 'b']\n", {"b"}, "t: ['b']\n"},
      {"t: [a, b,]\n", {"a", "b", "c"}, "t: [a, b, c,]\n"},
      {"t: [a]\n", {"a", "b,c", "no", "d"}, "t: [a, 'b,c', 'no', d]\n"},
      {"t: [1]\n", {"1", "2"}, "t: [1, 2]\n"},
      {"t: [a, b] # c\n", {}, "t: [] # c\n"},
      {"t: []\n", {"a", "b"}, "t: [a, b]\n"},
      {"t: [ ]\n", {"a"}, "t: [a]\n"},
      {"t:\n", {"a"}, "t: [a]\n"},
      {"t: ~ # c\n", {"a"}, "t: [a] # c\n"},
      {"t: solo # c\n", {"a", "b"}, "t: [a, b] # c\n"},
      {"u: 1\n", {"a", "b"}, "u: 1\nt: [a, b]\n"},
      {"t:\n  - a\n  - b\nu: 1\n", {"a", "c", "b"}, "t:\n  - a\n  - c\n  - b\nu: 1\n"},
      {"t:\n- a\n- b\n", {"b"}, "t:\n- b\n"},
      {"t:\n-   'a' # x\n-   'b'\n", {"a", "c"}, "t:\n-   'a' # x\n-   'c'\n"},
      {"t: # c\n  - a # x\n  - b # y\n", {"b", "a"}, "t: # c\n  - b # y\n  - a # x\n"},
      {"t:\n  # one\n  - a\n\n  # two\n  - b\n  # end\nu: 1\n",
       {"b"},
       "t:\n  # one\n\n  # two\n  - b\n  # end\nu: 1\n"},
      {"t: # c\n  # one\n  - a\n  - b\nu: 1\n", {}, "t: [] # c\n  # one\nu: 1\n"},
      {"t:\n  - a\n  - a\n", {"a", "a", "a"}, "t:\n  - a\n  - a\n  - a\n"},
      {"t:\n  - a, b\n", {"a, b", "yes"}, "t:\n  - a, b\n  - 'yes'\n"},
  };
  for (const auto& row : table) {
    EXPECT_EQ(told(set_list(matter(row.before), "t", row.values)), matter(row.after)) << row.before;
  }
}

TEST(EditField, AFieldGoesWithItsLines) {
  const struct {
    std::string before;
    std::string after;
  } table[] = {
      {"a: 1\nt: x # c\nb: 2\n", "a: 1\nb: 2\n"},
      {"t:\nb: 2\n", "b: 2\n"},
      {"t: [a, b]\n# c\nb: 2\n", "# c\nb: 2\n"},
      {"t:\n  - a\n  - b\n# c\nb: 2\n", "# c\nb: 2\n"},
      {"t: ~\n", ""},
  };
  for (const auto& row : table) {
    EXPECT_EQ(told(remove_field(matter(row.before), "t")), matter(row.after)) << row.before;
  }
}

TEST(EditField, WhatCannotBeDoneSafelyIsRefusedWithALine) {
  for (const char* lines :
       {"a: 1\nstatus: |\n  b\n", "a: 1\nstatus: >-\n  b\n", "a: 1\nstatus: 'b\n  c'\n",
        "a: 1\nstatus: \"b\\\n  c\"\n", "a: 1\nstatus: b\n  c\n", "a: 1\nstatus: !!str b\n",
        "a: 1\nstatus: !x 'b'\n", "a: 1\nstatus: {b: c}\n", "a: 1\nstatus:\n  b: c\n",
        "a: 1\nstatus: !!null\n", "a: 1\n? status\n: b\n", "a: 1\n!!str status: b\n"}) {
    for (const std::string& edited : {told(set_field(matter(lines), "status", "x")),
                                      told(set_list(matter(lines), "status", Values{"x"})),
                                      told(remove_field(matter(lines), "status"))}) {
      EXPECT_EQ(edited.substr(0, 14), "refused: line ") << lines << edited;
      EXPECT_NE(std::string_view("34").find(edited[14]), std::string_view::npos) << edited;
      EXPECT_NE(edited.find("change it in an editor"), std::string::npos) << edited;
    }
  }
  EXPECT_EQ(told(set_field(matter("a: 1\nstatus:\n  b\n"), "status", "x")).substr(0, 14),
            "refused: line ");
  for (const char* lines :
       {"t: [a,\n  b]\n", "t:\n  [a]\n", "t: [a, {b: c}]\n", "t: [[a]]\n", "t: !x [a]\n",
        "t:\n  - a\n  - {b: c}\n", "t:\n  - - a\n", "t:\n  - |\n    a\n", "t:\n  - a\n    b\n",
        "t:\n  - !x a\n", "t: [a, ]\n  # c\n", "t:\n  -\n", "t: [a\n]\n", "t:\n  - x: y\n",
        "t: [ # c\n a]\n", "t: [a: b]\n"}) {
    const std::string edited = told(set_list(matter(lines), "t", Values{"x", "a"}));
    if (std::string_view(lines) == "t: [a, ]\n  # c\n") {
      EXPECT_EQ(edited, matter("t: [x, a, ]\n  # c\n"));
    } else {
      EXPECT_EQ(edited.substr(0, 14), "refused: line ") << lines << edited;
    }
  }
  EXPECT_EQ(told(set_field(matter("t: [a]\n"), "t", "x")),
            "refused: line 2: `t` is a list: change it in an editor");
  for (const char* lines : {"{a: 1, t: 2}\n", "{}\n", "? a\n: 1\n", "~\n", "a: 1\r\nb: '2\r3'\n"}) {
    EXPECT_EQ(told(set_field(matter(lines), "t", "x")).substr(0, 7), "refused") << lines;
  }
}

TEST(EditField, WhatCannotBeReadIsInvalid) {
  for (const char* lines : {"a: &x 1\nt: 1\n", "a: 1\na: 2\n", "a: [\n", "t: 'x\n", "t: *x\n"}) {
    EXPECT_EQ(told(set_field(matter(lines), "t", "y")).substr(0, 23), "invalid: front matter: ")
        << lines;
  }
  EXPECT_EQ(told(set_field(matter("a: 1\n") + "\xff", "a", "y")).substr(0, 7), "invalid");
  EXPECT_EQ(told(set_field(matter("a: 1\n"), "a", "\xff")).substr(0, 7), "invalid");
  EXPECT_EQ(told(set_field(matter("a: 1\n"), "a", std::string(1, '\0'))).substr(0, 7), "invalid");
  EXPECT_EQ(told(set_field(matter("a: 1\n"), "", "x")), "invalid: a field without a name");
  EXPECT_EQ(told(set_list(matter("a: 1\n"), "a", Values{"x", "\xff"})),
            "invalid: a value of `a` is not UTF-8");
  EXPECT_EQ(told(set_list(matter("a: 1\n"), "a", Values(1001))), "refused: more than 1000 values");
}

TEST(EditField, NamesAreQuotedWhereTheyMustBe) {
  EXPECT_EQ(told(set_field(matter("a: 1\n"), "yes", "x")), matter("a: 1\n'yes': x\n"));
  EXPECT_EQ(told(set_field(matter("'a: b': 1\n"), "a: b", "x")), matter("'a: b': x\n"));
}

}  // namespace
}  // namespace specd::spec
