#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "bench/support/tree.h"
#include "daemon/keeper.h"

namespace specd::bench {

/// What is measured: the whole daemon but for its port, on one project. Main thread.
class Subject {
 public:
  /// Starts it, and waits until it has looked at everything.
  Subject(const std::string& root, const std::string& state_folder);
  ~Subject();

  /// From before the database is opened until everything was looked at.
  [[nodiscard]] double ready_ms() const { return ready_ms_; }
  [[nodiscard]] daemon::Keeper& keeper() { return *keeper_; }
  [[nodiscard]] size_t commits() SPECD_EXCLUDES(mutex_);

  /// Looks again after every commit; ends the program after two minutes.
  void wait_until(const std::string& what, const std::function<bool()>& is_so);
  /// Until the rows of these files, given below the root, hold these contents; in any order.
  void wait_for_rows(const std::vector<std::string>& paths,
                     const std::function<std::string(size_t)>& content);
  [[nodiscard]] bool has_row(const std::string& path, const std::string& content);
  /// Brings into step what is on disk at the call.
  void sync_now();
  /// Ends the program unless exactly `files` rows equal the files on disk, byte for byte.
  void expect_in_step(size_t files);

 private:
  const std::string root_;
  Mutex mutex_;
  CondVar changed_;
  size_t commits_ SPECD_GUARDED_BY(mutex_) = 0;
  bool is_ready_ SPECD_GUARDED_BY(mutex_) = false;

  std::unique_ptr<daemon::Keeper> keeper_;
  std::unique_ptr<store::Reader> reader_;
  store::Project project_;
  double ready_ms_ = 0;
};

}  // namespace specd::bench
