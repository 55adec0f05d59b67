#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/file_ops.h"
#include "base/fs.h"
#include "tests/fake/fault_vfs.h"
#include "tests/fake/mem_disk.h"
#include "tests/support/temp_dir.h"

namespace specd::simulation {

/// What the engine stands on: files in memory, and a database on a real disk that nobody waits for.
/// Whatever the engine calls goes through here, so that others can act between two calls, one call
/// may fail, and the process may be killed before any: from then on nothing that it does reaches
/// anything, as if it were not there.
class Ground {
 public:
  Ground();

  static constexpr const char* kProject = "project";
  static constexpr const char* kState = "state";

  [[nodiscard]] MemDisk& disk() { return disk_; }
  [[nodiscard]] const test::TempDir& folder() const { return folder_; }
  [[nodiscard]] std::unique_ptr<Fs> open_fs();
  [[nodiscard]] std::unique_ptr<FileOps> open_ops();

  /// Before each call on files; it may act on them and on the database.
  void meanwhile(std::function<void()> act) { meanwhile_ = std::move(act); }
  /// Whose doing `act` is. What nobody is named for is looked at by the test alone.
  enum class Who { nobody, engine, client };
  void as(Who who, const std::function<void()>& act);

  /// The process is killed before the call after so many others.
  void kill_after(uint64_t calls) { calls_to_kill_ = calls; }
  void kill() { is_dead_ = true; }
  /// There is no room for one of the calls that write files, after so many others.
  void fail_after(uint64_t calls) { calls_to_fail_ = calls; }
  [[nodiscard]] bool is_dead() const { return is_dead_; }
  /// There is a new process, and nothing waits for it.
  void revive();
  /// Of the engine, so far.
  [[nodiscard]] uint64_t calls() const { return calls_; }

 private:
  std::optional<Error> before_call();
  std::optional<Error> out_of_room();
  int before_database_call(FaultVfs::Call call);
  bool dies();

  const test::TempDir folder_;
  MemDisk disk_;
  FaultVfs vfs_;
  std::function<void()> meanwhile_;
  bool is_dead_ = false, is_meanwhile_ = false;
  Who who_ = Who::nobody;
  std::optional<uint64_t> calls_to_kill_, calls_to_fail_;
  uint64_t calls_ = 0;
};

}  // namespace specd::simulation
