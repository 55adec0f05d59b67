#include "tests/simulation/ledger.h"

#include <algorithm>
#include <utility>

namespace specd::simulation {
namespace {

template <class Take>
void each_file(const MemTree& tree, uint64_t folder, const std::string& path, const Take& take) {
  for (const auto& [name, inode] : tree.at(folder).names) {
    const std::string below = path::join(path, name);
    if (below == ".specd") continue;  // ours; Git is told to look away
    if (tree.at(inode).kind == FileKind::directory) {
      each_file(tree, inode, below, take);
    } else {
      take(inode, below, tree.at(inode).content);
    }
  }
}

}  // namespace

Ledger::Files Ledger::list() const {
  Files files;
  const auto lock = disk_.lock();
  const auto root = disk_.tree().walk(MemTree::kRoot, project_);
  each_file(disk_.tree(), root.value(), "",
            [&](uint64_t inode, const std::string& path, const std::string& content) {
              files[inode] = {path, content};
            });
  return files;
}

std::map<std::string, std::string> Ledger::files() const {
  std::map<std::string, std::string> files;
  for (const auto& [inode, file] : list()) files[file.path] = file.content;
  return files;
}

bool Ledger::is_any_leased() const {
  const auto lock = disk_.lock();
  return std::ranges::any_of(now_,
                             [&](const auto& file) { return disk_.use().is_leased(file.first); });
}

void Ledger::look(Who who) {
  const Files before = std::exchange(now_, list());
  for (const auto& [inode, file] : before) {
    const auto is = now_.find(inode);
    if (is == now_.end()) {
      if (who == Who::engine) {
        took_away(inode, file);
      } else {
        removed_.insert(inode);
        overwritten(file.content);
        std::erase_if(unseen_, [&](const auto& e) { return e.second.path == file.path; });
      }
    } else if (who == Who::engine && is->second.content != file.content) {
      wrongs_.push_back(file.path + " was written in place");
    }
  }
  for (const auto& [inode, file] : now_) {
    if (who == Who::engine && !before.contains(inode)) put(inode, file);
    stood_.insert(file.content);
    if (before.contains(inode)) continue;
    if (who == Who::programs)
      std::erase_if(unseen_, [&](const auto& e) { return e.second.path == file.path; });
  }
}

void Ledger::took_away(uint64_t inode, const File& file) {
  if (!is_seen_(file.path, file.content)) unseen_[inode] = file;
}

void Ledger::put(uint64_t inode, const File& file) {
  unseen_.erase(inode);
  if (theirs_.contains(inode)) return;
  if (!asked_.contains(file.content) && !stood_.contains(file.content))
    wrongs_.push_back(file.path + " got what nobody wrote: '" + file.content + "'");
}

void Ledger::saved(const std::string& content) {
  saved_.insert(content);
  facts_[content].is_saved = true;
}

std::vector<std::string> Ledger::to_keep() const {
  std::vector<std::string> contents;
  for (const auto& [content, fact] : facts_) {
    if ((fact.is_accepted || fact.is_saved) && !fact.is_dismissed) contents.push_back(content);
  }
  return contents;
}

std::vector<std::string> Ledger::wrongs() const {
  std::vector<std::string> wrongs = wrongs_;
  for (const auto& [inode, file] : unseen_)
    wrongs.push_back(file.path + " was replaced without having been read: '" + file.content + "'");
  return wrongs;
}

}  // namespace specd::simulation
