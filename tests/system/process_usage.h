#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace specd::test {

/// Sanitizers keep it for a while.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kMemoryIsGivenBack = false;
#else
inline constexpr bool kMemoryIsGivenBack = true;
#endif

/// What a process holds at the moment, and has worked so far.
struct ProcessUsage {
  size_t descriptors = 0;
  size_t threads = 0;
  size_t private_kib = 0;           ///< of memory that is in RAM and no file's
  std::chrono::milliseconds cpu{};  ///< of all its threads, in the kernel, too

  static ProcessUsage of(pid_t pid) {
    const std::filesystem::path proc = "/proc/" + std::to_string(pid);
    std::ifstream in(proc / "status");
    const std::string status{std::istreambuf_iterator<char>(in), {}};
    return {.descriptors = entries(proc / "fd"),
            .threads = entries(proc / "task"),
            .private_kib = number(status, "RssAnon:"),
            .cpu = cpu_of(proc)};
  }

 private:
  static std::chrono::milliseconds cpu_of(const std::filesystem::path& proc) {
    std::ifstream in(proc / "stat");
    const std::string stat{std::istreambuf_iterator<char>(in), {}};
    // What follows the name, which may contain anything: state is the third field, utime and stime
    // are the 14th and 15th (proc(5)).
    std::istringstream fields(stat.substr(stat.rfind(')') + 1));
    std::string skipped;
    for (int field = 3; field < 14; ++field) fields >> skipped;
    int64_t user = 0, kernel = 0;
    fields >> user >> kernel;
    return std::chrono::milliseconds((user + kernel) * 1000 / ::sysconf(_SC_CLK_TCK));
  }
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
