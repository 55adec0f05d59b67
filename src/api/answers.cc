#include "api/answers.h"

#include <algorithm>
#include <charconv>

#include "base/digest.h"
#include "base/json.h"
#include "base/path.h"
#include "proto/problem.h"

namespace specd::api {
namespace {

Failure wrong_member(std::string_view name, std::string_view wanted) {
  return fail(Code::invalid, "\"" + std::string(name) + "\" must be " + std::string(wanted));
}

/// The member, unless it is missing or null.
const Value* member(const Value& object, std::string_view name) {
  const Value* found = object.find(name);
  return found == nullptr || found->kind == Value::Kind::null ? nullptr : found;
}

net::Response answer_of(std::string json, int status) {
  return {.status = status,
          .headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-cache"}},
          .body = std::move(json)};
}

std::string etag_of(std::string_view bytes) {
  return "\"" + sha256(bytes).hex() + "\"";
}

std::string_view content_type(std::string_view path, std::string_view content) {
  if (!is_utf8(content) || content.find('\0') != std::string_view::npos) {
    return "application/octet-stream";
  }
  return path.ends_with(".md") ? "text/markdown; charset=utf-8" : "text/plain; charset=utf-8";
}

}  // namespace

net::Response json_answer(const Value& value, int status) {
  return answer_of(json::dump(value), status);
}

net::Response tagged_answer(const Value& value) {
  return tagged_answer(json::dump(value));
}

net::Response tagged_answer(std::string json) {
  net::Response response = answer_of(std::move(json), 200);
  response.headers.add("ETag", etag_of(response.body));
  return response;
}

net::Response content_answer(std::string_view path, std::string content) {
  return {.headers = {{"Content-Type", std::string(content_type(path, content))},
                      {"Cache-Control", "no-cache"},
                      {"ETag", etag_of(content)}},
          .body = std::move(content)};
}

void answer(const net::Responder& respond, Result<net::Response> response) {
  respond(response ? std::move(*response) : problem_answer(response.error()));
}

net::Response problem_answer(const Error& error) {
  const proto::Problem problem = proto::problem_of(error);
  net::Response response{
      .status = problem.status,
      .headers = {{"Content-Type", "application/problem+json"}, {"Cache-Control", "no-store"}},
      .body = proto::to_json(problem)};
  if (problem.status == 503) response.headers.add("Retry-After", "1");
  return response;
}

std::optional<int64_t> whole(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Result<int64_t> number_in(const net::Fields& query, std::string_view name, Range range) {
  const std::string* text = query.find(name);
  if (text == nullptr) return range.fallback;
  const auto value = whole(*text);
  if (value && *value >= range.least && *value <= range.most) return *value;
  std::string wanted = " must be a whole number, ";
  wanted += range.most == INT64_MAX
                ? "at least " + std::to_string(range.least)
                : std::to_string(range.least) + " to " + std::to_string(range.most);
  return fail(Code::invalid, std::string(name) + wanted);
}

Result<Value> body_object(const net::Request& request) {
  if (request.body.empty()) return Value{.kind = Value::Kind::map};
  auto value = json::parse_untrusted(request.body);
  if (!value) return fail_within("the body is no JSON", value.error());
  if (value->kind != Value::Kind::map) return fail(Code::invalid, "the body must be an object");
  return value;
}

Result<> has_only(const Value& object, std::initializer_list<std::string_view> names) {
  std::string known;
  for (const std::string_view name : names)
    known += (known.empty() ? "" : ", ") + std::string(name);
  for (const auto& [name, value] : object.entries) {
    if (std::ranges::find(names, name) != names.end()) continue;
    return fail(Code::invalid, "there is no \"" + printable_utf8(name) + "\" here, but " + known);
  }
  return {};
}

Result<std::optional<std::string>> string_member(const Value& object, std::string_view name) {
  const Value* found = member(object, name);
  if (found == nullptr) return std::nullopt;
  if (!found->is_scalar() || !found->quoted) return wrong_member(name, "a string");
  return found->text;
}

Result<std::optional<std::string>> line_member(const Value& object, std::string_view name) {
  constexpr size_t kLongest = 200;
  auto text = string_member(object, name);
  if (!text || !*text) return text;
  const bool is_line = !(*text)->empty() && (*text)->size() <= kLongest &&
                       (*text)->find_first_of("\r\n") == std::string::npos;
  if (is_line) return text;
  return fail(Code::invalid, "\"" + std::string(name) + "\" takes one line of text, or null");
}

Result<std::optional<bool>> bool_member(const Value& object, std::string_view name) {
  const Value* found = member(object, name);
  if (found == nullptr) return std::nullopt;
  const bool is_plain = found->is_scalar() && !found->quoted;
  if (!is_plain || (found->text != "true" && found->text != "false")) {
    return wrong_member(name, "true or false");
  }
  return found->text == "true";
}

Result<std::optional<int64_t>> number_member(const Value& object, std::string_view name) {
  const Value* found = member(object, name);
  if (found == nullptr) return std::nullopt;
  const auto value = found->is_scalar() && !found->quoted ? whole(found->text) : std::nullopt;
  if (!value) return wrong_member(name, "a whole number");
  return value;
}

}  // namespace specd::api
