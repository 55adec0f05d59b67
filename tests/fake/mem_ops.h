#pragma once

#include <cerrno>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/file_ops.h"
#include "tests/fake/mem_disk.h"

namespace specd {

/// Files of a MemDisk, as FileOps writes them. There are no links and one mount; what programs have
/// open is for MemUse to say.
class MemOps final : public FileOps {
 public:
  /// `root`: a path of the disk. `top`: what an absolute path has before those of the disk.
  MemOps(MemDisk& disk, std::string root, std::string top)
      : disk_(disk), root_(std::move(root)), top_(std::move(top)) {}

  Result<Handle> open_folder(const std::string& path) override {
    const auto lock = disk_.lock();
    return folder(tree().walk(MemTree::kRoot, path::join(root_, path)));
  }
  Result<Handle> open_folder(Entry entry) override {
    const auto lock = disk_.lock();
    return folder(find(entry));
  }
  Result<Handle> open_staging(const std::string& absolute_path) override {
    const auto lock = disk_.lock();
    std::string_view path = path::below(absolute_path, top_);
    if (path.ends_with("/.")) path.remove_suffix(2);
    const auto parent = tree().walk(MemTree::kRoot, path::parent(path));
    if (!parent) return fail_os("make folder", ENOENT);
    const std::string name(path::name(path));
    if (!tree().find(*parent, name)) make(*parent, name, FileKind::directory, 0700);
    return folder(tree().find(*parent, name));
  }
  Result<bool> is_one_mount(const Handle&, const Handle&) override { return true; }
  Result<std::string> resolve(const std::string& path) override {
    const auto lock = disk_.lock();
    if (!tree().walk(MemTree::kRoot, path::join(root_, path))) return fail_os("look at it", ENOENT);
    return path;
  }

  Result<Handle> open(Entry entry) override {
    const auto lock = disk_.lock();
    const auto found = find(entry);
    if (!found) return fail_os("open", ENOENT);
    if (tree().at(*found).kind != FileKind::regular)
      return fail(Code::refused, "not a regular file");
    return handle(*found);
  }
  Result<Handle> create_unnamed(const Handle&) override {
    const auto lock = disk_.lock();
    return writing(disk_.make(FileKind::regular, 0600));
  }
  Result<Handle> create(Entry entry) override {
    const auto lock = disk_.lock();
    if (find(entry)) return fail_os("create", EEXIST);
    return writing(make(inode(entry.folder), entry.name, FileKind::regular, 0600));
  }
  Result<> write(const Handle& file, std::string_view content) override {
    const auto lock = disk_.lock();
    disk_.change({{.what = DiskChange::What::written,
                   .inode = inode(file),
                   .content = tree().at(inode(file)).content + std::string(content)}});
    return {};
  }
  Result<Attributes> attributes(const Handle& file) override {
    const auto lock = disk_.lock();
    return tree().at(inode(file)).attributes;
  }
  Attributes attributes_of_new() override {
    return {.mode = 0, .owner = MemDisk::kOwner, .group = MemDisk::kOwner, .extended = {}};
  }
  Result<> set_attributes(const Handle& file, const Attributes& wanted) override {
    const auto lock = disk_.lock();
    disk_.change(
        {{.what = DiskChange::What::attributed, .inode = inode(file), .attributes = wanted}});
    return {};
  }
  Result<> sync(const Handle& handle) override {
    const auto lock = disk_.lock();
    disk_.sync(inode(handle));
    return {};
  }
  Result<> name(const Handle& file, Entry entry) override {
    const auto lock = disk_.lock();
    return put(entry, inode(file), {});
  }

  Lease lease(const Handle& file) override {
    const auto lock = disk_.lock();
    Open& open = open_.at(file.number());
    const Lease lease = open.is_leased ? Lease::taken : disk_.use().lease(open.inode);
    open.is_leased = lease == Lease::taken;
    return lease;
  }
  bool is_leased(const Handle& file) override {
    const auto lock = disk_.lock();
    const Open& open = open_.at(file.number());
    return open.is_leased && disk_.use().is_leased(open.inode);
  }
  void release(const Handle& file) override {
    const auto lock = disk_.lock();
    release(open_.at(file.number()));
  }

  Result<OpenStat> stat(const Handle& handle) override {
    const auto lock = disk_.lock();
    const uint64_t at = inode(handle);
    return OpenStat{.stat = tree().stat(at), .links = tree().links(at), .settled = true};
  }
  Result<FileStat> stat(Entry entry) override {
    const auto lock = disk_.lock();
    const auto found = find(entry);
    if (!found) return fail_os("look at it", ENOENT);
    return tree().stat(*found);
  }
  Result<std::string> read(const Handle& file, int64_t max_bytes) override {
    const auto lock = disk_.lock();
    const std::string& content = tree().at(inode(file)).content;
    if (static_cast<int64_t>(content.size()) > max_bytes)
      return fail(Code::refused, "too large", EFBIG);
    return content;
  }
  Result<std::vector<std::string>> list(const Handle& folder) override {
    const auto lock = disk_.lock();
    std::vector<std::string> names;
    for (const auto& [name, target] : tree().at(inode(folder)).names) names.push_back(name);
    return names;
  }

  Result<> exchange(Entry a, Entry b) override {
    const auto lock = disk_.lock();
    const auto one = find(a), other = find(b);
    if (!one || !other) return fail_os("exchange", ENOENT);
    disk_.change({MemDisk::named(inode(a.folder), a.name, *other),
                  MemDisk::named(inode(b.folder), b.name, *one)});
    return {};
  }
  Result<> rename(Entry from, Entry to) override {
    const auto lock = disk_.lock();
    const auto found = find(from);
    if (!found) return fail_os("rename", ENOENT);
    return put(to, *found, {without(from)});
  }
  Result<> move(Entry from, Entry to) override {
    const auto lock = disk_.lock();
    const auto found = find(from);
    if (!found) return fail_os("rename", ENOENT);
    disk_.change({without(from), MemDisk::named(inode(to.folder), to.name, *found)});
    return {};
  }
  Result<> link(Entry from, Entry to) override {
    const auto lock = disk_.lock();
    const auto found = find(from);
    if (!found) return fail_os("link", ENOENT);
    return put(to, *found, {});
  }
  Result<> unlink(Entry entry) override { return remove(entry); }
  Result<> make_folder(Entry entry) override {
    const auto lock = disk_.lock();
    if (find(entry)) return fail_os("make folder", EEXIST);
    make(inode(entry.folder), entry.name, FileKind::directory, MemDisk::kFolderMode);
    return {};
  }
  Result<> remove_folder(Entry entry) override { return remove(entry); }

 protected:
  void close(int number) override {
    const auto lock = disk_.lock();
    Open& open = open_.at(number);
    release(open);
    if (open.is_writing) disk_.use().close(open.inode);
    open_.erase(number);
  }

 private:
  struct Open {
    uint64_t inode = 0;
    bool is_writing = false, is_leased = false;
  };

  [[nodiscard]] const MemTree& tree() const { return disk_.tree(); }
  [[nodiscard]] uint64_t inode(const Handle& handle) const {
    return open_.at(handle.number()).inode;
  }
  [[nodiscard]] std::optional<uint64_t> find(Entry entry) const {
    return tree().find(inode(entry.folder), entry.name);
  }
  [[nodiscard]] DiskChange without(Entry entry) const {
    return MemDisk::named(inode(entry.folder), entry.name, 0);
  }
  Handle handle(uint64_t inode) {
    open_[++last_].inode = inode;
    return {*this, last_};
  }
  Handle writing(uint64_t inode) {
    open_[++last_] = {.inode = inode, .is_writing = disk_.use().open(inode)};
    return {*this, last_};
  }
  void release(Open& open) {
    if (std::exchange(open.is_leased, false)) disk_.use().release(open.inode);
  }
  Result<Handle> folder(std::optional<uint64_t> found) {
    if (!found) return fail_os("open folder", ENOENT);
    if (tree().at(*found).kind != FileKind::directory) return fail_os("open folder", ENOTDIR);
    return handle(*found);
  }
  uint64_t make(uint64_t folder, const std::string& name, FileKind kind, mode_t mode) {
    const uint64_t made = disk_.make(kind, mode);
    disk_.change({MemDisk::named(folder, name, made)});
    return made;
  }
  /// A name that nothing may have yet, with what else the call does before.
  Result<> put(Entry entry, uint64_t target, std::vector<DiskChange> steps) {
    if (find(entry)) return fail_os("name", EEXIST);
    steps.push_back(MemDisk::named(inode(entry.folder), entry.name, target));
    disk_.change(std::move(steps));
    return {};
  }
  Result<> remove(Entry entry) {
    const auto lock = disk_.lock();
    const auto found = find(entry);
    if (!found) return fail_os("remove", ENOENT);
    if (!tree().at(*found).names.empty()) return fail_os("remove", ENOTEMPTY);
    disk_.change({without(entry)});
    return {};
  }

  MemDisk& disk_;
  const std::string root_, top_;
  std::map<int, Open> open_;  // by the numbers of handles
  int last_ = 0;
};

}  // namespace specd
