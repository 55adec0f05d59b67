#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/value.h"

namespace specd::json {

/// Reads one JSON document. Numbers and booleans become unquoted scalars; duplicate keys are
/// refused.
[[nodiscard]] Result<Value> parse(std::string_view text);
/// The same for a text that anybody may have sent: refuses more values than a text of its length
/// has that somebody means, since each takes far more room than the two bytes that it can be
/// written in.
[[nodiscard]] Result<Value> parse_untrusted(std::string_view text);
/// As JSON, in one line. Unquoted scalars that are JSON numbers, true or false stay so; all else is
/// a string. Bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string dump(const Value& value);

/// Appends that to a JSON text.
void append(std::string& out, const Value& value);
/// Appends one string to a JSON text, in its quotes, as `dump` would.
void append_string(std::string& out, std::string_view text);

}  // namespace specd::json
