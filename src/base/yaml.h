#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "base/value.h"

namespace specd::yaml {

struct Limits {
  size_t bytes = 64 * 1024;
  size_t depth = 32;
};

/// Reads one YAML document. Empty text is a null value.
///
/// Stricter than YAML, since half-typed files are read all the time. Refused, each with the line:
/// anything past `limits`, text that is not UTF-8 or holds NUL, duplicate keys, keys that are no
/// scalars, anchors and aliases, a quote that is not closed, a second document.
[[nodiscard]] Result<Value> parse(std::string_view text, Limits limits = {});

}  // namespace specd::yaml
