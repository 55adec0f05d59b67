#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/value.h"
#include "net/message.h"
#include "net/responder.h"

/// How handlers read requests and word answers.
namespace specd::api {

[[nodiscard]] net::Response json_answer(const Value& value, int status = 200);
/// The same for a GET that may come again: with an ETag, by which net/negotiation.h answers 304 to
/// who has it.
[[nodiscard]] net::Response tagged_answer(const Value& value);
[[nodiscard]] net::Response tagged_answer(std::string json);
/// A file's bytes under the ETag of their SHA-256; as text only what is text.
[[nodiscard]] net::Response content_answer(std::string_view path, std::string content);
/// application/problem+json, by the error's code.
[[nodiscard]] net::Response problem_answer(const Error& error);
/// With the response, or the problem that it is instead.
void answer(const net::Responder& respond, Result<net::Response> response);

/// A whole number in the query; `fallback` where there is none, `invalid` where it is no number, or
/// out of the range.
struct Range {
  int64_t least;
  int64_t most;
  int64_t fallback;
};
[[nodiscard]] Result<int64_t> number_in(const net::Fields& query, std::string_view name,
                                        Range range);

/// The whole number that all of `text` is.
[[nodiscard]] std::optional<int64_t> whole(std::string_view text);

/// The body's JSON object; an empty one for an empty body. `invalid` for anything else.
[[nodiscard]] Result<Value> body_object(const net::Request& request);
/// `invalid` if it has another member than these, so that nobody takes a slip for an order.
[[nodiscard]] Result<> has_only(const Value& object, std::initializer_list<std::string_view> names);
/// A member of it that must be a string, if it is there at all.
[[nodiscard]] Result<std::optional<std::string>> string_member(const Value& object,
                                                               std::string_view name);
/// The same of one line that is not empty, of at most 200 bytes.
[[nodiscard]] Result<std::optional<std::string>> line_member(const Value& object,
                                                             std::string_view name);
[[nodiscard]] Result<std::optional<bool>> bool_member(const Value& object, std::string_view name);
[[nodiscard]] Result<std::optional<int64_t>> number_member(const Value& object,
                                                           std::string_view name);

}  // namespace specd::api
