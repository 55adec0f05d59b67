#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace specd::test {

/// Sanitizers keep it for a while.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kMemoryIsGivenBack = false;
#else
inline constexpr bool kMemoryIsGivenBack = true;
#endif

/// What a process holds at the moment.
struct ProcessUsage {
  size_t descriptors = 0;
  size_t threads = 0;
  size_t private_kib = 0;  ///< of memory that is in RAM and no file's

  static ProcessUsage of(pid_t pid) {
    const std::filesystem::path proc = "/proc/" + std::to_string(pid);
    std::ifstream in(proc / "status");
    const std::string status{std::istreambuf_iterator<char>(in), {}};
    return {.descriptors = entries(proc / "fd"),
            .threads = entries(proc / "task"),
            .private_kib = number(status, "RssAnon:")};
  }

 private:
  static size_t entries(const std::filesystem::path& folder) {
    const auto all = std::filesystem::directory_iterator(folder);
    return static_cast<size_t>(std::distance(begin(all), end(all)));
  }
  static size_t number(const std::string& status, const std::string& name) {
    const size_t at = status.find(name);
    return at == std::string::npos ? 0
                                   : std::strtoul(status.c_str() + at + name.size(), nullptr, 10);
  }
};

}  // namespace specd::test
