#include "watch/watcher.h"

#include <memory>
#include <set>

#include "base/log.h"
#include "base/mutex.h"
#include "watch/inotify.h"
#include "watch/poll.h"

namespace specd::watch {
namespace {

// inotify where it serves, polling where it does not: for whole projects, or for the subtrees that
// the kernel's limit left out.
class BestWatcher final : public Watcher {
 public:
  BestWatcher(const HintSink& sink, const Clock& clock, const Options& options)
      : options_(options), poll_(sink, clock, options.poll_interval) {
    if (options.always_poll) return;
    InotifyOptions how{.probe_folder = options.probe_folder, .max_watches = options.max_watches};
    how.uncovered = [this](ProjectId project, const std::vector<std::string>& subtrees) {
      poll_.set(project, subtrees);
    };
    if (auto made = inotify_watcher(sink, clock, std::move(how))) {
      inotify_ = std::move(*made);
    } else {
      log::warn("inotify-unavailable", {{"error", made.error().message}, {"instead", "polling"}});
    }
  }

  Result<> watch(ProjectId project, const std::string& root, Filter filter) override {
    const bool is_polled = inotify_ == nullptr || options_.always_poll || needs_polling(root);
    {
      MutexLock lock(mutex_);
      if (is_polled) {
        polled_.insert(project);
      } else {
        polled_.erase(project);
      }
    }
    if (is_polled) {
      if (inotify_) inotify_->unwatch(project);
      poll_.set(project, {""});
      return {};
    }
    return inotify_->watch(project, root, std::move(filter));
  }

  void unwatch(ProjectId project) override {
    if (inotify_) inotify_->unwatch(project);
    poll_.set(project, {});
    MutexLock lock(mutex_);
    polled_.erase(project);
  }

  Coverage coverage(ProjectId project) const override {
    {
      MutexLock lock(mutex_);
      if (polled_.contains(project)) return {.directories = 0, .unwatched = {}, .is_polled = true};
    }
    return inotify_ ? inotify_->coverage(project) : Coverage{};
  }

  Counters counters() const override { return inotify_ ? inotify_->counters() : Counters{}; }
  bool probe() override { return inotify_ == nullptr || inotify_->probe(); }
  void restart() override {
    if (inotify_) inotify_->restart();
  }

 private:
  const Options options_;
  Poll poll_;
  std::unique_ptr<Watcher> inotify_;  // none: it does not serve here. Tells poll_.

  mutable Mutex mutex_;
  std::set<ProjectId> polled_ SPECD_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<Watcher> best_watcher(const HintSink& sink, const Clock& clock,
                                      const Options& options) {
  return std::make_unique<BestWatcher>(sink, clock, options);
}

}  // namespace specd::watch
