#include "base/memory.h"

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

void return_free_memory() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

}  // namespace specd
