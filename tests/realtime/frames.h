#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace specd::realtime {

/// A WebSocket frame as a server sends it: whole, and not masked.
struct Frame {
  int opcode = 0;
  std::string payload;
};

/// Takes the first frame from the front of `bytes`; none if it has not come whole.
inline std::optional<Frame> take_frame(std::string& bytes) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(bytes[i]); };
  if (bytes.size() < 2) return std::nullopt;
  size_t size = byte(1), head = 2;
  if (size >= 126) {
    const size_t count = size == 126 ? 2 : 8;
    head += count;
    if (bytes.size() < head) return std::nullopt;
    size = 0;
    for (size_t i = 0; i < count; ++i) size = size << 8 | byte(2 + i);
  }
  if (bytes.size() < head + size) return std::nullopt;
  Frame frame{.opcode = byte(0) & 0x0f, .payload = bytes.substr(head, size)};
  bytes.erase(0, head + size);
  return frame;
}

}  // namespace specd::realtime
