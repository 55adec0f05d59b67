#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Text as the OpenSpec CLI sees it: its rules are JavaScript regular expressions over decoded
/// UTF-8, so `\s` is more than ASCII and a character is a UTF-16 code unit.
namespace specd::spec {

/// Length in bytes of the JavaScript white space (`\s`) that `text` has at `at`; 0 if there is
/// none. These are the ASCII ones, U+00A0, U+1680, U+2000 to U+200A, U+2028, U+2029, U+202F,
/// U+205F, U+3000 and U+FEFF.
[[nodiscard]] inline size_t space_length(std::string_view text, size_t at) {
  if (at >= text.size()) return 0;
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return lead == ' ' || (lead >= '\t' && lead <= '\r') ? 1 : 0;
  const size_t left = text.size() - at;
  if (lead == 0xc2) return left >= 2 && byte(1) == 0xa0 ? 2 : 0;
  if (left < 3) return 0;
  const unsigned tail = unsigned{byte(1)} << 8 | byte(2);
  switch (lead) {
    case 0xe1:
      return tail == 0x9a80 ? 3 : 0;
    case 0xe2:
      return (tail >= 0x8080 && tail <= 0x808a) || tail == 0x80a8 || tail == 0x80a9 ||
                     tail == 0x80af || tail == 0x819f
                 ? 3
                 : 0;
    case 0xe3:
      return tail == 0x8080 ? 3 : 0;
    case 0xef:
      return tail == 0xbbbf ? 3 : 0;
    default:
      return 0;
  }
}

/// The first position from `at` on that is no white space.
[[nodiscard]] inline size_t skip_space(std::string_view text, size_t at) {
  while (const size_t length = space_length(text, at)) at += length;
  return at;
}

/// JavaScript's `trim()`.
[[nodiscard]] std::string_view trim(std::string_view text);

/// One character at the start of `text` as JavaScript decodes it: how many bytes it takes and how
/// many UTF-16 code units it becomes. A malformed sequence is cut at its longest good beginning and
/// becomes U+FFFD, one unit (WHATWG Encoding, "UTF-8 decoder").
struct Character {
  size_t bytes;
  size_t units;
};
[[nodiscard]] Character first_character(std::string_view text);

/// The offset behind the line (it ends with its line feed) that `at` lies in.
[[nodiscard]] inline size_t line_end(std::string_view text, size_t at) {
  const size_t feed = text.find('\n', at);
  return feed == std::string_view::npos ? text.size() : feed + 1;
}

/// The offset where the line that `at` lies in begins.
[[nodiscard]] inline size_t line_begin(std::string_view text, size_t at) {
  return at == 0 ? 0 : text.rfind('\n', at - 1) + 1;
}

/// `text` without a UTF-8 byte order mark at its start.
[[nodiscard]] std::string_view without_bom(std::string_view text);

/// Equal but for the case of ASCII letters.
[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b);
/// Whether `text` begins with `prefix`, but for the case of ASCII letters.
[[nodiscard]] bool starts_ignoring_case(std::string_view text, std::string_view prefix);

}  // namespace specd::spec
