#pragma once

#include <string>
#include <string_view>

namespace specd {

/// One gzip member (RFC 1952) that holds `content`; quick rather than small.
[[nodiscard]] std::string gzip(std::string_view content);

}  // namespace specd
