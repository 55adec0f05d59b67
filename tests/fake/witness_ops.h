#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "tests/fake/hook_ops.h"

namespace specd {

/// Watches files being replaced (sync/replace.h): counts which way each attempt went, tells when
/// the moment has come at which a save disturbs it most, and can lie in such a way that a part of
/// the protocol is as good as missing.
///
/// `windows` and `counts` may be asked by any thread; files are put by one thread at a time.
class WitnessOps final : public HookOps {
 public:
  enum class Lie {
    none,
    came_out,   ///< what came out is always what was compared: nothing is verified
    came_back,  ///< what comes out while a newer file is put back is always ours: it is put once
    left_over,  ///< what was left over is always what it was: it is removed without a look
  };
  struct Counts {
    uint64_t exchanged = 0;    ///< once, and that was all
    uint64_t put_back = 0;     ///< a newer file had come out, and went back
    uint64_t put_again = 0;    ///< a still newer one had come out for that
    uint64_t overtaken = 0;    ///< the target was not the one that was expected, before anything
    uint64_t busy = 0;         ///< somebody had the target open for writing
    uint64_t unsupported = 0;  ///< no lease could be had
    uint64_t moved_aside = 0;  ///< the target, where the file system cannot exchange
    uint64_t put_new = 0;      ///< where nothing was
    uint64_t taken_away = 0;   ///< the target was deleted,
    uint64_t returned = 0;     ///< and came back, since it was newer
    Counts& operator+=(const Counts& other) {
      exchanged += other.exchanged;
      put_back += other.put_back;
      put_again += other.put_again;
      overtaken += other.overtaken;
      busy += other.busy;
      unsupported += other.unsupported;
      moved_aside += other.moved_aside;
      put_new += other.put_new;
      taken_away += other.taken_away;
      returned += other.returned;
      return *this;
    }
  };

  explicit WitnessOps(std::unique_ptr<FileOps> below, Lie lie = Lie::none)
      : HookOps(std::move(below)), lie_(lie) {}

  /// Rises whenever a target is leased, since it will be compared and exchanged within
  /// microseconds, and whenever it was exchanged, since it will be looked at what came out.
  [[nodiscard]] const std::atomic<uint64_t>& windows() const { return windows_; }
  [[nodiscard]] Counts counts() const {
    const std::scoped_lock lock(mutex_);
    Counts counts = counts_;
    counts.overtaken = compared_ - exchanges_;
    counts.exchanged = exchanges_ - counts.put_back;
    return counts;
  }

  Result<Handle> open_staging(const std::string& path) override {
    return note(HookOps::open_staging(path), {.is_staging = true});
  }
  /// A project's own staging folder is opened by its name.
  Result<Handle> open_folder(Entry entry) override {
    return note(HookOps::open_folder(entry), {.is_staging = entry.name == ".specd"});
  }
  Result<Handle> open_folder(const std::string& path) override {
    return note(HookOps::open_folder(path), {});
  }
  Result<Handle> open(Entry entry) override {
    const bool is_staged = is_staging(entry.folder);
    return note(HookOps::open(entry), {.staged = is_staged ? entry.name : ""});
  }
  Result<Handle> create_unnamed(const Handle& folder) override {
    return note(HookOps::create_unnamed(folder), {});
  }
  Result<> write(const Handle& file, std::string_view content) override {
    {
      const std::scoped_lock lock(mutex_);
      open_[file.number()].written = content;
    }
    return HookOps::write(file, content);
  }
  Result<> name(const Handle& file, Entry entry) override {
    {
      const std::scoped_lock lock(mutex_);
      contents_[entry.name] = open_[file.number()].written;
    }
    return HookOps::name(file, entry);
  }

  Lease lease(const Handle& file) override {
    const Lease lease = HookOps::lease(file);
    const std::scoped_lock lock(mutex_);
    if (!open_[file.number()].staged.empty()) return lease;
    if (lease == Lease::busy) ++counts_.busy;
    if (lease == Lease::unsupported) ++counts_.unsupported;
    if (lease == Lease::busy) return lease;
    ++compared_;
    exchanges_of_this_ = 0;
    compared_inode_ = inode_of(file);
    windows_.fetch_add(1);
    return lease;
  }
  bool is_leased(const Handle& file) override {
    return HookOps::is_leased(file) || lie_ == Lie::came_out;
  }
  Result<FileStat> stat(Entry entry) override {
    auto told = HookOps::stat(entry);
    const std::scoped_lock lock(mutex_);
    if (!told) return told;
    if (lie_ == Lie::came_out && exchanges_of_this_ > 0) told->fingerprint.ino = compared_inode_;
    if (lie_ == Lie::came_back && exchanges_of_this_ > 1) told->fingerprint.ino = put_inode_;
    return told;
  }
  Result<> exchange(Entry staged, Entry target) override {
    const uint64_t inode = inode_of(staged);
    auto done = HookOps::exchange(staged, target);
    const std::scoped_lock lock(mutex_);
    if (!done) return done;
    windows_.fetch_add(1);
    if (++exchanges_of_this_ == 1) ++exchanges_;
    if (exchanges_of_this_ == 1) put_inode_ = inode;
    if (exchanges_of_this_ == 2) ++counts_.put_back;
    if (exchanges_of_this_ == 3) ++counts_.put_again;
    return done;
  }
  Result<> move(Entry from, Entry to) override {
    auto done = HookOps::move(from, to);
    const std::scoped_lock lock(mutex_);
    if (!done) return done;
    windows_.fetch_add(1);
    ++exchanges_of_this_;
    ++counts_.moved_aside;
    return done;
  }
  Result<> rename(Entry from, Entry to) override {
    const bool is_put = is_staging(from.folder);
    auto done = HookOps::rename(from, to);
    const std::scoped_lock lock(mutex_);
    if (!done) return done;
    windows_.fetch_add(1);
    if (!is_put) taken_away_.insert(to.name);
    if (!is_put) ++exchanges_of_this_;
    if (!is_put) ++counts_.taken_away;
    if (is_put) ++(taken_away_.contains(from.name) ? counts_.returned : counts_.put_new);
    return done;
  }
  Result<std::string> read(const Handle& file, int64_t max_bytes) override {
    auto content = HookOps::read(file, max_bytes);
    const std::scoped_lock lock(mutex_);
    const auto kept = contents_.find(open_[file.number()].staged);
    if (content && lie_ == Lie::left_over && kept != contents_.end()) return kept->second;
    return content;
  }

 private:
  /// What is known of an open descriptor.
  struct Open {
    bool is_staging = false;
    std::string staged{};   ///< the name of a staged file; empty: it is none
    std::string written{};  ///< its content, if we made it
  };

  Result<Handle> note(Result<Handle> handle, Open open) {
    const std::scoped_lock lock(mutex_);
    if (handle) open_[handle->number()] = std::move(open);
    return handle;
  }
  bool is_staging(const Handle& folder) {
    const std::scoped_lock lock(mutex_);
    return open_[folder.number()].is_staging;
  }
  static uint64_t inode_of(const Handle& file) {
    struct stat st{};
    return fstat(file.number(), &st) == 0 ? st.st_ino : 0;
  }
  static uint64_t inode_of(Entry entry) {
    struct stat st{};
    const int done = fstatat(entry.folder.number(), entry.name.c_str(), &st, AT_SYMLINK_NOFOLLOW);
    return done == 0 ? st.st_ino : 0;
  }

  const Lie lie_;
  std::atomic<uint64_t> windows_ = 0;
  mutable std::mutex mutex_;
  std::map<int, Open> open_;                     // by descriptor
  std::map<std::string, std::string> contents_;  // of staged files as we made them, by name
  std::set<std::string> taken_away_;             // names that deleted files got
  Counts counts_;
  uint64_t compared_ = 0, exchanges_ = 0;
  // of the file that is being replaced
  int exchanges_of_this_ = 0;
  uint64_t compared_inode_ = 0, put_inode_ = 0;
};

}  // namespace specd
