#include "watch/poll.h"

#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace specd::watch {

bool needs_polling(const std::string& root) {
  struct statfs told{};
  if (statfs(root.c_str(), &told) != 0) return false;
  // linux/magic.h, and the sources of the file systems themselves.
  constexpr std::array<uint32_t, 9> remote = {
      0x6969,      // NFS
      0x517b,      // SMB
      0xff534d42,  // CIFS
      0xfe534d42,  // SMB 2
      0x01021997,  // 9p: WSL drives, virtual machines' shared folders
      0x65735546,  // FUSE
      0x00c36400,  // Ceph
      0x5346414f,  // AFS
      0x786f4256,  // VirtualBox shared folders
  };
  const auto type = static_cast<uint32_t>(told.f_type);
  return std::find(remote.begin(), remote.end(), type) != remote.end();
}

Poll::Poll(HintSink sink, const Clock& clock, std::chrono::milliseconds interval)
    : sink_(std::move(sink)),
      clock_(clock),
      interval_(interval),
      thread_("poll", [this] { run(); }) {}

Poll::~Poll() {
  {
    MutexLock lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Poll::set(ProjectId project, std::vector<std::string> subtrees) {
  {
    MutexLock lock(mutex_);
    if (subtrees.empty()) {
      subtrees_.erase(project.value);
    } else {
      subtrees_[project.value] = std::move(subtrees);
    }
  }
  changed_.notify_all();
}

std::vector<std::string> Poll::subtrees(ProjectId project) const {
  MutexLock lock(mutex_);
  const auto at = subtrees_.find(project.value);
  return at == subtrees_.end() ? std::vector<std::string>() : at->second;
}

std::vector<Hint> Poll::hints() const {
  std::vector<Hint> made;
  for (const auto& [id, subtrees] : subtrees_) {
    for (const std::string& subtree : subtrees) {
      made.push_back({ProjectId{id}, Hint::What::subtree, subtree, {}});
    }
  }
  return made;
}

void Poll::run() {
  for (SteadyTime next = clock_.steady() + interval_;;) {
    std::vector<Hint> made;
    {
      MutexLock lock(mutex_);
      while (!stop_ && subtrees_.empty()) {
        changed_.wait(mutex_);
        next = clock_.steady() + interval_;
      }
      while (!stop_ && clock_.steady() < next) {
        if (changed_.wait_until(mutex_, next) == std::cv_status::timeout) break;
      }
      if (stop_) return;
      made = hints();
    }
    if (!made.empty()) sink_(std::move(made));
    next = clock_.steady() + interval_;
  }
}

}  // namespace specd::watch
