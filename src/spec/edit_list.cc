#include "spec/edit_list.h"

#include <algorithm>

#include "spec/text.h"

namespace specd::spec {
namespace {

// Whether `between` is nothing but blanks, and commas as many as that.
bool is_blanks_and_commas(std::string_view between, ptrdiff_t commas) {
  return between.find_first_not_of(" \t,") == std::string_view::npos &&
         std::count(between.begin(), between.end(), ',') == commas;
}

Result<ListPlace> place_of_block(const Matter& matter, std::string_view name, const Value& field,
                                 size_t colon) {
  const std::string_view content = matter.content;
  if (!is_rest_empty(content, colon)) return cannot_edit(field, name, "has more than a list");
  ListPlace list{Context::block, colon, line_end(content, colon), 0, {}};
  size_t at = list.begin;
  for (const Value& item : field.items) {
    const std::optional<Place> place = place_of_scalar(content, item, Context::block);
    const size_t line = place ? line_begin(content, place->begin) : 0;
    if (!place || line < at || behind_dash(content, line) != place->begin ||
        !is_rest_empty(content, place->end)) {
      return cannot_edit(item, name, "has an item that is no text in one line");
    }
    const size_t next = line_end(content, place->end);
    list.items.push_back(
        {item.text, content.substr(at, line - at), content.substr(line, next - line), *place});
    list.end = place->end;
    at = next;
  }
  return list;
}

Result<ListPlace> place_of_flow(const Matter& matter, std::string_view name, const Value& field,
                                size_t colon) {
  const std::string_view content = matter.content;
  ListPlace list{Context::flow, colon, field.offset + 1, field.offset + 1, {}};
  for (const Value& item : field.items) {
    const std::optional<Place> place = place_of_scalar(content, item, Context::flow);
    if (!place || place->begin < list.end ||
        !is_blanks_and_commas(content.substr(list.end, place->begin - list.end),
                              list.items.empty() ? 0 : 1)) {
      return cannot_edit(field, name, "has an item that is no text in the line of its name");
    }
    const std::string_view bytes = content.substr(place->begin, place->end - place->begin);
    list.items.push_back({item.text, {}, bytes, *place});
    list.end = place->end;
  }
  const size_t close = std::min(content.find(']', list.end), content.size() - 1);
  const std::string_view rest = content.substr(list.end, close - list.end);
  const bool has_comma = rest.find(',') != std::string_view::npos && !list.items.empty();
  if (!is_blanks_and_commas(rest, has_comma ? 1 : 0) || !is_rest_empty(content, close + 1)) {
    return cannot_edit(field, name, "is written over several lines");
  }
  list.end = close;
  return list;
}

// The values in the bytes that they have in the list, else in fresh ones; and the comments, each
// as far up as the values that are kept let it be.
template <class Fresh>
std::vector<std::string> arrange(const ListPlace& list, std::span<const std::string> values,
                                 const Fresh& fresh) {
  std::vector<std::string> pieces;
  std::vector<bool> used(list.items.size());
  size_t passed = 0;
  const auto pass = [&](size_t count) {
    for (; passed < count; ++passed) {
      if (!list.items[passed].before.empty()) pieces.emplace_back(list.items[passed].before);
    }
  };
  for (const std::string& value : values) {
    size_t own = 0;
    while (own < used.size() && (used[own] || list.items[own].text != value)) ++own;
    if (own == used.size()) {
      pieces.push_back(fresh(value));
    } else {
      used[own] = true;
      pass(own + 1);
      pieces.emplace_back(list.items[own].bytes);
    }
  }
  pass(list.items.size());
  return pieces;
}

std::string join(const std::vector<std::string>& pieces, std::string_view separator) {
  std::string joined;
  for (const std::string& piece : pieces) {
    if (!joined.empty()) joined += separator;
    joined += piece;
  }
  return joined;
}

std::vector<Splice> block_splices(std::string_view content, const ListPlace& list,
                                  std::span<const std::string> values) {
  const Place& last = list.items.back().place;
  const size_t line = line_begin(content, last.begin);
  const size_t end = line_end(content, list.end);
  const std::string_view dash = content.substr(line, last.begin - line);
  const std::vector<std::string> lines = arrange(list, values, [&](const std::string& value) {
    return std::string(dash) + write_scalar(value, last.style) +
           std::string(line_ending(content, end));
  });
  std::vector<Splice> splices;
  if (values.empty()) splices.push_back({list.colon, list.colon, " []"});
  splices.push_back({list.begin, end, join(lines, "")});
  return splices;
}

Splice flow_splice(std::string_view content, const ListPlace& list,
                   std::span<const std::string> values) {
  if (values.empty()) return {list.begin, list.end, ""};
  const auto between = [&](size_t begin, size_t end) { return content.substr(begin, end - begin); };
  std::string_view lead;
  std::string_view tail;
  std::string_view separator = ", ";
  ScalarStyle style{.context = Context::flow};
  if (!list.items.empty()) {
    const Place& first = list.items.front().place;
    const Place& last = list.items.back().place;
    lead = between(list.begin, first.begin);
    tail = between(last.end, list.end);
    style = last.style;
    if (list.items.size() > 1) separator = between(first.end, list.items[1].place.begin);
  }
  const std::vector<std::string> pieces =
      arrange(list, values, [&](const std::string& value) { return write_scalar(value, style); });
  return {list.begin, list.end, std::string(lead).append(join(pieces, separator)).append(tail)};
}

}  // namespace

Result<ListPlace> place_of_list(const Matter& matter, std::string_view name, const Value& field) {
  const Result<size_t> colon = behind_colon(matter, name, field);
  if (!colon) return Failure(colon.error());
  const char first = matter.content[field.offset];
  if (first == '-') return place_of_block(matter, name, field, *colon);
  if (first == '[' && skip_blanks(matter.content, *colon) == field.offset) {
    return place_of_flow(matter, name, field, *colon);
  }
  return cannot_edit(field, name, "has a tag or begins in a line below its name");
}

std::string flow_list(std::span<const std::string> values) {
  std::vector<std::string> pieces;
  for (const std::string& value : values) {
    pieces.push_back(write_scalar(value, {.context = Context::flow}));
  }
  return '[' + join(pieces, ", ") + ']';
}

Result<std::string> replace_list(const Matter& matter, std::string_view name, const Value& field,
                                 std::span<const std::string> values, const Value& wanted) {
  const Result<ListPlace> list = place_of_list(matter, name, field);
  if (!list) return Failure(list.error());
  std::vector<Splice> splices;
  if (list->context == Context::flow) {
    splices.push_back(flow_splice(matter.content, *list, values));
  } else {
    splices = block_splices(matter.content, *list, values);
  }
  return finish(matter, splices, name, wanted);
}

}  // namespace specd::spec
