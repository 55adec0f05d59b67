#include "base/columns.h"

#include <utf8proc.h>

#include <algorithm>

namespace specd {
namespace {

struct Character {
  size_t bytes;
  size_t columns;
};

Character first_of(std::string_view text) {
  const bool is_plain = text[0] >= ' ' && text[0] < '\x7f';
  if (is_plain) return {1, 1};  // as nearly all are
  utf8proc_int32_t code = -1;
  const utf8proc_ssize_t size =
      utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                       static_cast<utf8proc_ssize_t>(text.size()), &code);
  if (size <= 0) return {1, 1};
  return {static_cast<size_t>(size), static_cast<size_t>(std::max(0, utf8proc_charwidth(code)))};
}

}  // namespace

size_t columns(std::string_view text) {
  size_t sum = 0;
  for (size_t at = 0; at < text.size();) {
    const Character character = first_of(text.substr(at));
    sum += character.columns;
    at += character.bytes;
  }
  return sum;
}

std::string cut_to_columns(std::string_view text, size_t most) {
  // No character takes more columns than it has bytes.
  if (text.size() <= most || columns(text) <= most) return std::string(text);
  if (most == 0) return "";
  size_t sum = 0, at = 0;
  while (at < text.size()) {
    const Character character = first_of(text.substr(at));
    if (sum + character.columns > most - 1) break;
    sum += character.columns;
    at += character.bytes;
  }
  return std::string(text.substr(0, at)) + "…";
}

}  // namespace specd
