#pragma once

#include <cstdint>

namespace specd {

/// Few heaps for many threads: less speed where all of them allocate at once, and much less memory
/// that is free and yet kept. Before the first thread. Nothing where the C library is not glibc.
void keep_few_heaps();

/// What the process has in memory at this moment; 0 where the system does not say.
[[nodiscard]] int64_t resident_bytes();

/// Gives memory that is no longer used back to the system; some milliseconds. After work that
/// needed a lot of it for a short time.
void return_free_memory();

}  // namespace specd
