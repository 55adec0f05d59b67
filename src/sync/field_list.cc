#include "sync/field_list.h"

#include <algorithm>
#include <vector>

#include "base/json.h"

namespace specd::sync {
namespace {

using Kind = Value::Kind;

bool is_list(const Value& value) {
  return value.kind == Kind::null ||
         (value.kind == Kind::list && std::ranges::all_of(value.items, &Value::is_scalar));
}

bool contains(const Value& list, const Value& item) {
  return std::ranges::find(list.items, item.text, &Value::text) != list.items.end();
}

std::string written(const Value& item) {
  return item.quoted ? json::dump(item) : item.text;
}

/// Which items stay, and which come.
struct Change {
  std::vector<bool> stays;  ///< of the disk's
  std::vector<Value> added;

  [[nodiscard]] Value applied_to(const Value& list) const {
    Value result{.kind = Kind::list};
    for (size_t i = 0; i < stays.size(); ++i) {
      if (stays[i]) result.items.push_back(list.items[i]);
    }
    result.items.insert(result.items.end(), added.begin(), added.end());
    return result;
  }
};

Change change_of(const Value& base, const Value& disk, const Value& row) {
  Change change;
  for (const Value& item : disk.items)
    change.stays.push_back(!contains(base, item) || contains(row, item));
  for (const Value& item : row.items) {
    if (!contains(base, item) && !contains(disk, item)) change.added.push_back(item);
  }
  return change;
}

// tags: [a, b]
std::optional<std::string> merge_flow(const FieldText& disk, const Change& change) {
  const size_t open = disk.text.find('['), close = disk.text.rfind(']');
  if (open == std::string::npos || close == std::string::npos || close < open) return std::nullopt;
  // On one line, and nothing but it.
  if (disk.text.find('\n') != disk.text.size() - 1 || disk.text.find('#') != std::string::npos ||
      disk.text.find_first_not_of(" \t\n", close + 1) != std::string::npos)
    return std::nullopt;
  std::string items;
  for (const Value& item : change.applied_to(disk.value).items)
    items += (items.empty() ? "" : ", ") + written(item);
  return disk.text.substr(0, open + 1) + items + disk.text.substr(close);
}

// tags:
//   - a
std::optional<std::string> merge_block(const FieldText& disk, const Change& change) {
  std::string_view left = disk.text;
  const auto take_line = [&left] {
    const std::string_view line = left.substr(0, left.find('\n') + 1);
    left.remove_prefix(line.size());
    return line;
  };
  const std::string_view name = take_line();
  if (name.find_last_not_of(" \t\n") != name.find(':')) return std::nullopt;
  std::string text, indent;
  for (const bool stays : change.stays) {
    const std::string_view line = take_line();
    const size_t dash = line.find_first_not_of(' ');
    if (dash == std::string_view::npos || line.substr(dash, 2) != "- ") return std::nullopt;
    indent = line.substr(0, dash);
    if (stays) text += line;
  }
  if (!left.empty()) return std::nullopt;
  for (const Value& item : change.added) text += indent + "- " + written(item) + "\n";
  if (text.empty()) return std::string(name.substr(0, name.find(':') + 1)) + " []\n";
  return std::string(name) + text;
}

}  // namespace

std::optional<MergedList> merge_list(const FieldText* base, const FieldText& disk,
                                     const FieldText& row) {
  const Value none;
  const Value& before = base == nullptr ? none : base->value;
  if (!is_list(before) || disk.value.kind != Kind::list || !is_list(disk.value) ||
      !is_list(row.value))
    return std::nullopt;
  const Change change = change_of(before, disk.value, row.value);
  auto text = merge_flow(disk, change);
  if (!text) text = merge_block(disk, change);
  if (!text) return std::nullopt;
  return MergedList{std::move(*text), change.applied_to(disk.value)};
}

}  // namespace specd::sync
