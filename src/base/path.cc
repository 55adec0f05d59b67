#include "base/path.h"

#include <cstdint>
#include <cstring>

#include "base/assert.h"

namespace specd::path {

bool is_relative(std::string_view path) {
  if (path.empty()) return false;
  for (std::string_view part : parts(path)) {
    if (part.empty() || part == "." || part == "..") return false;
    if (part.find('\0') != std::string_view::npos) return false;
  }
  return true;
}

std::string join(std::string_view dir, std::string_view name) {
  std::string joined;
  joined.reserve(dir.size() + 1 + name.size());
  joined.append(dir);
  if (!dir.empty() && !name.empty()) joined += '/';
  return joined.append(name);
}

std::string_view parent(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string_view name(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string_view first(std::string_view path) {
  return path.substr(0, path.find('/'));
}

bool is_within(std::string_view path, std::string_view dir) {
  if (dir.empty()) return true;
  return path.starts_with(dir) && (path.size() == dir.size() || path[dir.size()] == '/');
}

std::string_view below(std::string_view path, std::string_view dir) {
  SPECD_ASSERT(is_within(path, dir));
  if (dir.empty()) return path;
  return path.size() == dir.size() ? std::string_view() : path.substr(dir.size() + 1);
}

std::vector<std::string_view> parts(std::string_view path) {
  std::vector<std::string_view> parts;
  for (size_t start = 0;;) {
    const size_t slash = path.find('/', start);
    parts.push_back(path.substr(start, slash - start));
    if (slash == std::string_view::npos) return parts;
    start = slash + 1;
  }
}

}  // namespace specd::path

namespace specd {
namespace {

// Length of the well-formed UTF-8 sequence that `text` begins with; 0 if it begins with none.
// Ranges from Unicode 15, table 3-7.
size_t sequence_length(std::string_view text) {
  const auto byte = [&](size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const auto tail = [&](size_t i) { return byte(i) >= 0x80 && byte(i) <= 0xbf; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return tail(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    const bool second = lead == 0xe0   ? byte(1) >= 0xa0 && byte(1) <= 0xbf
                        : lead == 0xed ? byte(1) >= 0x80 && byte(1) <= 0x9f
                                       : tail(1);
    return second && tail(2) ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    const bool second = lead == 0xf0   ? byte(1) >= 0x90 && byte(1) <= 0xbf
                        : lead == 0xf4 ? byte(1) >= 0x80 && byte(1) <= 0x8f
                                       : tail(1);
    return second && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    // Eight bytes of ASCII at a time: nearly all of nearly every spec.
    for (uint64_t word; text.size() >= sizeof word; text.remove_prefix(sizeof word)) {
      std::memcpy(&word, text.data(), sizeof word);
      if ((word & 0x8080808080808080) != 0) break;
    }
    if (text.empty()) break;
    const size_t length = sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string printable_utf8(std::string_view text) {
  if (is_utf8(text)) return std::string(text);  // nearly always
  std::string shown;
  shown.reserve(text.size());
  while (!text.empty()) {
    const size_t length = sequence_length(text);
    if (length == 0) {
      shown += "\xef\xbf\xbd";
      text.remove_prefix(1);
    } else {
      shown.append(text.substr(0, length));
      text.remove_prefix(length);
    }
  }
  return shown;
}

}  // namespace specd
