// What inotify(7) promises, and what it does not:
//
// - A watch stands for a directory's inode, not for its name, and tells nothing of what lies in a
//   directory that appears. So: watch a new directory first, then list it, then say "subtree".
// - A rename within the watched area gives MOVED_FROM and MOVED_TO with one cookie, nearly always
//   one after the other. A half that stays alone came from, or went, outside.
// - An exchange of two files gives a MOVED_FROM of a name that is still there. So no event means a
//   deletion; every one means "look".
// - The queue is bounded (fs.inotify.max_queued_events). Past that, one IN_Q_OVERFLOW, and the rest
//   is lost: look everywhere, and watch afresh, since directories may have appeared unseen.
// - Stores through mmap(2) tell nothing until the file is closed, if then; the batch finds them.

#include "watch/inotify.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <map>
#include <optional>
#include <set>
#include <system_error>
#include <unordered_map>

#include "base/assert.h"
#include "base/fd.h"
#include "base/fs_posix.h"
#include "base/log.h"
#include "base/mutex.h"
#include "base/path.h"
#include "base/thread.h"
#include "watch/watches.h"

namespace specd::watch {
namespace {

constexpr uint32_t kEntries =
    IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF;
constexpr uint32_t kFull = kEntries | IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB;
constexpr uint32_t kHow = IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK;
// The project id of the folder in which probe() leaves its marks; real ones are positive.
constexpr ProjectId kProbe{-1};

struct Watched {
  std::string root;
  Filter filter;
  std::unique_ptr<Fs> fs;
  std::set<std::string> unwatched;
  bool is_told = true;  // what is unwatched
};

void forget_uncovered(Watched& watched, std::string_view dir) {
  const size_t gone = std::erase_if(watched.unwatched, [&](const std::string& unwatched) {
    return path::is_within(unwatched, dir);
  });
  if (gone != 0) watched.is_told = false;
}

// Half of a rename that waits for its other half.
struct HalfMove {
  ProjectId project;
  std::string from;
  bool is_dir = false;
  SteadyTime at;
};

class Inotify final : public Watcher {
 public:
  Inotify(Fd instance, Fd wake, HintSink sink, const Clock& clock, InotifyOptions options)
      : clock_(clock),
        options_(std::move(options)),
        sink_(std::move(sink)),
        wake_(std::move(wake)),
        instance_(std::move(instance)),
        debounce_(options_.times) {
    {
      MutexLock lock(mutex_);
      watch_probe_folder();
    }
    thread_ = Thread("watch", [this] { run(); });
  }
  ~Inotify() override {
    stop_ = true;
    poke();
    thread_.join();
  }

  Result<> watch(ProjectId project, const std::string& root, Filter filter) override;
  void unwatch(ProjectId project) override;
  Coverage coverage(ProjectId project) const override;
  Counters counters() const override;
  bool probe() override;
  void restart() override;

 private:
  void run();
  void poke() { (void)!write(wake_.get(), "\1\0\0\0\0\0\0\0", 8); }
  int timeout_ms() SPECD_EXCLUDES(mutex_);
  void step() SPECD_EXCLUDES(mutex_);
  bool read_some(std::vector<Hint>& hints) SPECD_REQUIRES(mutex_);
  void handle(const inotify_event& event, std::vector<Hint>& hints) SPECD_REQUIRES(mutex_);
  void handle_dir(const inotify_event& event, ProjectId project, const std::string& path,
                  std::vector<Hint>& hints) SPECD_REQUIRES(mutex_);
  void handle_file(const inotify_event& event, ProjectId project, const std::string& path,
                   std::vector<Hint>& hints) SPECD_REQUIRES(mutex_);
  void handle_overflow(std::vector<Hint>& hints) SPECD_REQUIRES(mutex_);
  void moved_dir(ProjectId project, const std::string& from, const std::string& to,
                 std::vector<Hint>& hints) SPECD_REQUIRES(mutex_);
  void give_up_halves(SteadyTime older_than, std::vector<Hint>& hints) SPECD_REQUIRES(mutex_);
  void give_up_half_of(ProjectId project, const std::string& from, std::vector<Hint>& hints)
      SPECD_REQUIRES(mutex_);

  void watch_probe_folder() SPECD_REQUIRES(mutex_);
  void watch_tree(ProjectId project, Watched& watched, const std::string& dir)
      SPECD_REQUIRES(mutex_);
  bool watch_dir(ProjectId project, Watched& watched, const std::string& dir)
      SPECD_REQUIRES(mutex_);
  void unwatch_tree(ProjectId project, std::string_view dir) SPECD_REQUIRES(mutex_);
  void tell_uncovered() SPECD_REQUIRES(mutex_);

  const Clock& clock_;
  const InotifyOptions options_;
  const HintSink sink_;
  const Fd wake_;
  std::atomic<bool> stop_ = false;

  mutable Mutex mutex_;
  Fd instance_ SPECD_GUARDED_BY(mutex_);
  std::map<int64_t, Watched> projects_ SPECD_GUARDED_BY(mutex_);
  Watches watches_ SPECD_GUARDED_BY(mutex_);
  Debounce debounce_ SPECD_GUARDED_BY(mutex_);
  std::unordered_map<uint32_t, HalfMove> halves_ SPECD_GUARDED_BY(mutex_);
  Counters counters_ SPECD_GUARDED_BY(mutex_);
  uint64_t probes_left_ SPECD_GUARDED_BY(mutex_) = 0;
  uint64_t probes_seen_ SPECD_GUARDED_BY(mutex_) = 0;

  Thread thread_;  // last: it uses all of the above
};

// ---- setting watches

bool Inotify::watch_dir(ProjectId project, Watched& watched, const std::string& dir) {
  const Depth depth = watched.filter(dir);
  if (depth == Depth::none) return false;
  const std::string path = dir.empty() ? watched.root : watched.root + "/" + dir;
  const uint32_t mask = (depth == Depth::full ? kFull : kEntries) | kHow;
  const int descriptor = watches_.size() < options_.max_watches
                             ? inotify_add_watch(instance_.get(), path.c_str(), mask)
                             : (errno = ENOSPC, -1);
  if (descriptor >= 0) {
    watches_.set(descriptor, {project, dir});
    return true;
  }
  if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP) return false;
  const int why = errno;
  // Once, and not for each of thousands.
  if (watched.unwatched.empty()) {
    const char* limit = why == ENOSPC ? "; see fs.inotify.max_user_watches" : "";
    log::warn("watch-failed", {{"dir", path},
                               {"error", std::generic_category().message(why) + limit},
                               {"instead", "polling"}});
  }
  watched.is_told = !watched.unwatched.insert(dir).second && watched.is_told;
  return false;
}

void Inotify::tell_uncovered() {
  for (auto& [id, watched] : projects_) {
    if (watched.is_told) continue;
    watched.is_told = true;
    if (options_.uncovered)
      options_.uncovered(ProjectId{id}, {watched.unwatched.begin(), watched.unwatched.end()});
  }
}

void Inotify::watch_tree(ProjectId project, Watched& watched, const std::string& dir) {
  if (!watch_dir(project, watched, dir)) return;
  // Only now: what appears while we list is told by the watch.
  const auto folders = watched.fs->folders(dir);
  if (!folders) return;
  for (const std::string& name : *folders) watch_tree(project, watched, path::join(dir, name));
}

void Inotify::unwatch_tree(ProjectId project, std::string_view dir) {
  for (int descriptor : watches_.below(project, dir)) {
    inotify_rm_watch(instance_.get(), descriptor);
    watches_.erase(descriptor);
  }
  const auto at = projects_.find(project.value);
  if (at == projects_.end()) return;
  forget_uncovered(at->second, dir);
}

void Inotify::watch_probe_folder() {
  const int descriptor =
      inotify_add_watch(instance_.get(), options_.probe_folder.c_str(), IN_CREATE);
  if (descriptor >= 0) watches_.set(descriptor, {kProbe, {}});
}

Result<> Inotify::watch(ProjectId project, const std::string& root, Filter filter) {
  SPECD_ASSERT(project.value > 0);
  MutexLock lock(mutex_);
  unwatch_tree(project, "");
  Watched& watched = projects_[project.value];
  watched = {.root = root, .filter = std::move(filter), .fs = posix_fs(root), .is_told = false};
  const auto there = watched.fs->attach();
  if (there) watch_tree(project, watched, "");
  tell_uncovered();
  if (!there) return tl::unexpected(there.error());
  return {};
}

void Inotify::unwatch(ProjectId project) {
  MutexLock lock(mutex_);
  unwatch_tree(project, "");
  projects_.erase(project.value);
  debounce_.forget(project);
}

Coverage Inotify::coverage(ProjectId project) const {
  MutexLock lock(mutex_);
  const auto at = projects_.find(project.value);
  if (at == projects_.end()) return {};
  const std::set<std::string>& unwatched = at->second.unwatched;
  return {watches_.count(project), {unwatched.begin(), unwatched.end()}, false};
}

Counters Inotify::counters() const {
  MutexLock lock(mutex_);
  Counters counters = counters_;
  counters.waiting_files = debounce_.waiting();
  return counters;
}

bool Inotify::probe() {
  MutexLock lock(mutex_);
  const bool noticed = probes_seen_ >= probes_left_;
  const std::string mark = options_.probe_folder + "/probe-" + std::to_string(++probes_left_);
  const Fd file(open(mark.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  if (!file) probes_seen_ = probes_left_;  // a full disk says nothing about the watcher
  unlink(mark.c_str());
  return noticed;
}

void Inotify::restart() {
  std::vector<Hint> hints;
  {
    MutexLock lock(mutex_);
    ++counters_.restarts;
    Fd fresh(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    if (fresh) {
      instance_ = std::move(fresh);
    } else {
      log::error("watch-restart-failed", {{"error", std::generic_category().message(errno)}});
    }
    watches_.clear();
    halves_.clear();
    probes_seen_ = probes_left_;
    watch_probe_folder();
    for (auto& [id, watched] : projects_) {
      watched.unwatched.clear();
      watched.is_told = false;
      (void)watched.fs->attach();  // a missing root is the engine's to notice
      watch_tree(ProjectId{id}, watched, "");
      hints.push_back({ProjectId{id}, Hint::What::everywhere, {}, {}});
    }
    tell_uncovered();
  }
  poke();
  sink_(std::move(hints));
}

// ---- reading events

void Inotify::handle_overflow(std::vector<Hint>& hints) {
  ++counters_.overflows;
  log::warn("watch-overflow", {{"count", counters_.overflows}});
  halves_.clear();
  for (auto& [id, watched] : projects_) {
    watched.unwatched.clear();
    watched.is_told = false;
    watch_tree(ProjectId{id}, watched, "");
    hints.push_back({ProjectId{id}, Hint::What::everywhere, {}, {}});
  }
}

void Inotify::handle(const inotify_event& event, std::vector<Hint>& hints) {
  if (event.mask & IN_Q_OVERFLOW) return handle_overflow(hints);
  if (event.mask & IN_IGNORED) return watches_.erase(event.wd);
  const Place* place = watches_.find(event.wd);
  if (place == nullptr) return;  // of a watch that we have taken back meanwhile
  const ProjectId project = place->project;
  if (project == kProbe) {
    probes_seen_ = probes_left_;
    return;
  }
  if (event.mask & (IN_DELETE_SELF | IN_MOVE_SELF)) {
    // Its parent tells of every other directory.
    if (place->dir.empty()) hints.push_back({project, Hint::What::everywhere, {}, {}});
    return;
  }
  if (event.len == 0) {
    if (event.mask & IN_ATTRIB) hints.push_back({project, Hint::What::subtree, place->dir, {}});
    return;
  }
  const std::string path = path::join(place->dir, event.name);
  if (event.mask & IN_ISDIR) {
    handle_dir(event, project, path, hints);
  } else {
    handle_file(event, project, path, hints);
  }
}

void Inotify::handle_dir(const inotify_event& event, ProjectId project, const std::string& path,
                         std::vector<Hint>& hints) {
  // Watches are known by name: those of whoever had this one before must be gone first.
  if (event.mask & (IN_CREATE | IN_MOVED_TO)) give_up_half_of(project, path, hints);
  if (event.mask & IN_MOVED_FROM) {
    halves_[event.cookie] = {project, path, true, clock_.steady()};
    return;
  }
  if (event.mask & IN_MOVED_TO) {
    const auto half = halves_.find(event.cookie);
    if (half != halves_.end() && half->second.project == project && half->second.is_dir) {
      const std::string from = std::move(half->second.from);
      halves_.erase(half);
      return moved_dir(project, from, path, hints);
    }
  }
  if (event.mask & (IN_CREATE | IN_MOVED_TO)) {
    const auto at = projects_.find(project.value);
    if (at != projects_.end()) watch_tree(project, at->second, path);
  }
  if (event.mask & IN_DELETE) unwatch_tree(project, path);
  hints.push_back({project, Hint::What::subtree, path, {}});
}

void Inotify::moved_dir(ProjectId project, const std::string& from, const std::string& to,
                        std::vector<Hint>& hints) {
  const auto at = projects_.find(project.value);
  if (at == projects_.end()) return;
  // So that nobody goes on looking where nothing is; what is still unwatched is found out again.
  forget_uncovered(at->second, from);
  // The watches below have come along. What the new place wants may be less (the archive) or more.
  watches_.rename(project, from, to);
  for (int descriptor : watches_.below(project, to)) {
    const Place* place = watches_.find(descriptor);
    if (at->second.filter(place->dir) != Depth::none) continue;
    inotify_rm_watch(instance_.get(), descriptor);
    watches_.erase(descriptor);
  }
  watch_tree(project, at->second, to);
  hints.push_back({project, Hint::What::moved, to, from});
}

void Inotify::handle_file(const inotify_event& event, ProjectId project, const std::string& path,
                          std::vector<Hint>& hints) {
  if (event.mask & IN_MODIFY) return debounce_.wrote(project, path, clock_.steady());
  if (event.mask & IN_CREATE) {
    // Empty, and its writer is at work. But a link or a FIFO has no writer, and a hard link is
    // complete.
    return debounce_.wrote(project, path, clock_.steady());
  }
  debounce_.done(project, path);
  hints.push_back({project, Hint::What::file, path, {}});
}

void Inotify::give_up_halves(SteadyTime older_than, std::vector<Hint>& hints) {
  for (auto half = halves_.begin(); half != halves_.end();) {
    if (half->second.at > older_than) {
      ++half;
      continue;
    }
    // It left the watched area: its watches would go on telling about a place that is no longer
    // ours.
    unwatch_tree(half->second.project, half->second.from);
    hints.push_back({half->second.project, Hint::What::subtree, half->second.from, {}});
    half = halves_.erase(half);
  }
}

void Inotify::give_up_half_of(ProjectId project, const std::string& from,
                              std::vector<Hint>& hints) {
  for (auto half = halves_.begin(); half != halves_.end(); ++half) {
    if (half->second.project != project || half->second.from != from) continue;
    unwatch_tree(project, from);
    hints.push_back({project, Hint::What::subtree, from, {}});
    halves_.erase(half);
    return;
  }
}

bool Inotify::read_some(std::vector<Hint>& hints) {
  alignas(inotify_event) std::array<char, 64 * 1024> buffer;
  const ssize_t got = read(instance_.get(), buffer.data(), buffer.size());
  for (ssize_t at = 0; at < got;) {
    const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
    at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
    handle(*event, hints);
  }
  return got > 0;
}

void Inotify::step() {
  for (bool more = true; more && !stop_;) {
    std::vector<Hint> hints;
    {
      MutexLock lock(mutex_);
      more = read_some(hints);
      give_up_halves(clock_.steady() - options_.rename_pair, hints);
      tell_uncovered();
      std::vector<Hint> calm = debounce_.take_due(clock_.steady());
      hints.insert(hints.end(), std::make_move_iterator(calm.begin()),
                   std::make_move_iterator(calm.end()));
    }
    // A storm's first hints go out while the rest of it is still being read.
    if (!hints.empty()) sink_(std::move(hints));
  }
}

int Inotify::timeout_ms() {
  MutexLock lock(mutex_);
  std::optional<SteadyTime> next = debounce_.next();
  for (const auto& [cookie, half] : halves_) {
    const SteadyTime at = half.at + options_.rename_pair;
    if (!next || at < *next) next = at;
  }
  if (!next) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*next - clock_.steady());
  return static_cast<int>(std::max<int64_t>(left.count(), 0));
}

void Inotify::run() {
  while (!stop_) {
    const int timeout = timeout_ms();
    int instance = -1;
    {
      MutexLock lock(mutex_);
      instance = instance_.get();
    }
    pollfd waiting[] = {{instance, POLLIN, 0}, {wake_.get(), POLLIN, 0}};
    (void)poll(waiting, 2, timeout);
    uint64_t woken = 0;
    if (waiting[1].revents & POLLIN) (void)!read(wake_.get(), &woken, sizeof woken);
    step();
  }
}

}  // namespace

Result<std::unique_ptr<Watcher>> inotify_watcher(HintSink sink, const Clock& clock,
                                                 InotifyOptions options) {
  Fd instance(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!instance) return fail_os("inotify", errno);
  Fd wake(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!wake) return fail_os("eventfd", errno);
  return std::make_unique<Inotify>(std::move(instance), std::move(wake), std::move(sink), clock,
                                   std::move(options));
}

}  // namespace specd::watch
