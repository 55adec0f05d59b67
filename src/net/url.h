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

struct Target {
  std::vector<std::string> segments;  ///< "/a//b%2Fc" is "a", "", "b/c"
  Fields query;
};

/// A target in origin form; none for any other, and where the encoding is wrong.
[[nodiscard]] std::optional<Target> parse_target(std::string_view target);

}  // namespace specd::net::url
