#pragma once

#include <dirent.h>
#include <linux/openat2.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "base/fd.h"
#include "base/fs.h"
#include "base/result.h"

/// What the two sides of the seam to the kernel's files share: fs_posix reads, file_ops_posix
/// writes.
namespace specd::posix {

inline constexpr uint64_t kBeneath = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
inline constexpr uint64_t kNoLinks = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;

/// openat2(2); the empty path is the root itself. errno where there is no descriptor.
[[nodiscard]] Fd open_beneath(const Fd& root, const std::string& path, uint64_t flags,
                              uint64_t resolve);
[[nodiscard]] FileStat to_file_stat(const struct stat& st);
/// See FileRead::settled.
[[nodiscard]] bool is_settled(const Fingerprint& fingerprint);
/// Reads to the end; more than `limit` bytes are cut there, which the caller sees by the size.
/// `content` has the room to begin with. False: errno says why.
[[nodiscard]] bool read_all(int file, size_t limit, std::string& content);
/// Where an open file is now; empty if that cannot be told.
[[nodiscard]] std::string path_of(const Fd& file);
/// Whether what a link led to lies in the same folder of the root as the link itself: specs may
/// link to each other, but not to what the project keeps elsewhere (`.git`, `.env`).
[[nodiscard]] bool is_near(const Fd& root, const std::string& link, const Fd& target);

/// Whoever opens a file that we lease sends us SIGIO, which would end the process by default.
void ignore_lease_signals();

/// Every entry but "." and "..", until `visit` fails, as does this.
template <class Visit>
Result<> each_entry(const Fd& dir, const std::string& path, Visit&& visit) {
  alignas(dirent64) std::array<char, 32 * 1024> buffer;
  for (;;) {
    const ssize_t got = getdents64(dir.get(), buffer.data(), buffer.size());
    // The root's own name is empty.
    if (got < 0) return fail_os("list " + (path.empty() ? "." : path), errno);
    if (got == 0) return {};
    for (ssize_t at = 0; at < got;) {
      const auto* entry = reinterpret_cast<const dirent64*>(buffer.data() + at);
      at += entry->d_reclen;
      if (std::strcmp(entry->d_name, ".") == 0 || std::strcmp(entry->d_name, "..") == 0) continue;
      if (auto done = visit(*entry); !done) return done;
    }
  }
}

}  // namespace specd::posix
