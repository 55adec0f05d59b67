#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sqlite/database.h"
#include "tests/simulation/chance.h"
#include "tests/simulation/ground.h"
#include "tests/simulation/ledger.h"
#include "tests/sync/engine_fixture.h"

namespace specd::simulation {

/// An engine with one project, which lives and dies as it is told, and hears only those hints that
/// it is given. Whatever it does is seen by the ledger.
class World : protected Ground, protected sync::EngineRig {
 public:
  explicit World(uint64_t seed);
  ~World() override;

 protected:
  /// All that is done to the engine is done here: what it has done is looked at, and one that was
  /// killed is replaced.
  void drive(const std::function<void(sync::Engine&)>& act);
  /// So long, and one step.
  void step(std::chrono::microseconds time);
  /// Four rounds after that, as EngineRig's.
  void pass(std::chrono::milliseconds time);
  void jump(std::chrono::microseconds by);
  enum class Stop { killed, asked };
  void restart(Stop how);
  void trust_database();
  [[nodiscard]] bool is_trusted() const { return is_trusted_; }
  /// How often it was killed, and how long it may take.
  [[nodiscard]] uint64_t kills() const { return kills_; }

  // ---- what the watcher tells
  void notify(Hint::What what, const std::string& path, const std::string& from);
  void notify_commit();
  /// Some of what was late, or all of it.
  void deliver_late(size_t most);
  void lose_no_more_hints() { is_lossy_ = false; }

  // ---- the database, as another client sees it
  [[nodiscard]] sqlite::Database& client() { return *client_; }
  [[nodiscard]] bool is_seen(const std::string& path, const std::string& content);
  /// Anywhere in the database.
  [[nodiscard]] bool is_kept(const std::string& content);
  struct Row {
    std::string spec, content;
    friend bool operator==(const Row&, const Row&) = default;
  };
  [[nodiscard]] std::map<std::string, Row> live_rows();

  /// Of rows that somebody has to look at.
  [[nodiscard]] std::vector<std::string> dirty_paths();
  [[nodiscard]] bool is_staging_empty();
  /// For the trace.
  void say(std::string what) { trace_.push_back(std::move(what)); }
  [[nodiscard]] const std::vector<std::string>& said() const { return trace_; }
  [[nodiscard]] MemDisk& disk_of_world() { return Ground::disk(); }
  void wrong(const std::string& what) { wrongs_.push_back(what); }
  [[nodiscard]] const std::vector<std::string>& wrongs_seen() const { return wrongs_; }

  Chance chance_;
  Ledger ledger_;

 private:
  std::unique_ptr<Fs> open_fs(const std::string&) override { return Ground::open_fs(); }
  Result<std::unique_ptr<FileOps>> open_ops(const std::string&) override {
    return Ground::open_ops();
  }
  void set_time();
  void look_at_history();

  std::optional<sqlite::Database> client_;
  bool is_trusted_ = true, is_lossy_ = true;
  uint64_t kills_ = 0;
  std::vector<Hint> late_;
  bool is_commit_late_ = false;
  std::vector<std::string> wrongs_, trace_;
  std::map<std::string, Row> rows_;  // as they were at the last commit
  int64_t last_history_ = 0, last_event_ = 0;
  int last_commits_ = 0;
};

}  // namespace specd::simulation
