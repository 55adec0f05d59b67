#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/system/daemon_process.h"

namespace specd::test {

/// Those who work beside the daemon on one project: git, sed, vim, the openspec CLI, a SQLite
/// client, and a client of the daemon's API; all at once, each as fast as it can.
///
///   openspec/changes/git-N      tracked, and nobody else's: git goes back and forth between
///   commits openspec/changes/shared-N   sed or vim counts in the first line, the API's client in
///   the last openspec/changes/sql        the SQLite client counts openspec/changes/done-N     the
///   openspec CLI archives them, one after the other
class Neighbours {
 public:
  /// Makes the project.
  Neighbours(const DaemonProcess& daemon, std::string root);
  /// As `rest`.
  ~Neighbours();
  Neighbours(const Neighbours&) = delete;
  Neighbours& operator=(const Neighbours&) = delete;

  /// All but the API's client begin, and go on until `rest`.
  void begin();
  /// Each ends what it is at.
  void rest();
  /// On the caller's thread, until it has made so many edits or nobody answers any more: reads a
  /// shared file, changes its last line, and puts it back.
  void edit_by_api(int edits);

  /// When all rest and the daemon is in step: what is lost of what anybody did, and what should not
  /// be there; for people.
  [[nodiscard]] std::vector<std::string> losses() const;
  /// How much each has done, for people.
  [[nodiscard]] std::string to_string() const;
  /// Whether each has done something.
  [[nodiscard]] bool has_all_done() const;

 private:
  /// A file in which somebody counts.
  struct Counted {
    std::string path;
    int count = 0;  ///< the last that was written
  };
  struct Edit {
    std::string path, text;
  };
  void put(const std::string& path, const std::string& text) const;
  [[nodiscard]] std::string text_of(const std::string& path) const;
  void must_run(const std::vector<std::string>& command);
  void go_back_and_forth();
  void count_by_sed();
  void count_by_vim();
  void count_by_sql();
  void archive();
  void edit(RawClient& client, const std::string& path);
  enum class Kept { all, displaced };
  [[nodiscard]] std::vector<std::string> versions(const std::string& path, Kept kept) const;
  [[nodiscard]] bool has_last(const Counted& counted) const;

  const DaemonProcess& daemon_;
  const std::string root_;
  std::atomic<bool> is_over_ = false;
  Counted sed_{"openspec/changes/shared-1/tasks.md"};
  Counted vim_{"openspec/changes/shared-2/tasks.md"};
  Counted sql_{"openspec/changes/sql/tasks.md"};
  int checkouts_ = 0;
  int archived_ = 0;
  std::vector<Edit> accepted_;
  int too_late_ = 0;
  std::atomic<int> failures_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace specd::test
