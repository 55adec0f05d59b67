#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/fs.h"
#include "base/hash.h"

namespace specd {

/// Adds up folders, and names and stats of their entries, in any order, to one number. Two looks at
/// a tree that differ and give the same number are as likely as any two of 2^64.
class Glance {
 public:
  /// Which folder it is, also where nothing is in it.
  void enter(const Fingerprint& folder) { sum_ += part(part(1, folder.dev), folder.ino); }
  void add(const Fingerprint& folder, std::string_view name, const FileStat& stat) {
    uint64_t sum = part(part(0, folder.dev), folder.ino);
    sum = part(part(sum, std::hash<std::string_view>()(name)), static_cast<uint64_t>(stat.kind));
    sum = part(part(sum, stat.fingerprint.dev), stat.fingerprint.ino);
    // What changes in a folder shows in its entries.
    if (stat.kind != FileKind::directory) {
      sum = part(sum, static_cast<uint64_t>(stat.fingerprint.size));
      sum = part(sum, static_cast<uint64_t>(stat.fingerprint.mtime_ns));
      sum = part(sum, static_cast<uint64_t>(stat.fingerprint.ctime_ns));
    }
    sum_ += sum;
  }
  [[nodiscard]] uint64_t value() const { return sum_; }

 private:
  static uint64_t part(uint64_t sum, uint64_t next) {
    return mixed(sum ^ next) + 0x9e3779b97f4a7c15;
  }

  uint64_t sum_ = 0;
};

}  // namespace specd
