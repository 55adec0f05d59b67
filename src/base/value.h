#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace specd {

/// A parsed YAML or JSON document as plain data: scalars keep their text, maps their order.
/// What a scalar means (number, date, yes or no) is for its reader to say.
struct Value {
  enum class Kind { null, scalar, list, map };

  Kind kind = Kind::null;
  std::string text;     ///< of a scalar, without its quotes
  bool quoted = false;  ///< a scalar that cannot mean anything but a string
  std::vector<Value> items;
  std::vector<std::pair<std::string, Value>> entries;
  size_t offset = 0;  ///< of its first byte in the source (YAML only)
  size_t line = 0;    ///< counted from 1 (YAML only)

  /// The entry called `key`; null where this is no map or has none.
  [[nodiscard]] const Value* find(std::string_view key) const {
    for (const auto& [name, value] : entries) {
      if (name == key) return &value;
    }
    return nullptr;
  }
  [[nodiscard]] bool is_scalar() const { return kind == Kind::scalar; }
};

}  // namespace specd
