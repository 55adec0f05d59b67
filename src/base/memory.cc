#include "base/memory.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>  // says which C library this is

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace specd {

void keep_few_heaps() {
#ifdef __GLIBC__
  mallopt(M_ARENA_MAX, 4);  // NOLINT(concurrency-mt-unsafe): before the first thread
#endif
}

int64_t resident_bytes() {
  // "size resident shared …", in pages (proc(5)).
  std::FILE* file = std::fopen("/proc/self/statm", "re");
  if (file == nullptr) return 0;
  std::array<char, 128> line{};
  const size_t size = std::fread(line.data(), 1, line.size(), file);
  (void)std::fclose(file);
  const char* const begin = line.data();
  const char* const end = begin + size;
  const char* const space = std::find(begin, end, ' ');
  int64_t pages = 0;
  if (space == end || std::from_chars(space + 1, end, pages).ec != std::errc()) return 0;
  return pages * sysconf(_SC_PAGESIZE);
}

void return_free_memory() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

}  // namespace specd
