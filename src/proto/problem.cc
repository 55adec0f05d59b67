#include "proto/problem.h"

#include "base/json.h"
#include "proto/json_build.h"

namespace specd::proto {
namespace {

struct Kind {
  int status;
  std::string_view title;
};

Kind kind_of(Code code) {
  switch (code) {
    case Code::invalid:
      return {400, "Bad Request"};
    case Code::not_found:
      return {404, "Not Found"};
    case Code::gone:
      return {410, "Gone"};
    case Code::conflict:
      return {409, "Conflict"};
    case Code::busy:
      return {503, "Service Unavailable"};
    case Code::refused:
      return {403, "Forbidden"};
    case Code::io:
      return {500, "Internal Server Error"};
  }
  return {500, "Internal Server Error"};
}

}  // namespace

Problem problem_of(const Error& error) {
  const Kind kind = kind_of(error.code);
  return {.status = kind.status,
          .code = std::string(to_string(error.code)),
          .title = std::string(kind.title),
          .detail = error.message};
}

std::string to_json(const Problem& problem) {
  Value value = object();
  value.entries.emplace_back("type", text("about:blank"));
  value.entries.emplace_back("title", text(problem.title));
  value.entries.emplace_back("status", number(problem.status));
  value.entries.emplace_back("detail", text(problem.detail));
  value.entries.emplace_back("code", text(problem.code));
  return json::dump(value);
}

}  // namespace specd::proto
