#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

namespace specd::crash {

using Us = std::chrono::microseconds;

/// How programs save.
enum class Way {
  rename,    ///< a new file in its place, at once
  truncate,  ///< opened empty, written, closed
  in_place,  ///< opened, written over piece by piece, cut to its length, closed
  reopened,  ///< opened for reading first, and for writing as the very file that this was
  remove,    ///< no save: the file is deleted
};

/// One save that is to be made.
struct Save {
  Way way = Way::rename;
  std::string content;
  bool is_aimed = false;  ///< at the next moment of a push at which it may hurt, if that is soon
  Us delay{};             ///< before it; where aimed, after that moment has begun
};

/// Whether the file may be away at the moment at which it is saved.
enum class Presence { always, perhaps };

/// Another program: a thread that saves one file with plain system calls, as it is told to. All but
/// the thread's own work is for one other thread.
class Writer {
 public:
  /// `path` is saved, and created only where it is not there always; `drafts` is a folder of the
  /// same file system, for new files. `windows` rises when a push comes to such a moment. `saved`
  /// is called on the writer's thread after each save.
  Writer(std::string path, Presence presence, std::string drafts,
         const std::atomic<uint64_t>& windows, std::function<void()> saved);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// Makes these saves, one after the other. The last ones are done.
  void begin(std::vector<Save> saves);
  /// All are complete.
  [[nodiscard]] bool is_done() const { return is_done_; }

  /// Once done: how long a system call of a save waited at the longest. A call that never slept was
  /// not kept waiting, though the machine may have been busy with others.
  [[nodiscard]] Us longest() const { return longest_; }
  /// Once done: what a save could not do, for people.
  [[nodiscard]] const std::vector<std::string>& failures() const { return failures_; }

 private:
  void run();
  void wait_for(const Save& save) const;
  void make_draft(const Save& save, const std::string& path);
  void make(const Save& save, const std::string& draft);
  void write_into(int fd, const Save& save);
  template <class Call>
  int timed(const char* what, Call call);
  [[nodiscard]] std::string draft(size_t number) const;

  const std::string path_, drafts_;
  const Presence presence_;
  const std::atomic<uint64_t>& windows_;
  const std::function<void()> saved_;
  std::vector<Save> saves_;
  Us longest_{};
  std::vector<std::string> failures_;
  std::atomic<bool> is_done_ = true, is_over_ = false;
  std::binary_semaphore go_{0};
  std::thread thread_;  // last: it uses all else
};

}  // namespace specd::crash
