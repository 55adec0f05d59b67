#pragma once

#include <string>

#include "base/result.h"

namespace specd::proto {

/// A failure as it leaves the process: application/problem+json (RFC 9457).
struct Problem {
  int status = 500;
  std::string code;  ///< for programs; a code that was ever sent keeps its meaning
  std::string title;
  std::string detail;  ///< for people
};

/// By the error's code: invalid 400, not_found 404, gone 410, conflict 409, busy 503, refused 403;
/// io is 500. `code` is the error's, by its name.
[[nodiscard]] Problem problem_of(const Error& error);

[[nodiscard]] std::string to_json(const Problem& problem);

}  // namespace specd::proto
