#include "base/gzip.h"

#include <zlib.h>

#include "base/assert.h"

namespace specd {
namespace {

constexpr int kLevel = 3;
constexpr int kGzipWindow = 15 + 16;  // the largest window, with a gzip header around it
constexpr int kMemory = 8;            // zlib's default

}  // namespace

std::string gzip(std::string_view content) {
  z_stream stream{};
  const int begun =
      deflateInit2(&stream, kLevel, Z_DEFLATED, kGzipWindow, kMemory, Z_DEFAULT_STRATEGY);
  SPECD_ASSERT(begun == Z_OK);
  std::string member(deflateBound(&stream, content.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(member.data());
  stream.avail_out = static_cast<uInt>(member.size());
  const int ended = deflate(&stream, Z_FINISH);
  SPECD_ASSERT(ended == Z_STREAM_END);  // the bound is enough for one call
  member.resize(stream.total_out);
  deflateEnd(&stream);
  return member;
}

}  // namespace specd
