#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"

namespace specd::spec {

/// One top-level field of a front matter: the lines from its name to the next field, comments and
/// blank lines included.
struct Field {
  std::string name;
  size_t begin = 0;  ///< offsets in the file
  size_t end = 0;
  Value value;
};

struct Fields {
  size_t begin = 0;           ///< offset of the first byte of YAML
  size_t end = 0;             ///< offset of the closing line
  size_t body = 0;            ///< offset of the first byte behind it
  std::vector<Field> fields;  ///< in order
  [[nodiscard]] const Field* find(std::string_view name) const;
};

/// None where the text begins with no front matter that can be read, or where its fields cannot be
/// told apart by their lines for certain (all of it in braces, a key that YAML marks with '?').
[[nodiscard]] std::optional<Fields> fields(std::string_view text);

}  // namespace specd::spec
