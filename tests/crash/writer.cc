#include "tests/crash/writer.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/fd.h"

namespace specd::crash {
namespace {

using Steady = std::chrono::steady_clock;

constexpr int kPieces = 4;
constexpr Us kPause{40};
// A push that does not come by then is not waited for.
constexpr Us kNoPush{5'000};

// Precisely: a sleep takes 50 microseconds more than it is told.
void pause(Us time) {
  const auto end = Steady::now() + time;
  while (Steady::now() < end) {
  }
}

/// This thread, of its own accord.
long times_slept() {
  struct rusage usage{};
  (void)getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nvcsw;
}

}  // namespace

Writer::Writer(std::string path, Presence presence, std::string drafts,
               const std::atomic<uint64_t>& windows, std::function<void()> saved)
    : path_(std::move(path)),
      drafts_(std::move(drafts)),
      presence_(presence),
      windows_(windows),
      saved_(std::move(saved)),
      thread_([this] { run(); }) {}

Writer::~Writer() {
  is_over_ = true;
  go_.release();
  thread_.join();
}

void Writer::begin(std::vector<Save> saves) {
  saves_ = std::move(saves);
  is_done_ = false;
  go_.release();
}

std::string Writer::draft(size_t number) const {
  return drafts_ + "/" + std::to_string(number);
}

void Writer::run() {
  for (;;) {
    go_.acquire();
    if (is_over_) return;
    // Made before the first save, so that the next ones follow at once.
    for (size_t i = 0; i < saves_.size(); ++i) {
      if (saves_[i].way == Way::rename) make_draft(saves_[i], draft(i));
    }
    for (size_t i = 0; i < saves_.size(); ++i) {
      make(saves_[i], draft(i));
      saved_();
    }
    is_done_ = true;
  }
}

void Writer::wait_for(const Save& save) const {
  const auto end = Steady::now() + kNoPush;
  const uint64_t seen = windows_;
  while (save.is_aimed && windows_ == seen && Steady::now() < end) {
  }
  pause(save.delay);
}

template <class Call>
int Writer::timed(const char* what, Call call) {
  const long slept = times_slept();
  const auto began = Steady::now();
  const int result = call();
  const int error = errno;
  const auto took = std::chrono::duration_cast<Us>(Steady::now() - began);
  if (times_slept() != slept) longest_ = std::max(longest_, took);
  if (result < 0)
    failures_.push_back(std::string(what) + ": " + std::generic_category().message(error));
  return result;
}

void Writer::write_into(int fd, const Save& save) {
  std::string_view rest = save.content;
  const size_t pieces = save.way == Way::in_place ? kPieces : 1;
  const size_t most = rest.size() / pieces + 1;
  while (!rest.empty()) {
    const std::string_view piece = rest.substr(0, most);
    const auto wrote =
        timed("write", [&] { return static_cast<int>(::write(fd, piece.data(), piece.size())); });
    if (wrote < 0) return;
    rest.remove_prefix(static_cast<size_t>(wrote));
    if (save.way == Way::in_place) pause(kPause);
  }
}

void Writer::make_draft(const Save& save, const std::string& path) {
  const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
  const int fd = timed("open", [&] { return ::open(path.c_str(), flags, 0644); });
  if (fd < 0) return;
  write_into(fd, save);
  (void)timed("close", [&] { return ::close(fd); });
}

void Writer::make(const Save& save, const std::string& draft) {
  // A program that has read the file and comes back to it without looking at its name again.
  const Fd seen(save.way == Way::reopened ? ::open(path_.c_str(), O_RDONLY | O_CLOEXEC) : -1);
  const std::string path = seen ? "/proc/self/fd/" + std::to_string(seen.get()) : path_;
  wait_for(save);
  if (save.way == Way::remove) {
    (void)::unlink(path.c_str());  // or it is gone already
    return;
  }
  if (save.way == Way::rename) {
    (void)timed("rename", [&] { return ::rename(draft.c_str(), path.c_str()); });
    return;
  }
  const int flags = O_WRONLY | O_CLOEXEC | (save.way == Way::truncate ? O_TRUNC : 0) |
                    (presence_ == Presence::perhaps && !seen ? O_CREAT : 0);
  const int fd = timed("open", [&] { return ::open(path.c_str(), flags, 0644); });
  if (fd < 0) return;
  write_into(fd, save);
  const auto length = static_cast<off_t>(save.content.size());
  (void)timed("ftruncate", [&] { return ::ftruncate(fd, length); });
  (void)timed("close", [&] { return ::close(fd); });
}

}  // namespace specd::crash
