#pragma once

#include <optional>
#include <string>

namespace specd::daemon {

/// What is checked out in the git working tree around a folder.
struct GitHead {
  std::string branch;    ///< empty: none, but a commit by itself
  std::string commit;    ///< of a detached HEAD; empty where there is a branch
  std::string worktree;  ///< name of a linked working tree (git-worktree(1)); empty: the main one
};

/// From the files of the repository (gitrepository-layout(5)); none where there is no repository,
/// or none that can be read.
[[nodiscard]] std::optional<GitHead> read_git_head(const std::string& folder);

}  // namespace specd::daemon
