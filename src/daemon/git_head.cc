#include "daemon/git_head.h"

#include <filesystem>

#include "daemon/places.h"

namespace specd::daemon {
namespace {

namespace stdfs = std::filesystem;

// The first line of a small file, without `prefix`; none if it does not begin with that.
std::optional<std::string> line_of(const stdfs::path& path, std::string_view prefix) {
  std::error_code error;
  if (!stdfs::is_regular_file(path, error)) return std::nullopt;
  const auto text = read_text_file(path.string());
  if (!text || !text->starts_with(prefix)) return std::nullopt;
  std::string line = text->substr(prefix.size(), text->find('\n') - prefix.size());
  line.erase(line.find_last_not_of(" \r") + 1);
  return line;
}

// The folder with HEAD: `.git`, or what a file of this name points to.
std::optional<stdfs::path> git_folder(stdfs::path at) {
  for (;; at = at.parent_path()) {
    std::error_code error;
    if (stdfs::is_directory(at / ".git", error)) return at / ".git";
    if (const auto pointed = line_of(at / ".git", "gitdir: ")) return at / *pointed;
    if (at == at.parent_path()) return std::nullopt;
  }
}

}  // namespace

std::optional<GitHead> read_git_head(const std::string& folder) {
  const auto git = git_folder(folder);
  if (!git) return std::nullopt;
  GitHead head;
  if (const auto branch = line_of(*git / "HEAD", "ref: refs/heads/")) {
    head.branch = *branch;
  } else if (const auto commit = line_of(*git / "HEAD", "")) {
    head.commit = *commit;
  } else {
    return std::nullopt;
  }
  std::error_code error;
  if (stdfs::exists(*git / "commondir", error)) head.worktree = git->filename().string();
  return head;
}

}  // namespace specd::daemon
