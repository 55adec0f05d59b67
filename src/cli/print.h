#pragma once

#include <cstdio>
#include <string>

#include "base/result.h"

namespace specd::cli {

inline void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

/// Says something on stderr besides the answer, which goes to stdout.
inline void note(const std::string& text) {
  std::fflush(stdout);
  std::fprintf(stderr, "specd: %s\n", text.c_str());
}

/// Says on stderr why a command could not be done; the exit code for that.
inline int give_up(const Error& error) {
  note(error.message);
  return 2;
}

}  // namespace specd::cli
