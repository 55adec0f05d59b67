#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/crash/power_cut.h"
#include "tests/fake/fault_vfs.h"
#include "tests/fake/mem_disk.h"
#include "tests/sync/engine_fixture.h"

namespace specd::crash {

/// What an engine stands on whose power may be cut: all that is done to it is told to a timeline.
/// The database's files are real ones, which SQLite writes through FaultVfs.
class PowerGround {
 protected:
  PowerGround();
  /// From now on the power may be cut.
  void record();
  [[nodiscard]] Timeline recorded();
  void promise(const std::string& what);
  /// What was there after the cut, instead of all that is.
  void revive(const Survived& survived);

  const test::TempDir ground_;
  MemDisk disk_;

 private:
  void note(const FaultVfs::Change& change);
  void note(Step step);

  std::mutex mutex_;
  bool is_recording_ = true;
  Timeline line_;
  FaultVfs vfs_;
};

/// One file of a scenario.
struct Outcome {
  std::string path;
  std::optional<std::string> before, after;
  /// What another program saves over it later: then both are kept, and a conflict tells.
  std::optional<std::string> later{};
};

/// An engine on such ground, which a test drives up to some moment, and which goes on with
/// whatever a cut has left.
class PowerRig : private PowerGround, private sync::EngineRig {
 public:
  static constexpr const char* kEdited = "the edit was acknowledged";
  static constexpr const char* kSaved = "another program has saved";

  PowerRig();

  // ---- what there is before, and what happens
  void save(const std::string& path, const std::string& text);
  void begin() { record(); }
  [[nodiscard]] Timeline end() { return recorded(); }
  void edit(std::vector<sync::FileEdit> files);
  /// As a client that has this `PRAGMA synchronous`.
  void sql(const std::string& script, const std::string& synchronous);
  /// A program that found the file before it was displaced writes into it now.
  void save_late(const std::string& text);
  void pass(std::chrono::milliseconds time) { wait(time); }
  /// Which inode a path of the project, or of the state folder, has; 0: none.
  [[nodiscard]] uint64_t inode_of(const std::string& path);
  [[nodiscard]] uint64_t state_inode_of(const std::string& path);
  [[nodiscard]] uint64_t staging_folder();

  /// Goes on after a cut until all is quiet, and says what is wrong then; empty: nothing.
  [[nodiscard]] std::string judge(const Survived& survived, const std::vector<Outcome>& files);

 private:
  std::unique_ptr<Fs> open_fs(const std::string& root) override;
  Result<std::unique_ptr<FileOps>> open_ops(const std::string& root) override;
  void restart(const Survived& survived);
  [[nodiscard]] std::map<std::string, std::string> files();
  std::string judge_project(bool may_conflict);
  std::string judge_file(const Outcome& file, const std::set<std::string>& promises);
  [[nodiscard]] bool is_kept(const std::string& path, const std::optional<std::string>& text);
};

}  // namespace specd::crash
