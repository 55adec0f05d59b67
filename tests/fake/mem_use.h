#pragma once

#include <cstdint>
#include <map>

#include "base/file_ops.h"

namespace specd {

/// Who has which file of a MemDisk open for writing, and which read leases there are (fcntl(2),
/// F_SETLEASE). Files are told by their inodes. Needs the disk's lock.
class MemUse {
 public:
  [[nodiscard]] bool is_written(uint64_t inode) const { return writers_.contains(inode); }
  /// For writing. False: there is a lease, which breaks; whoever opens it waits, and tries again.
  [[nodiscard]] bool open(uint64_t inode) {
    if (const auto lease = leases_.find(inode); lease != leases_.end()) {
      lease->second.is_broken = true;
      return false;
    }
    ++writers_[inode];
    return true;
  }
  void close(uint64_t inode) {
    if (--writers_.at(inode) == 0) writers_.erase(inode);
  }

  [[nodiscard]] Lease lease(uint64_t inode) {
    if (is_written(inode)) return Lease::busy;
    if (leases_.contains(inode) && !is_leased(inode)) return Lease::busy;
    ++leases_[inode].holders;
    return Lease::taken;
  }
  [[nodiscard]] bool is_leased(uint64_t inode) const {
    const auto lease = leases_.find(inode);
    return lease != leases_.end() && !lease->second.is_broken;
  }
  void release(uint64_t inode) {
    if (--leases_.at(inode).holders == 0) leases_.erase(inode);
  }

 private:
  struct Held {
    int holders = 0;
    bool is_broken = false;  ///< somebody waits
  };
  std::map<uint64_t, int> writers_;
  std::map<uint64_t, Held> leases_;
};

}  // namespace specd
