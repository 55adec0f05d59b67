#include "sync/folders.h"

#include <cerrno>

#include "base/path.h"

namespace specd::sync {

Result<Handle> make_folders(FileOps& ops, const std::string& dir) {
  auto folder = ops.open_folder(std::string(""));
  if (!folder) return folder;
  for (const std::string_view part : path::parts(dir)) {
    const std::string name(part);
    auto next = ops.open_folder({*folder, name});
    if (!next && next.error().code == Code::not_found) {
      auto made = ops.make_folder({*folder, name});
      if (!made && made.error().os != EEXIST) return tl::unexpected(made.error());
      if (auto synced = ops.sync(*folder); !synced) return tl::unexpected(synced.error());
      next = ops.open_folder({*folder, name});
    }
    if (!next) return next;
    *folder = std::move(*next);
  }
  return folder;
}

}  // namespace specd::sync
