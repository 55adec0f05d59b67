#include "sync/folders.h"

#include <cerrno>
#include <vector>

#include "base/path.h"

namespace specd::sync {
namespace {

Result<Handle> make_folder_in(FileOps& ops, const Handle& folder, const std::string& name) {
  auto next = ops.open_folder({folder, name});
  if (next || next.error().code != Code::not_found) return next;
  auto made = ops.make_folder({folder, name});
  if (!made && made.error().os != EEXIST) return tl::unexpected(made.error());
  if (auto synced = ops.sync(folder); !synced) return tl::unexpected(synced.error());
  return ops.open_folder({folder, name});
}

}  // namespace

Result<Handle> make_folders(FileOps& ops, const std::string& dir) {
  auto root = ops.open_folder(std::string(""));
  if (!root || dir.empty()) return root;
  return make_folders(ops, *root, dir);
}

Result<Handle> make_folders(FileOps& ops, const Handle& from, std::string_view below) {
  Handle folder;
  for (const std::string_view part : path::parts(below)) {
    auto next = make_folder_in(ops, folder ? folder : from, std::string(part));
    if (!next) return next;
    folder = std::move(*next);
  }
  return folder;
}

Result<> remove_empty_folders(FileOps& ops, const Handle& from, std::string_view below) {
  const auto parts = path::parts(below);
  std::vector<Handle> opened;
  const auto folder = [&](size_t depth) -> const Handle& {
    return depth == 0 ? from : opened[depth - 1];
  };
  // Where somebody was quicker, what they left is where it begins.
  while (opened.size() < parts.size()) {
    auto next = ops.open_folder({folder(opened.size()), std::string(parts[opened.size()])});
    if (!next && next.error().code == Code::not_found) break;
    if (!next) return {};  // another user's, or no folder any more: it stays
    opened.push_back(std::move(*next));
  }
  size_t left = opened.size();
  while (left > 0) {
    const auto gone = ops.remove_folder({folder(left - 1), std::string(parts[left - 1])});
    if (!gone && gone.error().code != Code::not_found) break;
    --left;
  }
  return left < parts.size() ? ops.sync(folder(left)) : Result<>();
}

}  // namespace specd::sync
