#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "spec/edit_matter.h"

namespace specd::spec {

/// A list of scalars in the text: each in a line of its own behind a dash, or all in brackets in
/// the line of their field. Field and text must outlive it.
struct ListPlace {
  struct Item {
    std::string_view text;    ///< as it reads
    std::string_view before;  ///< the comments and empty lines above its line
    std::string_view bytes;   ///< its line with the line end; in brackets itself alone
    Place place;
  };
  Context context = Context::block;
  size_t colon = 0;  ///< offset behind the field's colon
  size_t begin = 0;  ///< of what lies in the brackets; of the line below the field's
  size_t end = 0;    ///< of what lies in the brackets; of the last scalar
  std::vector<Item> items;
};

/// Refused, with the line, where an item is anything but a scalar in one line, or where brackets
/// are over several lines.
[[nodiscard]] Result<ListPlace> place_of_list(const Matter& matter, std::string_view name,
                                              const Value& field);

/// `[a, b]`
[[nodiscard]] std::string flow_list(std::span<const std::string> values);

/// Makes the field, which is a list, one of these values, which are `wanted`; see `set_list`.
[[nodiscard]] Result<std::string> replace_list(const Matter& matter, std::string_view name,
                                               const Value& field,
                                               std::span<const std::string> values,
                                               const Value& wanted);

}  // namespace specd::spec
