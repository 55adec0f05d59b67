#include "spec/edit_matter.h"

#include <algorithm>

#include "base/path.h"
#include "spec/frontmatter.h"
#include "spec/text.h"

namespace specd::spec {
namespace {

bool has_lone_return(std::string_view text) {
  for (size_t at = 0; (at = text.find('\r', at)) != std::string_view::npos; ++at) {
    if (at + 1 >= text.size() || text[at + 1] != '\n') return true;
  }
  return false;
}

// The offset behind the quote that closes the one at `start`, in the same line; none if it is not
// there. Inside double quotes a backslash hides the next byte; a single quote is hidden by another.
std::optional<size_t> behind_quotes(std::string_view content, size_t start) {
  const char quote = content[start];
  const std::string_view line = content.substr(0, line_end(content, start));
  for (size_t i = start + 1; i < line.size(); ++i) {
    if (quote == '"' && line[i] == '\\') {
      ++i;
    } else if (line[i] == quote) {
      if (quote == '"' || i + 1 >= line.size() || line[i + 1] != quote) return i + 1;
      ++i;
    }
  }
  return std::nullopt;
}

bool is_in_one_line(std::string_view content, size_t begin, size_t end) {
  return content.substr(begin, end - begin).find('\n') == std::string_view::npos;
}

// A null that is written out; none if the word at `at` is no such.
std::optional<size_t> behind_null(std::string_view content, size_t at) {
  for (const std::string_view word : {"~", "null", "Null", "NULL"}) {
    if (content.substr(at).starts_with(word) && is_rest_empty(content, at + word.size())) {
      return at + word.size();
    }
  }
  return std::nullopt;
}

Result<Place> place_of_null(const Matter& matter, std::string_view name, const Value& field) {
  const Result<size_t> colon = behind_colon(matter, name, field);
  if (!colon) return Failure(colon.error());
  if (is_rest_empty(matter.content, *colon)) return Place{*colon, *colon, {}};
  const size_t begin = skip_blanks(matter.content, *colon);
  const std::optional<size_t> end = behind_null(matter.content, begin);
  if (!end) return cannot_edit(field, name, "is written in a way that is not understood");
  return Place{begin, *end, {}};
}

// What the fields are to read as.
Value expected(const Matter& matter, std::string_view name, const std::optional<Value>& wanted) {
  Value root = matter.root;
  const auto found = std::find_if(root.entries.begin(), root.entries.end(),
                                  [&](const Value::Entry& entry) { return entry.first == name; });
  if (found == root.entries.end()) {
    if (wanted) root.entries.emplace_back(std::string(name), *wanted);
  } else if (wanted) {
    found->second = *wanted;
  } else {
    root.entries.erase(found);
  }
  root.kind = root.entries.empty() ? Value::Kind::null : Value::Kind::map;
  return root;
}

}  // namespace

Result<Matter> open_matter(std::string_view content) {
  if (!is_utf8(content)) return fail(Code::invalid, "not UTF-8: change it in an editor");
  std::optional<FrontMatter> found = front_matter(content);
  if (!found) return fail(Code::refused, "no front matter: begin the file with --- lines");
  if (!found->value) {
    Error error = std::move(found->value.error());
    error.message += ": change it in an editor";
    return fail_within("front matter", std::move(error));
  }
  const Value& root = *found->value;
  const std::string_view block = content.substr(found->begin, found->end - found->begin);
  if (has_lone_return(block)) {
    return fail(Code::refused, "front matter with lone carriage returns: change it in an editor");
  }
  if (root.kind == Value::Kind::map && !root.entries.empty()) {
    const size_t first = root.entries[0].second.key_offset;
    const size_t begin = line_begin(content, first);
    if (content.substr(begin, first - begin).find_first_not_of(' ') != std::string_view::npos) {
      return fail(Code::refused,
                  "line " + std::to_string(root.line) +
                      ": front matter in braces or with `?`: change it in an editor");
    }
  } else if (root.kind == Value::Kind::map) {
    return fail(Code::refused, "front matter in braces: change it in an editor");
  }
  return Matter{content, found->end, std::move(*found->value)};
}

std::string with_empty_matter(std::string_view content) {
  const std::string_view text = without_bom(content);
  const size_t end = line_end(text, 0);
  const std::string_view ending = text.substr(0, end).ends_with("\r\n") ? "\r\n" : "\n";
  std::string edited(content.substr(0, content.size() - text.size()));
  for (int line = 0; line < 2; ++line) edited.append("---").append(ending);
  return edited.append(text);
}

Failure cannot_edit(const Value& field, std::string_view name, std::string_view why) {
  return fail(Code::refused, "line " + std::to_string(field.line) + ": `" + std::string(name) +
                                 "` " + std::string(why) + ": change it in an editor");
}

std::optional<Place> place_of_scalar(std::string_view content, const Value& scalar,
                                     Context context) {
  if (!scalar.is_scalar() || scalar.offset >= content.size()) return std::nullopt;
  const char first = content[scalar.offset];
  Place place{scalar.offset, scalar.offset + scalar.text.size(), {.context = context}};
  if (first == '\'' || first == '"') {
    const std::optional<size_t> end = behind_quotes(content, scalar.offset);
    if (!end) return std::nullopt;
    place.end = *end;
    place.style.quotes = first == '"' ? Quotes::twofold : Quotes::single;
    return place;
  }
  // A block, a tag, or several lines made one: the source is not the text.
  const std::string_view source = content.substr(scalar.offset, scalar.text.size());
  if (scalar.quoted || scalar.text.empty() || source != scalar.text) return std::nullopt;
  place.style.meaning = meaning_of(scalar.text);
  return place;
}

Result<Place> place_of_value(const Matter& matter, std::string_view name, const Value& field) {
  if (field.kind == Value::Kind::list) return cannot_edit(field, name, "is a list");
  if (field.kind == Value::Kind::map) return cannot_edit(field, name, "has fields of its own");
  if (field.kind == Value::Kind::null) return place_of_null(matter, name, field);
  const Result<size_t> colon = behind_colon(matter, name, field);
  if (!colon) return Failure(colon.error());
  const std::optional<Place> place = place_of_scalar(matter.content, field, Context::block);
  if (!place || !is_in_one_line(matter.content, *colon, place->end) ||
      !is_rest_empty(matter.content, place->end)) {
    return cannot_edit(field, name, "has a tag or is written over several lines");
  }
  return *place;
}

Result<size_t> behind_colon(const Matter& matter, std::string_view name, const Value& field) {
  const std::string_view content = matter.content;
  const size_t begin = line_begin(content, field.key_offset);
  const std::optional<Place> key = [&] {
    Value value = scalar_value(name);
    value.offset = field.key_offset;
    return place_of_scalar(content, value, Context::block);
  }();
  const bool is_first = content.substr(begin, field.key_offset - begin).find_first_not_of(' ') ==
                        std::string_view::npos;
  const size_t colon = key ? skip_blanks(content, key->end) : content.size();
  if (!is_first || colon >= content.size() || content[colon] != ':') {
    return cannot_edit(field, name, "does not begin a line by its name and a colon");
  }
  return colon + 1;
}

bool is_rest_empty(std::string_view content, size_t at) {
  const size_t rest = skip_blanks(content, at);
  if (rest >= content.size() || content[rest] == '\n') return true;
  if (content[rest] == '\r') return rest + 1 < content.size() && content[rest + 1] == '\n';
  return content[rest] == '#' && rest > at;
}

size_t skip_blanks(std::string_view content, size_t at) {
  return std::min(content.find_first_not_of(" \t", at), content.size());
}

size_t behind_dash(std::string_view content, size_t line) {
  const size_t dash = std::min(content.find_first_not_of(' ', line), content.size());
  return dash < content.size() && content[dash] == '-' ? skip_blanks(content, dash + 1) : dash;
}

std::string_view line_ending(std::string_view content, size_t at) {
  return content.substr(0, at).ends_with("\r\n") ? "\r\n" : "\n";
}

Result<std::string> finish(const Matter& matter, const std::vector<Splice>& splices,
                           std::string_view name, const std::optional<Value>& wanted) {
  std::string edited;
  size_t copied = 0;
  for (const Splice& splice : splices) {
    edited.append(matter.content.substr(copied, splice.begin - copied)).append(splice.text);
    copied = splice.end;
  }
  edited.append(matter.content.substr(copied));

  const std::optional<FrontMatter> after = front_matter(edited);
  const bool is_good =
      after && after->value && is_same(*after->value, expected(matter, name, wanted)) &&
      std::string_view(edited).substr(after->end) == matter.content.substr(matter.end);
  if (is_good) return edited;
  return fail(Code::refused, "`" + std::string(name) +
                                 "` cannot be changed without changing what stands beside it: "
                                 "change it in an editor");
}

Result<std::string> append_field(const Matter& matter, std::string_view name,
                                 std::string_view written, const Value& wanted) {
  std::string line;
  if (!matter.root.entries.empty()) {
    const size_t first = matter.root.entries[0].second.key_offset;
    line.append(first - line_begin(matter.content, first), ' ');
  }
  line.append(write_scalar(name, {})).append(": ").append(written);
  line.append(line_ending(matter.content, matter.end));
  return finish(matter, {{matter.end, matter.end, std::move(line)}}, name, wanted);
}

Value scalar_value(std::string_view text) {
  Value value;
  value.kind = Value::Kind::scalar;
  value.text = text;
  return value;
}

bool is_same(const Value& a, const Value& b) {
  return a.kind == b.kind && a.text == b.text &&
         std::equal(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(), is_same) &&
         std::equal(a.entries.begin(), a.entries.end(), b.entries.begin(), b.entries.end(),
                    [](const Value::Entry& x, const Value::Entry& y) {
                      return x.first == y.first && is_same(x.second, y.second);
                    });
}

}  // namespace specd::spec
