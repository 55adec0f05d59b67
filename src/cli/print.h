#pragma once

#include <cstdio>
#include <string>

#include "base/result.h"

namespace specd::cli {

inline void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

/// Says on stderr why a command could not be done; the exit code for that.
inline int give_up(const Error& error) {
  std::fprintf(stderr, "specd: %s\n", error.message.c_str());
  return 2;
}

}  // namespace specd::cli
