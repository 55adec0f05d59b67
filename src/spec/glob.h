#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace specd::spec {

/// The file patterns of a workflow schema's `generates`, as the OpenSpec CLI 1.13.2 resolves them
/// with fast-glob: `*`, `?`, `[a-z]`, `{a,b}` and `**`, with case, and with no wildcard matching a
/// leading dot. A text without any of these names one file.
class Glob {
 public:
  /// Refused, since we would not read them as the CLI does: extended globs such as `@(a|b)`, ranges
  /// `{1..3}`, and in a pattern with wildcards back-slashes, parentheses, a leading `!` and POSIX
  /// classes; more than 64 alternatives.
  [[nodiscard]] static Result<Glob> compile(std::string_view pattern);

  /// Whether `path`, relative to where the pattern holds, is one of its files.
  [[nodiscard]] bool matches(std::string_view path) const;

 private:
  std::vector<std::vector<std::string>> alternatives_;  // each split at '/'
  bool literal_ = false;
};

}  // namespace specd::spec
