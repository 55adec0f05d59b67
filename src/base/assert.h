#pragma once

#include <cstdio>
#include <cstdlib>

namespace specd {

[[noreturn]] inline void assertion_failed(const char* what, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, what);
  std::abort();
}

}  // namespace specd

/// What only a bug can break. Checked in release builds too: a stopped daemon loses nothing, a
/// wrong one might.
#define SPECD_ASSERT(condition) \
  ((condition) ? void() : ::specd::assertion_failed(#condition, __FILE__, __LINE__))
