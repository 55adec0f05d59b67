#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "tests/fake/mem_tree.h"
#include "tests/fake/mem_use.h"

namespace specd {

/// A disk in memory that tells each change, in the order in which they are made: what of them is
/// still there after a power cut is for others to say (tests/crash/power_cut.h). MemOps writes to
/// it, MemFs reads it. All but `lock` needs the lock.
class MemDisk {
 public:
  using Seen = std::function<void(const DiskChange&)>;

  /// `began_ns`: when the first change is made; each one is a moment of its own.
  explicit MemDisk(int64_t began_ns) : now_ns_(began_ns) {}
  MemDisk(const MemDisk&) = delete;
  MemDisk& operator=(const MemDisk&) = delete;

  [[nodiscard]] std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }
  [[nodiscard]] const MemTree& tree() const { return tree_; }
  void put(MemTree tree) { tree_ = std::move(tree); }
  [[nodiscard]] MemUse& use() { return use_; }
  /// What is done from now on is done then or later; an earlier time, too: somebody set the clock.
  void set_time(int64_t now_ns) { now_ns_ = now_ns; }
  /// From now on; null: nobody.
  void tell(Seen seen) { seen_ = std::move(seen); }

  /// What one call does.
  void change(std::vector<DiskChange> steps) {
    ++calls_;
    for (DiskChange& step : steps) {
      step.call = calls_;
      step.stamp_ns = now_ns_ += kTickNs;
      tree_.apply(step);
      if (seen_) seen_(step);
    }
  }
  uint64_t make(FileKind kind, mode_t mode) {
    const uint64_t inode = ++last_inode_;
    const Attributes attributes{.mode = mode, .owner = kOwner, .group = kOwner, .extended = {}};
    change(
        {{.what = DiskChange::What::made, .inode = inode, .kind = kind, .attributes = attributes}});
    return inode;
  }
  static DiskChange named(uint64_t folder, const std::string& name, uint64_t target) {
    return {.what = DiskChange::What::named, .inode = folder, .name = name, .target = target};
  }
  void sync(uint64_t inode) { change({{.what = DiskChange::What::synced, .inode = inode}}); }

  /// The folder of this path, made where it is missing; all of that is durable.
  uint64_t folder(std::string_view path) {
    uint64_t at = MemTree::kRoot;
    for (const std::string_view part : path::parts(path)) {
      const std::string name(part);
      auto next = tree_.find(at, name);
      if (!next) {
        next = make(FileKind::directory, kFolderMode);
        change({named(at, name, *next)});
        sync(at);
      }
      at = *next;
    }
    return at;
  }
  /// As a program saves that writes in place and syncs what it wrote, and the name of a new file.
  void save(std::string_view path, const std::string& content) {
    const uint64_t folder = this->folder(path::parent(path));
    const std::string name(path::name(path));
    auto file = tree_.find(folder, name);
    const bool is_new = !file;
    if (is_new) file = make(FileKind::regular, kFileMode);
    // In one, since what a cut between the two leaves is that program's own affair.
    change({{.what = DiskChange::What::written, .inode = *file, .content = content},
            {.what = DiskChange::What::synced, .inode = *file}});
    if (!is_new) return;
    change({named(folder, name, *file)});
    sync(folder);
  }

  static constexpr uid_t kOwner = 1000;
  static constexpr mode_t kFileMode = 0644, kFolderMode = 0755;

 private:
  static constexpr int64_t kTickNs = 1'000;

  std::mutex mutex_;
  MemTree tree_;
  MemUse use_;
  Seen seen_;
  uint64_t calls_ = 0, last_inode_ = MemTree::kRoot;
  int64_t now_ns_;
};

}  // namespace specd
