#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace specd {

class Clock;
class Random;

/// A value of type T that does not mix with others of the same representation.
template <class Tag, class T>
struct Tagged {
  T value{};
  friend auto operator<=>(const Tagged&, const Tagged&) = default;
};

using ProjectId = Tagged<struct ProjectTag, int64_t>;  ///< row of `projects`; local to one database
using Rev = Tagged<struct RevTag, int64_t>;  ///< of a file row; grows over the whole database
using Seq = Tagged<struct SeqTag, int64_t>;  ///< of an event, within an epoch

/// ULID (https://github.com/ulid/spec): 48 bits of milliseconds, 80 random bits, as 26 characters
/// of Crockford's base 32. Sorts by time of making.
struct Ulid {
  std::string text;
  friend auto operator<=>(const Ulid&, const Ulid&) = default;

  /// A new one; unique, and never made twice.
  [[nodiscard]] static Ulid make(const Clock& clock, Random& random);
  /// Upper or lower case; none if `text` is no ULID.
  [[nodiscard]] static std::optional<Ulid> parse(std::string_view text);
  /// Milliseconds since the epoch at which it was made, of one that `make` or `parse` gave.
  [[nodiscard]] int64_t made_at_ms() const;
};

/// Of a spec: never changes, never reused; stands in URLs and foreign keys.
using SpecKey = Tagged<struct SpecKeyTag, Ulid>;

}  // namespace specd

template <class Tag, class T>
struct std::hash<specd::Tagged<Tag, T>> {
  size_t operator()(const specd::Tagged<Tag, T>& id) const { return std::hash<T>()(id.value); }
};
template <>
struct std::hash<specd::Ulid> {
  size_t operator()(const specd::Ulid& id) const { return std::hash<std::string>()(id.text); }
};
