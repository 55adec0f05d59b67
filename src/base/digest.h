#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace specd {

/// SHA-256 of a content: what "equal" means between disk, row and base.
struct Digest {
  std::array<unsigned char, 32> bytes{};
  friend auto operator<=>(const Digest&, const Digest&) = default;

  /// 64 lower-case hexadecimal digits.
  [[nodiscard]] std::string hex() const;
  [[nodiscard]] std::string_view view() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  /// From 32 raw bytes; none if there are more or fewer.
  [[nodiscard]] static std::optional<Digest> from_bytes(std::string_view raw);
};

[[nodiscard]] Digest sha256(std::string_view content);

/// In a time that does not tell where they differ: for digests of secrets.
[[nodiscard]] bool is_equal_in_constant_time(const Digest& one, const Digest& other);

}  // namespace specd

template <>
struct std::hash<specd::Digest> {
  size_t operator()(const specd::Digest& digest) const {
    return std::hash<std::string_view>()(digest.view());
  }
};
