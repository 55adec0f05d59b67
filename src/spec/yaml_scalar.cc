#include "spec/yaml_scalar.h"

#include <algorithm>

#include "base/assert.h"
#include "base/hex.h"
#include "base/path.h"
#include "spec/text.h"

// What a plain scalar may mean follows YAML 1.1's types (yaml.org/type: bool, int, float with bases
// 2, 8, 16 and 60, null, merge, value, timestamp), which include those of YAML 1.2's core schema
// (10.3.2). In doubt a scalar means something: quotes too many do no harm.

namespace specd::spec {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return equal_ignoring_case(text, word); });
}

size_t leading_digits(std::string_view text) {
  return static_cast<size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
}

// 2026-01-02, 2026-1-2 03:04:05, 2026-01-02T03:04:05Z
bool is_time(std::string_view text) {
  if (leading_digits(text) != 4) return false;
  text.remove_prefix(4);
  for (int part = 0; part < 2; ++part) {
    if (!text.starts_with('-')) return false;
    text.remove_prefix(1);
    const size_t digits = leading_digits(text);
    if (digits < 1 || digits > 2) return false;
    text.remove_prefix(digits);
  }
  return text.empty() || std::string_view("Tt \t").find(text[0]) != std::string_view::npos;
}

bool is_number(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  if (is_one_of(text, {".inf", ".nan"})) return true;
  for (const std::string_view base : {"0x", "0o", "0b"}) {
    if (starts_ignoring_case(text, base)) {
      return text.find_first_not_of("0123456789abcdefABCDEF_", 2) == std::string_view::npos;
    }
  }
  const size_t dot = text.starts_with('.') ? 1 : 0;
  return leading_digits(text.substr(dot)) > 0 &&
         text.find_first_not_of("0123456789_.,:eE+-") == std::string_view::npos;
}

// A code point that no quotes but double ones can hold: control characters, and what is a line
// break to YAML 1.1 or a byte order mark to all.
bool needs_escape(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029 || c == 0xfeff;
}

// The code point of well-formed UTF-8.
char32_t code_point(std::string_view character) {
  const auto lead = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return lead;
  char32_t value = lead & (0x7fU >> character.size());
  for (const char c : character.substr(1)) {
    value = value << 6 | (static_cast<unsigned char>(c) & 0x3fU);
  }
  return value;
}

// Calls `each(character, code_point)` until it says false; whether it never did.
template <class Each>
bool all_characters(std::string_view text, const Each& each) {
  while (!text.empty()) {
    const std::string_view character = text.substr(0, first_character(text).bytes);
    if (!each(character, code_point(character))) return false;
    text.remove_prefix(character.size());
  }
  return true;
}

bool is_printable(std::string_view text) {
  return all_characters(text, [](std::string_view, char32_t c) { return !needs_escape(c); });
}

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

// Whether the syntax lets it stand without quotes, whatever it would mean.
bool can_be_plain(std::string_view text, Context context) {
  constexpr std::string_view kIndicators = "-?:,[]{}#&*!|>'\"%@`";
  if (text.empty() || is_blank(text.front()) || is_blank(text.back())) return false;
  if (kIndicators.find(text[0]) != std::string_view::npos && meaning_of(text) == Meaning::text) {
    return false;
  }
  if (context == Context::flow && text.find_first_of(",[]{}:?") != std::string_view::npos) {
    return false;
  }
  for (size_t i = 0; i < text.size(); ++i) {
    const bool ends = i + 1 == text.size() || is_blank(text[i + 1]);
    if (text[i] == ':' && ends) return false;
    if (text[i] == '#' && i > 0 && is_blank(text[i - 1])) return false;
  }
  return is_printable(text);
}

std::string in_single_quotes(std::string_view text) {
  std::string written = "'";
  for (const char c : text) written.append(c == '\'' ? 2 : 1, c);
  return written + '\'';
}

std::string escape(char32_t c) {
  if (c == '\n') return "\\n";
  if (c == '\t') return "\\t";
  if (c == '\r') return "\\r";
  const char bytes[] = {static_cast<char>(c >> 8), static_cast<char>(c & 0xff)};
  return "\\u" + to_hex({bytes, sizeof bytes});
}

std::string in_double_quotes(std::string_view text) {
  std::string written = "\"";
  all_characters(text, [&](std::string_view character, char32_t c) {
    if (c == '"' || c == '\\') written += '\\';
    written += needs_escape(c) ? escape(c) : std::string(character);
    return true;
  });
  return written + '"';
}

}  // namespace

Meaning meaning_of(std::string_view plain) {
  if (plain.empty() || is_one_of(plain, {"~", "null"})) return Meaning::null;
  if (is_one_of(plain, {"true", "false", "yes", "no", "on", "off", "y", "n"})) {
    return Meaning::boolean;
  }
  if (is_time(plain)) return Meaning::time;
  // The merge key and the default value of YAML 1.1 are none, but no text either.
  return is_number(plain) || plain == "<<" || plain == "=" ? Meaning::number : Meaning::text;
}

std::string write_scalar(std::string_view text, const ScalarStyle& like) {
  SPECD_ASSERT(is_utf8(text));
  if (like.quotes == Quotes::none && can_be_plain(text, like.context)) {
    const Meaning meaning = meaning_of(text);
    if (meaning == Meaning::text || (meaning == like.meaning && meaning != Meaning::null)) {
      return std::string(text);
    }
  }
  return like.quotes != Quotes::twofold && is_printable(text) ? in_single_quotes(text)
                                                              : in_double_quotes(text);
}

}  // namespace specd::spec
