// Random front matters, edited at random. The model: what was read before, with one field put in,
// is what is read after; and the text in front of that field and behind it is there unchanged.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "spec/edit_field.h"
#include "spec/edit_leanspec.h"
#include "spec/frontmatter.h"

namespace specd::spec {
namespace {

using rc::gen::elementOf;

// How one field is written, behind its name.
struct Piece {
  std::string name;
  std::string text;
  enum class Is { scalar, list, hard } is;
};

struct Made {
  std::vector<Piece> pieces;
  std::string head;  // all that stands in front of the first field
  std::string tail;  // and behind the last
};

// "$" is the line end.
const std::vector<std::string> kScalars = {": a$",
                                           ": 'it''s'  # c$",
                                           ": \"a \\\" # b\"$",
                                           ":$",
                                           ": # c$",
                                           ": ~$",
                                           " :  x # c$",
                                           ": 1$",
                                           ": 2026-01-02$",
                                           ": ''$",
                                           ": a#b # c$",
                                           ": \xc3\xa4 \xe4\xb8\xad$",
                                           ": a$$# c$$"};
const std::vector<std::string> kLists = {
    ": [a, 'b']$",          ": []  # c$",  ": [ \"a\" ,b, ]$",
    ":$  - a$  - 'b' # c$", ":$- a$- b$",  ": # c$  # one$  - a$$  # two$  - b$  # end$",
    ":$    -   a$",         ": ['a']$# c$"};
const std::vector<std::string> kHard = {": |$  a$  status: b$",
                                        ": >-$  a$",
                                        ": 'a$  b'$",
                                        ":$  status: a$  x: b$",
                                        ": {status: a}$",
                                        ": !!str a$",
                                        ": a$  b$",
                                        ": [a,$  b]$",
                                        ":$  - status: a$    at: b$",
                                        ":$  a$"};

std::string with_line_ends(std::string text, std::string_view ending) {
  for (size_t at = 0; (at = text.find('$', at)) != std::string::npos; at += ending.size()) {
    text.replace(at, 1, ending);
  }
  return text;
}

Made make() {
  const std::string ending = *elementOf(std::vector<std::string>{"\n", "\r\n"});
  Made made;
  made.head = *elementOf(std::vector<std::string>{"", "\xef\xbb\xbf"}) + "---" + ending +
              with_line_ends(*elementOf(std::vector<std::string>{"", "# c$", "$"}), ending);
  for (const std::string name : {"status", "tags", "'a b'", "zeta"}) {
    const auto is = *elementOf(std::vector{Piece::Is::scalar, Piece::Is::list, Piece::Is::hard});
    const auto& texts = is == Piece::Is::scalar ? kScalars : is == Piece::Is::list ? kLists : kHard;
    const std::string text = *elementOf(texts);
    if (*rc::gen::inRange(0, 5) == 0) continue;
    made.pieces.push_back({name, with_line_ends(name + text, ending), is});
  }
  made.tail = with_line_ends(
      *elementOf(std::vector<std::string>{"---", "---$", "...$# T$status: b", "---$$- [ ] a$"}),
      ending);
  return made;
}

std::string text_of(const Made& made) {
  std::string text = made.head;
  for (const Piece& piece : made.pieces) text += piece.text;
  return text + made.tail;
}

std::string random_value() {
  return *elementOf(std::vector<std::string>{"a",
                                             "b",
                                             "high",
                                             "",
                                             "yes",
                                             "null",
                                             "1",
                                             "2026-01-02",
                                             "a: b",
                                             "a #b",
                                             " a",
                                             "it's",
                                             "\"",
                                             "\\",
                                             "a\nb",
                                             "[x]",
                                             "- a",
                                             "a, b",
                                             "\xe2\x80\xa8",
                                             "\xf0\x9f\x9a\xa7",
                                             "#"});
}

// As it reads, without regard to quotes.
std::string told(const Value& value) {
  switch (value.kind) {
    case Value::Kind::null:
      return "~";
    case Value::Kind::scalar:
      return "<" + value.text + ">";
    case Value::Kind::list:
    case Value::Kind::map:
      break;
  }
  std::string text = value.kind == Value::Kind::map ? "{" : "[";
  for (const Value& item : value.items) text += told(item);
  for (const Value::Entry& entry : value.entries) text += entry.first + "=" + told(entry.second);
  return text + (value.kind == Value::Kind::map ? "}" : "]");
}

Value fields_of(const std::string& content) {
  const auto matter = front_matter(content);
  RC_ASSERT(matter && matter->value);
  return *matter->value;
}

Value scalar(const std::string& text) {
  Value value;
  value.kind = Value::Kind::scalar;
  value.text = text;
  return value;
}

// One edit, and what the field should read as then: none where it should be gone.
struct Edit {
  Result<std::string> result;
  std::string name;
  std::optional<Value> wanted;
  Piece::Is able;  // beside scalars
};

Edit random_edit(const std::string& content) {
  const std::string name = *elementOf(std::vector<std::string>{"status", "tags", "a b", "new"});
  switch (*rc::gen::inRange(0, 4)) {
    case 0:
      return {remove_field(content, name), name, std::nullopt, Piece::Is::list};
    case 1: {
      std::vector<std::string> values(*rc::gen::inRange<size_t>(0, 4));
      Value wanted;
      wanted.kind = Value::Kind::list;
      for (std::string& value : values) wanted.items.push_back(scalar(value = random_value()));
      const Value fields = fields_of(content);
      const Value* field = fields.find(name);
      const bool is_none = field == nullptr || field->kind == Value::Kind::null;
      if (is_none && values.empty()) {
        return {set_list(content, name, values), name,
                field == nullptr ? std::nullopt : std::optional(*field), Piece::Is::list};
      }
      return {set_list(content, name, values), name, wanted, Piece::Is::list};
    }
    default: {
      const std::string value = random_value();
      return {set_field(content, name, value), name, scalar(value), Piece::Is::scalar};
    }
  }
}

// The fields before, with the one put in.
Value model_of(const std::string& before, const Edit& edit) {
  Value root = fields_of(before);
  const auto found =
      std::find_if(root.entries.begin(), root.entries.end(),
                   [&](const Value::Entry& entry) { return entry.first == edit.name; });
  const bool is_there = found != root.entries.end();
  if (is_there && edit.wanted) found->second = *edit.wanted;
  if (is_there && !edit.wanted) root.entries.erase(found);
  if (!is_there && edit.wanted) root.entries.emplace_back(edit.name, *edit.wanted);
  root.kind = root.entries.empty() ? Value::Kind::null : Value::Kind::map;
  return root;
}

const Piece* piece_of(const Made& made, const std::string& name) {
  for (const Piece& piece : made.pieces) {
    if (piece.name == name || piece.name == "'" + name + "'") return &piece;
  }
  return nullptr;
}

bool may_be_refused(const Made& made, const Edit& edit) {
  const Piece* piece = piece_of(made, edit.name);
  if (piece == nullptr) return false;
  if (piece->is != Piece::Is::scalar && piece->is != edit.able) return true;
  // The indented comment that it leaves would become the last line of a `|` block above.
  return !edit.wanted && piece != made.pieces.data() && (piece - 1)->is == Piece::Is::hard;
}

size_t count_of(const std::string& text, std::string_view part) {
  size_t count = 0;
  for (size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++count;
  return count;
}

size_t comment_lines(const std::string& text) {
  size_t count = 0;
  for (size_t at = 0; at < text.size(); at = std::min(text.find('\n', at), text.size() - 1) + 1) {
    count += text[std::min(text.find_first_not_of(' ', at), text.size() - 1)] == '#' ? 1 : 0;
  }
  return count;
}

// All that stands beside the field's own piece.
void expect_surroundings(const Made& made, const Edit& edit) {
  std::string head = made.head;
  std::string tail = made.tail;
  bool is_behind = false;
  for (const Piece& piece : made.pieces) {
    if (&piece == piece_of(made, edit.name)) {
      is_behind = true;
    } else if (is_behind) {
      tail.insert(tail.size() - made.tail.size(), piece.text);
    } else {
      head += piece.text;
    }
  }
  RC_ASSERT(edit.result->starts_with(head));
  RC_ASSERT(edit.result->ends_with(tail));
  const bool is_crlf = made.head.find('\r') != std::string::npos;
  RC_ASSERT(count_of(*edit.result, "\r\n") == (is_crlf ? count_of(*edit.result, "\n") : 0));
  if (edit.wanted) RC_ASSERT(comment_lines(*edit.result) == comment_lines(text_of(made)));
}

RC_GTEST_PROP(EditRandom, WhatReadsOtherwiseIsTheFieldAlone, ()) {
  const Made made = make();
  std::string content = text_of(made);
  for (int round = 0; round < 4; ++round) {
    const Edit edit = random_edit(content);
    RC_LOG() << "before:\n" << content << "\nedited: " << edit.name << "\n";
    if (!edit.result) {
      RC_LOG() << edit.result.error().message;
      RC_ASSERT(edit.result.error().code == Code::refused);
      RC_ASSERT(round > 0 || may_be_refused(made, edit));
      continue;
    }
    RC_LOG() << "after:\n" << *edit.result << "\n";
    RC_ASSERT(told(fields_of(*edit.result)) == told(model_of(content, edit)));
    if (round == 0) expect_surroundings(made, edit);
    content = *edit.result;
  }
}

RC_GTEST_PROP(EditRandom, AnyBytesAreSafe, ()) {
  const auto pieces =
      *rc::gen::container<std::vector<std::string>>(elementOf(std::vector<std::string>{
          "a",          "b: ",     "\nstatus: ", "\n",       "\r\n",        "\r",
          " ",          "  ",      "- ",         "\n- ",     "[",           "]",
          ",",          "{",       "}",          ":",        "?",           "'",
          "\"",         "\\",      "#",          " #",       "!",           "!!str ",
          "|",          ">",       "~",          "null",     "\t",          "\ntransitions:",
          "\n  - at: ", "\n---\n", "\xff",       "\xc3\xa4", "\xe2\x80\xa8"}));
  std::string content = "---\n";
  for (const std::string& piece : pieces) content += piece;
  content += "\n---\n";
  const std::vector<std::string> values = {"a", "b, c"};
  for (const std::string name : {"status", "a", "b"}) {
    const Result<std::string> edits[] = {
        set_field(content, name, "x y", NoMatter::create), remove_field(content, name),
        set_list(content, name, values, NoMatter::create), set_list(content, name, {})};
    for (const Result<std::string>& edit : edits) {
      if (edit && *edit != content) (void)fields_of(*edit);
    }
  }
  const auto changed = set_status(content, "x y", WallTime());
  if (changed) RC_ASSERT(fields_of(*changed).find("status")->text == "x y");
}

}  // namespace
}  // namespace specd::spec
