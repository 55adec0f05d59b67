#include "spec/edit_transitions.h"

#include <optional>

#include "spec/edit_list.h"
#include "spec/edit_matter.h"
#include "spec/edit_time.h"
#include "spec/text.h"

namespace specd::spec {
namespace {

constexpr std::string_view kField = "transitions";

// How a transition is written in the file.
struct Form {
  std::string dash = "  - ";
  ScalarStyle status;
  ScalarStyle at{.quotes = Quotes::single};
  std::string at_text;  // a time to be told like
};

// What stands in the file: how a further one is to be written, and where the last item ends.
struct Present {
  Form form;
  size_t end = 0;
};

// Takes one item in: a map in lines is a transition; a text in one line is none, but no harm (real
// files have such, by accident). False where it is anything else.
bool take(std::string_view content, const Value& item, Present& present) {
  const size_t line = line_begin(content, item.offset);
  if (content[item.offset] == '{' || behind_dash(content, line) != item.offset) return false;
  present.form.dash = content.substr(line, item.offset - line);
  const auto place_of = [&](const Value& value) {
    const std::optional<Place> place = place_of_scalar(content, value, Context::block);
    const bool is_good = place && is_rest_empty(content, place->end);
    if (is_good) present.end = place->end;
    return is_good ? place : std::nullopt;
  };
  if (item.is_scalar()) return place_of(item).has_value();
  for (const auto& [name, value] : item.entries) {
    const std::optional<Place> place = place_of(value);
    if (!place) return false;
    if (name == "status") present.form.status = place->style;
    if (name != "at") continue;
    present.form.at = place->style;
    present.form.at_text = value.text;
  }
  return !item.entries.empty();
}

std::optional<Present> read_items(std::string_view content, const Value& list) {
  Present present;
  for (const Value& item : list.items) {
    if (!take(content, item, present)) return std::nullopt;
  }
  return present;
}

std::string transition(const Form& form, std::string_view status, std::string_view at,
                       std::string_view line_ending) {
  std::string written = form.dash + "status: " + write_scalar(status, form.status);
  written.append(line_ending).append(form.dash.size(), ' ');
  return written.append("at: ").append(write_scalar(at, form.at)).append(line_ending);
}

Value with_transition(Value list, std::string_view status, std::string_view at) {
  Value item;
  item.kind = Value::Kind::map;
  item.entries.emplace_back("status", scalar_value(status));
  item.entries.emplace_back("at", scalar_value(at));
  list.kind = Value::Kind::list;
  list.items.push_back(std::move(item));
  return list;
}

// Where an empty list ends: `[]`, or nothing at all.
Result<size_t> end_of_empty(const Matter& matter, const Value& field) {
  if (field.kind == Value::Kind::list) {
    return place_of_list(matter, kField, field).map([](const ListPlace& list) {
      return list.end + 1;
    });
  }
  return place_of_value(matter, kField, field).map([](const Place& place) { return place.end; });
}

}  // namespace

Result<std::string> add_transition(std::string_view content, std::string_view status,
                                   WallTime now) {
  const Result<Matter> matter = open_matter(content);
  if (!matter) return Failure(matter.error());
  const Value* field = matter->root.find(kField);
  if (field == nullptr) return std::string(content);
  const bool is_list = field->kind == Value::Kind::list || field->kind == Value::Kind::null;
  std::vector<Splice> splices;
  Present present;
  if (is_list && field->items.empty()) {
    const Result<size_t> colon = behind_colon(*matter, kField, *field);
    const Result<size_t> end = end_of_empty(*matter, *field);
    if (!colon || !end) return Failure(colon ? end.error() : colon.error());
    splices.push_back({*colon, *end, ""});
    present.end = *end;
  } else {
    const std::optional<Present> found = is_list ? read_items(content, *field) : std::nullopt;
    if (!found) return cannot_edit(*field, kField, "is no list of `status` and `at` in lines");
    present = *found;
  }
  const size_t behind = line_end(content, present.end);
  const std::string at = time_like(present.form.at_text, now, TimeForm::moment);
  splices.push_back(
      {behind, behind, transition(present.form, status, at, line_ending(content, behind))});
  return finish(*matter, splices, kField, with_transition(*field, status, at));
}

}  // namespace specd::spec
