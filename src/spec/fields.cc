#include "spec/fields.h"

#include <algorithm>

#include "spec/frontmatter.h"

namespace specd::spec {
namespace {

// The key that a line begins with, without its quotes; none where it goes on with what is above.
std::optional<std::string> key_of(std::string_view line) {
  if (line.empty() || std::string_view(" \t\r\n#-?{}[]%&*!|>").find(line[0]) != line.npos)
    return std::nullopt;
  const bool is_quoted = line[0] == '"' || line[0] == '\'';
  const size_t last = is_quoted ? line.find(line[0], 1) : 0;
  if (last == line.npos) return std::nullopt;
  const size_t colon = line.find(':', last);
  if (colon == line.npos) return std::nullopt;
  std::string_view key = line.substr(0, colon);
  key = key.substr(0, key.find_last_not_of(" \t") + 1);
  if (is_quoted) key = key.substr(1, last - 1);
  return std::string(key);
}

}  // namespace

const Field* Fields::find(std::string_view name) const {
  const auto found = std::ranges::find(fields, name, &Field::name);
  return found == fields.end() ? nullptr : &*found;
}

std::optional<Fields> fields(std::string_view text) {
  auto matter = front_matter(text);
  if (!matter || !matter->value) return std::nullopt;
  Fields found{matter->begin, matter->end, matter->body, {}};
  for (size_t at = found.begin; at < found.end;) {
    const size_t next = std::min(text.find('\n', at), found.end - 1) + 1;
    if (auto key = key_of(text.substr(at, next - at))) {
      if (!found.fields.empty()) found.fields.back().end = at;
      found.fields.push_back({.name = std::move(*key), .begin = at, .end = found.end, .value = {}});
    }
    at = next;
  }
  // What YAML itself reads is the proof that lines were understood.
  std::vector<Value::Entry>& entries = matter->value->entries;
  const bool is_same =
      std::ranges::equal(found.fields, entries, {}, &Field::name, &Value::Entry::first);
  if (!is_same) return std::nullopt;
  for (size_t i = 0; i < entries.size(); ++i) found.fields[i].value = std::move(entries[i].second);
  return found;
}

}  // namespace specd::spec
