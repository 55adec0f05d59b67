#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace specd {

/// A parsed YAML or JSON document as plain data: scalars keep their text, maps their order.
/// What a scalar means (number, date, yes or no) is for its reader to say.
struct Value {
  struct Entry;
  enum class Kind { null, scalar, list, map };

  Kind kind = Kind::null;
  std::string text;     ///< of a scalar, without its quotes
  bool quoted = false;  ///< a scalar that cannot mean anything but a string
  std::vector<Value> items;
  std::vector<Entry> entries;  ///< (first: name, second: value)
  size_t offset = 0;           ///< of its first byte in the source (YAML only)
  size_t line = 0;             ///< counted from 1 (YAML only)
  size_t key_offset = 0;       ///< of the name in front of it, in a map (YAML only)

  /// The entry called `key`; null where this is no map or has none.
  [[nodiscard]] const Value* find(std::string_view key) const;
  [[nodiscard]] bool is_scalar() const { return kind == Kind::scalar; }
};

struct Value::Entry {
  std::string first;
  Value second;
};

inline const Value* Value::find(std::string_view key) const {
  for (const Entry& entry : entries) {
    if (entry.first == key) return &entry.second;
  }
  return nullptr;
}

}  // namespace specd
