#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "store/store.h"
#include "tests/system/daemon_process.h"

namespace specd::bench {

/// What is measured where a process of its own matters: the real `specd run`, on one project.
class Daemon {
 public:
  struct Options {
    int batch_seconds = 30;
    std::string state_folder;    ///< empty: a new one
    size_t listeners = 0;        ///< room for so many, by the limits of its configuration
    int heartbeat_seconds = 15;  ///< between two signs of life to them
  };
  /// Starts it, and waits until it is ready.
  Daemon(const std::string& root, const Options& options);
  ~Daemon();

  /// From its start to its line "ready".
  [[nodiscard]] double ready_ms() const { return ready_ms_; }
  [[nodiscard]] uint16_t port() const { return process_.port(); }
  /// Of its API.
  [[nodiscard]] std::string token() const;
  /// Its database, for other clients of it.
  [[nodiscard]] std::string database() const { return state_ + "/specd.db"; }
  /// A connection that brings the token.
  [[nodiscard]] test::RawClient client() const;
  void signal(int number) const;

  /// Another command of the program, to its end: how many lines it prints.
  [[nodiscard]] size_t ask(const std::vector<std::string>& command) const;

  /// What the kernel says of all its threads.
  [[nodiscard]] double private_mib() const;  ///< RssAnon
  [[nodiscard]] double private_kib() const;  ///< Private_Clean and Private_Dirty of smaps_rollup
  [[nodiscard]] double cpu_ms() const;
  [[nodiscard]] uint64_t wakeups() const;  ///< how often one of them waited, and came back

  /// Until the rows of these files, given below the root, hold these contents.
  void wait_for_rows(const std::vector<std::string>& paths,
                     const std::function<std::string(size_t)>& content);
  /// Until the full-text index has all of `files`.
  void wait_for_search(size_t files) const;
  /// Ends the program unless exactly `files` rows equal the files on disk, byte for byte.
  void expect_in_step(size_t files) const;

 private:
  test::DaemonProcess process_;
  std::string state_;
  double ready_ms_ = 0;
  std::unique_ptr<store::Reader> reader_;
  store::Project project_;
};

}  // namespace specd::bench
