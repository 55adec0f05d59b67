#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/value.h"
#include "spec/yaml_scalar.h"

/// What all edits of a front matter share: where things stand in its text, and the check that an
/// edit did what it should and nothing else.
namespace specd::spec {

/// A front matter that can be edited. The text must outlive it.
struct Matter {
  std::string_view content;  ///< the whole file
  size_t end = 0;            ///< offset of the closing line
  Value root;                ///< a map, or null
};

/// Fails as `edit_field.h` says; where there is no front matter, with `refused`.
[[nodiscard]] Result<Matter> open_matter(std::string_view content);

/// The text with an empty front matter in front, behind its byte order mark.
[[nodiscard]] std::string with_empty_matter(std::string_view content);

/// "line 3: `name` WHY: change it in an editor".
[[nodiscard]] Failure cannot_edit(const Value& field, std::string_view name, std::string_view why);

/// What a field or item is written in.
struct Place {
  size_t begin = 0;
  size_t end = 0;
  ScalarStyle style;
};

/// A scalar that stands in one line, without a tag; none for any other.
[[nodiscard]] std::optional<Place> place_of_scalar(std::string_view content, const Value& scalar,
                                                   Context context);

/// The value of a field that is a scalar or null, in the line of its name. It is empty and stands
/// behind the colon where nothing is written.
[[nodiscard]] Result<Place> place_of_value(const Matter& matter, std::string_view name,
                                           const Value& field);

/// The offset behind the colon of a field whose name begins a line.
[[nodiscard]] Result<size_t> behind_colon(const Matter& matter, std::string_view name,
                                          const Value& field);

/// Whether nothing but blanks and a comment follows in the line.
[[nodiscard]] bool is_rest_empty(std::string_view content, size_t at);

/// The first position from `at` on that is neither a space nor a tab.
[[nodiscard]] size_t skip_blanks(std::string_view content, size_t at);

/// Where an item begins whose dash begins the line at `line`; where that has none, its first
/// character that is no space.
[[nodiscard]] size_t behind_dash(std::string_view content, size_t line);

/// How the line that ends before `at` ends: "\n" or "\r\n".
[[nodiscard]] std::string_view line_ending(std::string_view content, size_t at);

/// Bytes to put in the place of others.
struct Splice {
  size_t begin = 0;
  size_t end = 0;
  std::string text;
};

/// The text with the splices made (in ascending order, none over another), if it reads as before
/// but for the field, which reads as `wanted`: as nothing where that is none. Otherwise `refused`.
[[nodiscard]] Result<std::string> finish(const Matter& matter, const std::vector<Splice>& splices,
                                         std::string_view name, const std::optional<Value>& wanted);

/// The text with a last line `name: written`.
[[nodiscard]] Result<std::string> append_field(const Matter& matter, std::string_view name,
                                               std::string_view written, const Value& wanted);

[[nodiscard]] Value scalar_value(std::string_view text);
/// Same kind, texts, items and names; without regard to quotes and to where they stand.
[[nodiscard]] bool is_same(const Value& a, const Value& b);

}  // namespace specd::spec
