#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace specd {

/// Two lower-case hexadecimal digits for each byte.
[[nodiscard]] inline std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (const char byte : bytes) {
    const auto bits = static_cast<unsigned char>(byte);
    hex += digits[bits >> 4];
    hex += digits[bits & 15];
  }
  return hex;
}

/// The inverse; none for any other text.
[[nodiscard]] inline std::optional<std::string> from_hex(std::string_view hex) {
  const auto value = [](char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
  };
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(hex.size() / 2);
  for (size_t i = 0; i < hex.size(); i += 2) {
    const int high = value(hex[i]), low = value(hex[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

}  // namespace specd
