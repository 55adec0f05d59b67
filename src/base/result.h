#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace specd {

/// What a caller can do about a failure. Anything finer belongs into the message.
enum class Code {
  invalid,    ///< the input is wrong; trying again will not help
  not_found,  ///< the thing named is not there
  gone,       ///< it was there, and was deleted; it may be brought back
  conflict,   ///< what was expected to be there has changed meanwhile
  busy,       ///< somebody else is at work on it; try again later
  refused,    ///< we could, but must not (limits, safety, rights)
  io,         ///< the system failed us; `os` has errno where there is one
};

/// A failure for people: `message` grows outwards, "read openspec/changes/x: Permission denied".
struct Error {
  Code code;
  std::string message;
  int os = 0;

  /// The same failure, told by the caller one step further out: "CONTEXT: message".
  [[nodiscard]] Error within(std::string_view context) && {
    message.insert(0, ": ").insert(0, context);
    return std::move(*this);
  }
};

template <class T = void>
using Result = tl::expected<T, Error>;

using Failure = tl::unexpected<Error>;

[[nodiscard]] inline Failure fail(Code code, std::string message, int os = 0) {
  return Failure(Error{code, std::move(message), os});
}

/// Failure of a system call: "WHAT: strerror(os)", with the code that fits `os`.
[[nodiscard]] Failure fail_os(std::string_view what, int os);

/// Passes a callee's failure on, told from one step further out.
[[nodiscard]] inline Failure fail_within(std::string_view context, Error error) {
  return Failure(std::move(error).within(context));
}

[[nodiscard]] std::string_view to_string(Code code);

}  // namespace specd
