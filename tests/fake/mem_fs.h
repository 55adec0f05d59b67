#pragma once

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "base/fs.h"
#include "base/glance.h"
#include "tests/fake/mem_disk.h"

namespace specd {

/// The files below one folder of a MemDisk, as Fs reads them. There are no links.
class MemFs final : public Fs {
 public:
  /// `root`: a path of the disk.
  MemFs(MemDisk& disk, std::string root) : disk_(disk), root_(std::move(root)) {}

  Result<FileStat> attach() override { return stat(""); }
  Result<FileStat> stat(const std::string& path) override {
    const auto lock = disk_.lock();
    const auto found = find(path);
    if (!found) return fail_os("look at " + path, ENOENT);
    return tree().stat(*found);
  }
  Result<Listing> list(const std::string& path) override {
    const auto lock = disk_.lock();
    auto folder = this->folder(path);
    if (!folder) return tl::unexpected(folder.error());
    Listing listing{.folder = tree().stat(*folder), .entries = {}};
    for (const auto& [name, inode] : tree().at(*folder).names)
      listing.entries.push_back({name, tree().stat(inode)});
    return listing;
  }
  Result<uint64_t> glance(const std::string& path, const Enters& enters) override {
    Glance sum;
    if (auto done = glance_below(path, enters, sum); !done) return tl::unexpected(done.error());
    return sum.value();
  }
  Result<std::vector<std::string>> folders(const std::string& path) override {
    auto listing = list(path);
    if (!listing) return tl::unexpected(listing.error());
    std::vector<std::string> names;
    for (DirEntry& entry : listing->entries) {
      if (entry.stat.kind == FileKind::directory) names.push_back(std::move(entry.name));
    }
    return names;
  }
  Result<FileRead> read(const std::string& path, ReadMode mode, int64_t max_bytes) override {
    const auto lock = disk_.lock();
    const auto found = find(path);
    if (!found) return fail_os("read " + path, ENOENT);
    const MemNode& node = tree().at(*found);
    if (node.kind != FileKind::regular || static_cast<int64_t>(node.content.size()) > max_bytes)
      return fail(Code::refused, "read " + path + ": too large, or no regular file");
    if (mode == ReadMode::leased && disk_.use().is_written(*found))
      return fail(Code::busy, "read " + path + ": open for writing", EAGAIN);
    return FileRead{.content = node.content,
                    .fingerprint = tree().stat(*found).fingerprint,
                    .settled = true,
                    .leased = mode == ReadMode::leased};
  }

 private:
  [[nodiscard]] const MemTree& tree() const { return disk_.tree(); }
  [[nodiscard]] std::optional<uint64_t> find(const std::string& path) const {
    return tree().walk(MemTree::kRoot, path::join(root_, path));
  }
  [[nodiscard]] Result<uint64_t> folder(const std::string& path) const {
    const auto found = find(path);
    if (!found) return fail_os("list " + path, ENOENT);
    if (tree().at(*found).kind != FileKind::directory) return fail_os("list " + path, ENOTDIR);
    return *found;
  }
  Result<> glance_below(const std::string& path, const Enters& enters, Glance& sum) {
    auto listing = list(path);
    if (!listing) return tl::unexpected(listing.error());
    sum.enter(listing->folder.fingerprint);
    for (const auto& [name, stat] : listing->entries) {
      sum.add(listing->folder.fingerprint, name, stat);
      const std::string below = path::join(path, name);
      if (stat.kind != FileKind::directory || !enters(below)) continue;
      if (auto done = glance_below(below, enters, sum); !done) return done;
    }
    return {};
  }

  MemDisk& disk_;
  const std::string root_;
};

}  // namespace specd
