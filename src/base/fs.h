#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace specd {

/// What tells that a file may have changed. Any difference means: read and hash.
struct Fingerprint {
  uint64_t dev = 0;
  uint64_t ino = 0;
  int64_t size = 0;
  int64_t mtime_ns = 0;  ///< nanoseconds since the epoch
  int64_t ctime_ns = 0;  ///< nanoseconds since the epoch
  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

enum class FileKind { regular, directory, link, other };

struct FileStat {
  FileKind kind = FileKind::other;
  Fingerprint fingerprint;
};

struct DirEntry {
  std::string name;
  FileStat stat;
};

/// A directory, and what is in it.
struct Listing {
  FileStat folder;
  std::vector<DirEntry> entries;
};

/// How a content was read; see Fs::read.
enum class ReadMode {
  plain,   ///< whoever writes has said that he is done
  leased,  ///< only if nobody has the file open for writing
};

struct FileRead {
  std::string content;
  Fingerprint fingerprint;  ///< of exactly this content
  /// Whether a later change must show in the fingerprint. A second write within the same tick of
  /// the kernel's clock does not: such a fingerprint is as good as none.
  bool settled = false;
  bool leased = false;  ///< false where ReadMode::leased was asked but leases do not work here
};

/// The files below one project's root: the seam between sync and the disk.
///
/// Paths are relative to the root, as in base/path.h; the empty path is the root. Nothing outside
/// the root is ever reached, whatever symbolic links say, and no call waits for another program
/// (FIFOs, leases). Any thread may call it.
class Fs {
 public:
  virtual ~Fs() = default;

  /// Opens the root again if another directory stands at its path by now. Tells the root as it is;
  /// `not_found` while it is missing.
  [[nodiscard]] virtual Result<FileStat> attach() = 0;

  /// The entry itself. A link to a regular file below the same folder of the root (the first part
  /// of its path) is told as that file, and read as it; any other link is told as a link, and
  /// `refused`.
  [[nodiscard]] virtual Result<FileStat> stat(const std::string& path) = 0;

  /// All entries of a directory but "." and "..", with what `stat` tells of each, in no order.
  /// Links to directories are never followed: neither this one (`refused`) nor those in it (told as
  /// links).
  [[nodiscard]] virtual Result<Listing> list(const std::string& path) = 0;

  /// The sum (base/glance.h) of what `list` tells of this folder and of every folder below it that
  /// `enters`; much cheaper, since nothing is kept. Fails where one of them cannot be listed, or
  /// lies too deep.
  using Enters = std::function<bool(const std::string& path)>;
  [[nodiscard]] virtual Result<uint64_t> glance(const std::string& path, const Enters& enters) = 0;

  /// The names of the directories in a directory, in no order; quicker than `list`.
  [[nodiscard]] virtual Result<std::vector<std::string>> folders(const std::string& path) = 0;

  /// A regular file's whole content. Its fingerprint is taken before and after the read, and the
  /// read is repeated until both agree. `busy`: somebody writes (leased), or it never held still;
  /// `refused`: longer than `max_bytes`, or no regular file.
  [[nodiscard]] virtual Result<FileRead> read(const std::string& path, ReadMode mode,
                                              int64_t max_bytes) = 0;
};

}  // namespace specd
