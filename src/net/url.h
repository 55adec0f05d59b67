#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/message.h"

/// Request targets (RFC 3986, RFC 9112 section 3.2.1): split first, decode afterwards, once. So an
/// encoded slash never makes a segment, and an encoded dot is a dot to everyone who checks.
namespace specd::net::url {

/// None where a '%' is not followed by two hexadecimal digits. The result may hold any byte.
[[nodiscard]] std::optional<std::string> decode(std::string_view text);

/// One path segment or query value: all but letters, digits and "-._~" encoded.
[[nodiscard]] std::string encode(std::string_view text);
/// The same for a path: slashes stay.
[[nodiscard]] std::string encode_path(std::string_view path);

/// "a=1&b=x%20y"; '+' is a space. A name without '=' has the empty value. None where the encoding
/// is wrong.
[[nodiscard]] std::optional<Fields> parse_query(std::string_view query);

/// The words of a list in the query of `target`: those of every value of this name, each split at
/// its commas before it is decoded, so that "%2C" is a comma inside of a word (RFC 6570, "form").
/// Without empty ones, and without those whose encoding is wrong.
[[nodiscard]] std::vector<std::string> words_in(std::string_view target, std::string_view name);

struct Target {
  std::vector<std::string> segments;  ///< "/a//b%2Fc" is "a", "", "b/c"
  Fields query;
};

/// A target in origin form; none for any other, and where the encoding is wrong.
[[nodiscard]] std::optional<Target> parse_target(std::string_view target);

}  // namespace specd::net::url
