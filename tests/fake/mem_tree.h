#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/file_ops.h"
#include "base/fs.h"
#include "base/path.h"

namespace specd {

/// A file or a folder in memory. It is told by its inode, which is never used again.
struct MemNode {
  FileKind kind = FileKind::regular;
  std::string content;
  Attributes attributes;
  std::map<std::string, uint64_t> names;  ///< of a folder: the inodes of what is in it
  int64_t mtime_ns = 0, ctime_ns = 0;
};

/// One step of what a call does to a file system.
struct DiskChange {
  enum class What {
    made,        ///< `inode` is there, without a name
    written,     ///< its content is `content` from now on
    attributed,  ///< it has `attributes` from now on
    named,       ///< in the folder `inode`, `name` is `target` from now on; 0: nothing any more
    synced,      ///< what was done to `inode` itself is durable: content, or names
  };
  What what{};
  uint64_t inode = 0;
  FileKind kind = FileKind::regular;
  std::string content{};
  Attributes attributes{};
  std::string name{};
  uint64_t target = 0;
  uint64_t call = 0;     ///< steps of one call have one number
  int64_t stamp_ns = 0;  ///< when
};

/// A tree of files as a value, so that it can be what it was, or what might have become of it.
class MemTree {
 public:
  static constexpr uint64_t kRoot = 1;
  static constexpr uint64_t kDevice = 1;

  MemTree() { nodes_[kRoot].kind = FileKind::directory; }

  [[nodiscard]] const std::map<uint64_t, MemNode>& nodes() const { return nodes_; }
  [[nodiscard]] const MemNode& at(uint64_t inode) const { return nodes_.at(inode); }
  [[nodiscard]] std::optional<uint64_t> find(uint64_t folder, const std::string& name) const {
    const auto found = at(folder).names.find(name);
    return found == at(folder).names.end() ? std::nullopt : std::optional(found->second);
  }
  /// By a path below a folder; the empty one is the folder itself.
  [[nodiscard]] std::optional<uint64_t> walk(uint64_t from, std::string_view path) const {
    std::optional<uint64_t> found = from;
    if (path.empty()) return found;
    for (const std::string_view part : path::parts(path)) {
      if (found) found = find(*found, std::string(part));
    }
    return found;
  }
  [[nodiscard]] uint64_t links(uint64_t inode) const {
    uint64_t links = 0;
    for (const auto& [folder, node] : nodes_) {
      for (const auto& [name, target] : node.names) links += target == inode ? 1 : 0;
    }
    return links;
  }
  [[nodiscard]] FileStat stat(uint64_t inode) const {
    const MemNode& node = at(inode);
    const auto size = static_cast<int64_t>(node.content.size());
    return {node.kind, {kDevice, inode, size, node.mtime_ns, node.ctime_ns}};
  }

  /// What no name leads to is gone.
  void drop_unreachable() {
    std::map<uint64_t, MemNode> left;
    collect(kRoot, left);
    nodes_ = std::move(left);
  }

  void apply(const DiskChange& change) {
    using What = DiskChange::What;
    if (change.what == What::synced) return;
    MemNode& node = nodes_[change.inode];
    if (change.what == What::made) node.kind = change.kind;
    if (change.what == What::made || change.what == What::attributed)
      node.attributes = change.attributes;
    if (change.what == What::written) node.content = change.content;
    if (change.what != What::attributed) node.mtime_ns = change.stamp_ns;
    node.ctime_ns = change.stamp_ns;
    if (change.what == What::named) rename(node, change);
  }

 private:
  void collect(uint64_t inode, std::map<uint64_t, MemNode>& found) const {
    const MemNode& node = found[inode] = at(inode);
    for (const auto& [name, target] : node.names) {
      if (!found.contains(target)) collect(target, found);
    }
  }
  void rename(MemNode& folder, const DiskChange& change) {
    if (change.target == 0) {
      folder.names.erase(change.name);
      return;
    }
    folder.names[change.name] = change.target;
    nodes_[change.target].ctime_ns = change.stamp_ns;
  }

  std::map<uint64_t, MemNode> nodes_;
};

}  // namespace specd
