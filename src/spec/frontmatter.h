#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "base/value.h"

/// YAML between two lines of `---` at the very start of a Markdown file (behind a byte order mark,
/// if there is one). A closing `...` will do as well.
namespace specd::spec {

struct FrontMatter {
  size_t begin = 0;  ///< offset of the first byte of YAML
  size_t end = 0;    ///< offset of the closing line
  size_t body = 0;   ///< offset of the first byte behind the closing line
  /// A map, or null for an empty block; offsets and lines are those of the whole file. An error
  /// names the line of the file.
  Result<Value> value;
};

/// None where a file does not begin with such a block; and none where what stands between the lines
/// is no map: those are two thematic breaks of Markdown. A block that begins with a key and is
/// never closed is a front matter with an error, since that is what half-typed ones look like.
[[nodiscard]] std::optional<FrontMatter> front_matter(std::string_view text);

/// Where the document begins behind its front matter; none where it has no closed block. Reads no
/// YAML.
[[nodiscard]] std::optional<size_t> body_offset(std::string_view text);

}  // namespace specd::spec
