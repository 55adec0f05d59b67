#include "spec/edit_field.h"

#include "base/path.h"
#include "spec/edit_list.h"
#include "spec/edit_matter.h"
#include "spec/frontmatter.h"
#include "spec/text.h"

namespace specd::spec {
namespace {

// So that each can be looked for among those that stand there.
constexpr size_t kMaxValues = 1000;

Result<> check_text(std::string_view what, std::string_view text) {
  if (!is_utf8(text)) return fail(Code::invalid, std::string(what) + " is not UTF-8");
  if (text.find('\0') != std::string_view::npos) {
    return fail(Code::invalid, std::string(what) + " holds a NUL byte");
  }
  return {};
}

Result<> check_name(std::string_view name) {
  if (name.empty()) return fail(Code::invalid, "a field without a name");
  return check_text("the field's name", name);
}

Result<> check_values(std::string_view name, std::span<const std::string> values) {
  if (const Result<> checked = check_name(name); !checked) return checked;
  if (values.size() > kMaxValues) {
    return fail(Code::refused, "more than " + std::to_string(kMaxValues) + " values");
  }
  const std::string what = "a value of `" + std::string(name) + "`";
  for (const std::string& value : values) {
    if (const Result<> checked = check_text(what, value); !checked) return checked;
  }
  return {};
}

Value list_value(std::span<const std::string> values) {
  Value list;
  list.kind = Value::Kind::list;
  for (const std::string& value : values) list.items.push_back(scalar_value(value));
  return list;
}

// What one line is replaced by: a value that follows the colon directly needs a space.
Splice replacement(const Matter& matter, const Place& place, std::string written) {
  if (place.begin > 0 && matter.content[place.begin - 1] == ':') written.insert(0, " ");
  return {place.begin, place.end, std::move(written)};
}

Result<size_t> end_of_field(const Matter& matter, std::string_view name, const Value& field) {
  if (field.kind == Value::Kind::list) {
    const Result<ListPlace> list = place_of_list(matter, name, field);
    if (!list) return Failure(list.error());
    return list->end;
  }
  const Result<Place> place = place_of_value(matter, name, field);
  if (!place) return Failure(place.error());
  return place->end;
}

}  // namespace

Result<std::string> set_field(std::string_view content, std::string_view name,
                              std::string_view value, NoMatter none) {
  if (const Result<> checked = check_name(name); !checked) return Failure(checked.error());
  if (const Result<> checked = check_text("the value", value); !checked) {
    return Failure(checked.error());
  }
  if (none == NoMatter::create && !front_matter(content)) {
    return set_field(with_empty_matter(content), name, value);
  }
  const Result<Matter> matter = open_matter(content);
  if (!matter) return Failure(matter.error());
  const Value wanted = scalar_value(value);
  const Value* field = matter->root.find(name);
  if (field == nullptr) return append_field(*matter, name, write_scalar(value, {}), wanted);
  if (is_same(*field, wanted)) return std::string(content);
  const Result<Place> place = place_of_value(*matter, name, *field);
  if (!place) return Failure(place.error());
  return finish(*matter, {replacement(*matter, *place, write_scalar(value, place->style))}, name,
                wanted);
}

Result<std::string> set_list(std::string_view content, std::string_view name,
                             std::span<const std::string> values, NoMatter none) {
  if (const Result<> checked = check_values(name, values); !checked) {
    return Failure(checked.error());
  }
  if (!front_matter(content)) {
    if (values.empty()) return std::string(content);
    if (none == NoMatter::create) return set_list(with_empty_matter(content), name, values);
  }
  const Result<Matter> matter = open_matter(content);
  if (!matter) return Failure(matter.error());
  const Value wanted = list_value(values);
  const Value* field = matter->root.find(name);
  const bool is_none = field == nullptr || field->kind == Value::Kind::null;
  if (is_none ? values.empty() : is_same(*field, wanted)) return std::string(content);
  if (field == nullptr) return append_field(*matter, name, flow_list(values), wanted);
  if (field->kind == Value::Kind::list) return replace_list(*matter, name, *field, values, wanted);
  const Result<Place> place = place_of_value(*matter, name, *field);
  if (!place) return Failure(place.error());
  return finish(*matter, {replacement(*matter, *place, flow_list(values))}, name, wanted);
}

Result<std::string> remove_field(std::string_view content, std::string_view name) {
  if (const Result<> checked = check_name(name); !checked) return Failure(checked.error());
  if (!front_matter(content)) return std::string(content);
  const Result<Matter> matter = open_matter(content);
  if (!matter) return Failure(matter.error());
  const Value* field = matter->root.find(name);
  if (field == nullptr) return std::string(content);
  const Result<size_t> end = end_of_field(*matter, name, *field);
  if (!end) return Failure(end.error());
  const size_t begin = line_begin(content, field->key_offset);
  return finish(*matter, {{begin, line_end(content, *end), ""}}, name, std::nullopt);
}

}  // namespace specd::spec
