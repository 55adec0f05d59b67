#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Relative paths as the database keeps them: byte strings with '/', no leading or trailing '/', no
/// empty part, no "." and no "..". They need not be UTF-8.
namespace specd::path {

/// Whether `path` is such a path.
[[nodiscard]] bool is_relative(std::string_view path);

/// `dir` + "/" + `name`; `name` alone where `dir` is empty.
[[nodiscard]] std::string join(std::string_view dir, std::string_view name);
/// Everything before the last '/'; empty where there is none.
[[nodiscard]] std::string_view parent(std::string_view path);
/// Everything after the last '/'.
[[nodiscard]] std::string_view name(std::string_view path);
/// The first part.
[[nodiscard]] std::string_view first(std::string_view path);
/// Whether `path` is `dir` or lies below it. Everything lies below the empty path.
[[nodiscard]] bool is_within(std::string_view path, std::string_view dir);
/// `path` without `dir` and its '/'. Asserts is_within.
[[nodiscard]] std::string_view below(std::string_view path, std::string_view dir);
[[nodiscard]] std::vector<std::string_view> parts(std::string_view path);

}  // namespace specd::path

namespace specd {

/// Whether `text` is well-formed UTF-8 (RFC 3629: no surrogates, nothing overlong, nothing past
/// U+10FFFF).
[[nodiscard]] bool is_utf8(std::string_view text);

/// `text` as it can be shown and put into JSON: each byte that is not UTF-8 becomes U+FFFD.
[[nodiscard]] std::string printable_utf8(std::string_view text);

}  // namespace specd
