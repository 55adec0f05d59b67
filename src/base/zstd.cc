#include "base/zstd.h"

#include <zstd.h>

#include "base/assert.h"

namespace specd::zstd {

std::string compress(std::string_view content) {
  std::string frame(ZSTD_compressBound(content.size()), '\0');
  const size_t size = ZSTD_compress(frame.data(), frame.size(), content.data(), content.size(),
                                    ZSTD_CLEVEL_DEFAULT);
  SPECD_ASSERT(!ZSTD_isError(size));  // the bound is enough, so only want of memory is left
  frame.resize(size);
  frame.shrink_to_fit();
  return frame;
}

Result<std::string> decompress(std::string_view frame, size_t max_bytes) {
  const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN) {
    return fail(Code::invalid, "not a zstd frame of known size");
  }
  // The size is the frame's own claim: checked before anything is allocated for it.
  if (size > max_bytes) return fail(Code::invalid, "zstd frame holds more than is allowed");
  std::string content(static_cast<size_t>(size), '\0');
  const size_t done = ZSTD_decompress(content.data(), content.size(), frame.data(), frame.size());
  if (ZSTD_isError(done)) {
    return fail(Code::invalid, std::string("zstd: ") + ZSTD_getErrorName(done));
  }
  if (done != content.size()) return fail(Code::invalid, "zstd frame is shorter than it says");
  return content;
}

}  // namespace specd::zstd
