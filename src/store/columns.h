#pragma once

// Inside of this folder: how our types stand in columns.

#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "base/id.h"
#include "base/json.h"
#include "sqlite/database.h"

namespace specd::store {

inline SpecKey spec_key(sqlite::Row& row) {
  return SpecKey{Ulid{row.text()}};
}

inline std::optional<SpecKey> maybe_spec_key(sqlite::Row& row) {
  auto text = row.maybe_text();
  if (!text) return std::nullopt;
  return SpecKey{Ulid{std::move(*text)}};
}

/// A word that a CHECK of the schema lets only be one of ours.
template <class Parse>
auto checked_word(sqlite::Row& row, Parse parse) {
  const auto word = parse(row.bytes());
  SPECD_ASSERT(word.has_value());
  return *word;
}

/// A JSON array of strings. Anything else in the column reads as empty: the column is not ours to
/// trust, and losing a list of names harms nothing.
inline std::vector<std::string> string_list(sqlite::Row& row) {
  std::vector<std::string> list;
  const std::string_view json = row.bytes();
  if (json == "[]") return list;  // as most are
  const auto value = json::parse(json);
  if (!value || value->kind != Value::Kind::list) return list;
  for (const Value& item : value->items) {
    if (item.is_scalar()) list.push_back(item.text);
  }
  return list;
}

inline std::string json_of(const std::vector<std::string>& list) {
  Value value;
  value.kind = Value::Kind::list;
  for (const std::string& text : list) {
    Value item;
    item.kind = Value::Kind::scalar;
    item.quoted = true;
    item.text = text;
    value.items.push_back(std::move(item));
  }
  return json::dump(value);
}

/// Everything below a folder is path > dir || '/' AND path < dir || '0', since '0' follows '/'.
struct PathRange {
  explicit PathRange(std::string_view dir)
      : first(std::string(dir) + "/"), last(std::string(dir) + "0") {}
  std::string first;
  std::string last;
};

/// Writing outside a transaction is a bug: it would commit by itself.
inline void assert_writing(const sqlite::Database& db) {
  SPECD_ASSERT(db.in_transaction());
}

}  // namespace specd::store

/// Returns the failure of `result` from the current function.
#define SPECD_TRY(result) \
  if (auto tried = (result); !tried) return ::specd::Failure(std::move(tried.error()))
