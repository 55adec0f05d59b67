#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/fs_posix.h"
#include "base/rng.h"
#include "store/store.h"
#include "sync/engine.h"
#include "tests/fake/fake_clock.h"
#include "tests/support/must.h"
#include "tests/support/temp_dir.h"

namespace specd::sync {

using test::must;

/// A project on the real disk, a database, and an engine that is driven by hand: hints are given,
/// time is moved.
class EngineRig {
 protected:
  /// `dir`: of a rig before this one, whose state and project it goes on with; none: its own.
  explicit EngineRig(const test::TempDir* dir = nullptr, const FakeClock& clock = FakeClock(),
                     const Options& options = {})
      : own_dir_(dir == nullptr ? std::make_unique<test::TempDir>() : nullptr),
        dir_(dir == nullptr ? *own_dir_ : *dir),
        clock_(clock),
        options_(options) {
    root_ = dir_.path() + "/project";
    std::filesystem::create_directories(root_ + "/openspec/changes/archive");
    std::filesystem::create_directories(root_ + "/openspec/specs");
    open();
  }

  void open() {
    auto opened = must(store::Store::open(
        {.folder = dir_.path() + "/state", .now = clock_.wall(), .boot_id = "b"}));
    store_ = std::move(opened.store);
    Hooks hooks;
    hooks.open_fs = [this](const std::string& root) { return open_fs(root); };
    hooks.open_ops = [this](const std::string& root) { return open_ops(root); };
    hooks.watch = [this](const store::Project&, const spec::ProjectConfig&) { ++watches_; };
    hooks.unwatch = [](ProjectId) {};
    hooks.probe_watcher = [this] { return is_watcher_alive_; };
    hooks.restart_watcher = [this] { ++watcher_restarts_; };
    hooks.committed = [this] { ++commits_; };
    hooks.ready = [this] { is_ready_ = true; };
    hooks.progress = [](size_t, size_t) {};
    hooks.database_replaced = [this] { ++replaced_; };
    engine_ = std::make_unique<Engine>(*store_, clock_, random_, options_, std::move(hooks));
    must(engine_->start());
  }
  virtual ~EngineRig() = default;
  EngineRig(const EngineRig&) = delete;
  EngineRig& operator=(const EngineRig&) = delete;

  virtual std::unique_ptr<Fs> open_fs(const std::string& root) { return posix_fs(root); }
  virtual Result<std::unique_ptr<FileOps>> open_ops(const std::string& root) {
    return posix_file_ops(root);
  }
  /// As after a crash, or an ordinary restart.
  void reopen() {
    engine_.reset();
    store_.reset();
    open();
    rounds();
  }
  void add() {
    project_ = must(engine_->add_project(root_, "app")).id;
    rounds();
  }

  // ---- the disk
  [[nodiscard]] std::string at(const std::string& path) const { return root_ + "/" + path; }
  void put(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(at(path)).parent_path());
    std::ofstream(at(path), std::ios::binary) << text;
  }
  // A file of this moment is read again at each look; this one no more.
  void settle(const std::string& path) const {
    const auto fs = posix_fs(root_);
    for (int i = 0; i < 10'000'000; ++i) {
      if (must(fs->read(path, ReadMode::plain, 100)).settled) return;
    }
    FAIL() << path << " does not settle";
  }
  void remove(const std::string& path) const { std::filesystem::remove_all(at(path)); }
  void rename(const std::string& from, const std::string& to) const {
    std::filesystem::rename(at(from), at(to));
  }
  void exchange(const std::string& one, const std::string& other) const {
    ASSERT_EQ(::renameat2(AT_FDCWD, at(one).c_str(), AT_FDCWD, at(other).c_str(), RENAME_EXCHANGE),
              0);
  }

  // ---- hints and time
  void hint(Hint::What what, const std::string& path, const std::string& from = "") {
    engine_->post({{project_, what, path, from}});
    rounds();
  }
  void saved(const std::string& path) { hint(Hint::What::file, path); }
  void rounds() {
    for (int i = 0; i < 4; ++i) {
      clock_.advance(options_.coalesce);
      engine_->step(clock_.steady());
    }
  }
  void wait(std::chrono::milliseconds by) {
    clock_.advance(by);
    rounds();
  }
  void grace() { wait(options_.absence_grace); }
  void batch() { wait(options_.batch_every); }

  // ---- the database
  store::Tables& tables() { return store_->tables; }
  [[nodiscard]] std::optional<store::Spec> live(spec::Kind kind, const std::string& id) {
    return must(tables().specs.live(project_, kind, id));
  }
  [[nodiscard]] std::string key(spec::Kind kind, const std::string& id) {
    auto spec = live(kind, id);
    return spec ? spec->key.value.text : "none: " + id;
  }
  [[nodiscard]] std::optional<std::string> row(const std::string& path) {
    auto file = must(tables().files.get(project_, path));
    if (!file || file->deleted_at) return std::nullopt;
    return file->content;
  }
  [[nodiscard]] std::vector<store::Conflict> conflicts() {
    return must(tables().conflicts.list_open({}));
  }
  [[nodiscard]] std::vector<store::HistoryEntry> history() {
    return must(tables().history.list({.limit = 1000}));
  }
  [[nodiscard]] std::vector<std::string> events() {
    std::vector<std::string> types;
    const auto latest = must(tables().events.latest());
    for (const auto& event : must(tables().events.after({latest.epoch, {}}, 1000)).events)
      types.push_back(event.type);
    return types;
  }
  [[nodiscard]] std::vector<std::string> deleted_events() {
    std::vector<std::string> types = events();
    std::erase_if(types, [](const std::string& type) { return type != "spec.deleted"; });
    return types;
  }
  [[nodiscard]] ProjectStatus status() { return engine_->status().projects.at(0); }

  /// Every live row, by path.
  std::map<std::string, std::string> rows() {
    std::map<std::string, std::string> found;
    for (const store::Spec& spec : must(tables().specs.list_live(project_))) {
      for (const store::FileRow& file : must(tables().files.of_spec(spec.key))) {
        if (!file.deleted_at)
          found[file.path] = must(tables().files.get(project_, file.path))->content;
      }
    }
    return found;
  }
  /// Every file on disk in changes and specs, by path.
  [[nodiscard]] std::map<std::string, std::string> disk() const {
    std::map<std::string, std::string> found;
    for (const char* place : {"openspec/changes", "openspec/specs"}) {
      if (!std::filesystem::exists(at(place))) continue;
      for (const auto& entry : std::filesystem::recursive_directory_iterator(at(place))) {
        if (!entry.is_regular_file()) continue;
        std::ifstream in(entry.path(), std::ios::binary);
        found[std::filesystem::relative(entry.path(), root_)] = {std::istreambuf_iterator<char>(in),
                                                                 {}};
      }
    }
    return found;
  }
  void expect_in_step() { EXPECT_EQ(rows(), disk()); }

  const std::unique_ptr<test::TempDir> own_dir_;
  const test::TempDir& dir_;
  std::string root_;
  FakeClock clock_;
  SeededRandom random_{1};
  Options options_;
  bool is_watcher_alive_ = true;
  bool is_ready_ = false;
  int watches_ = 0, watcher_restarts_ = 0, commits_ = 0, replaced_ = 0;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Engine> engine_;
  ProjectId project_{};
};

class EngineTest : public testing::Test, protected EngineRig {};

}  // namespace specd::sync
