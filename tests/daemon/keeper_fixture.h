#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/path.h"
#include "daemon/keeper.h"
#include "tests/support/must.h"
#include "tests/support/temp_dir.h"

namespace specd::daemon {

using Files = std::map<std::string, std::string>;

using test::must;

/// The whole daemon but for its port, beside real programs: the real kernel tells of changes, git
/// makes them. Tests wait for what must come, bounded in time, and never for time itself.
class KeeperTest : public testing::Test {
 protected:
  KeeperTest() {
    root_ = dir_.path() + "/project";
    std::filesystem::create_directories(root_ + "/openspec/changes/archive");
    std::filesystem::create_directories(root_ + "/openspec/specs");
    options_.state_folder = dir_.path() + "/state";
    options_.sync.absence_grace = std::chrono::milliseconds(50);
  }
  ~KeeperTest() override {
    if (keeper_) keeper_->stop();
  }

  void start() {
    keeper_ = must(Keeper::open(options_, events()));
    for (const Error& error : must(keeper_->take_up({root_}))) ADD_FAILURE() << error.message;
    keeper_->start();
    wait_until("ready", [this] { return is_ready_.load(); });
    reader_ = must(keeper_->open_reader());
    project_ = must(reader_->tables().projects.list()).at(0);
  }
  void stop() {
    reader_.reset();
    keeper_->stop();
    keeper_.reset();
    is_ready_ = false;
  }
  Keeper::Events events() {
    const auto tell = [this](bool ready) {
      {
        MutexLock lock(mutex_);
        if (ready) is_ready_ = true;
        ++commits_;
      }
      changed_.notify_all();
    };
    return {.committed = [tell] { tell(false); },
            .ready = [tell] { tell(true); },
            .database_replaced = [tell] { tell(false); },
            .progress = [](size_t, size_t) {}};
  }

  /// Looks again after every commit, for at most a minute.
  bool wait_until(const std::string& what, const std::function<bool()>& is_so) {
    const SteadyTime deadline = system_clock().steady() + std::chrono::seconds(60);
    for (;;) {
      uint64_t seen = 0;
      {
        MutexLock lock(mutex_);
        seen = commits_;
      }
      if (is_so()) return true;
      MutexLock lock(mutex_);
      const SteadyTime again =
          std::min(deadline, system_clock().steady() + std::chrono::milliseconds(100));
      while (commits_ == seen && system_clock().steady() < again)
        (void)changed_.wait_until(mutex_, again);
      if (system_clock().steady() >= deadline) {
        ADD_FAILURE() << "did not come: " << what;
        return false;
      }
    }
  }
  void wait_in_step() {
    const auto is_in_step = [this] { return rows() == disk(); };
    if (wait_until("rows equal to files", is_in_step)) return;
    EXPECT_EQ(rows(), disk());
  }

  // ---- the disk
  [[nodiscard]] std::string at(const std::string& path) const { return root_ + "/" + path; }
  void put(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(at(path)).parent_path());
    std::ofstream(at(path), std::ios::binary) << text;
  }
  /// A shell command in the project; its output where it fails.
  void run(const std::string& command) const {
    const std::string quiet =
        "cd '" + root_ + "' && (" + command + ") > '" + dir_.path() + "/out' 2>&1";
    if (std::system(quiet.c_str()) != 0)
      ADD_FAILURE() << command << ":\n" << read(dir_.path() + "/out");
  }
  static std::string read(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  /// Every spec file on disk, by path.
  [[nodiscard]] Files disk() const {
    Files found;
    for (const char* place : {"openspec/changes", "openspec/specs"}) {
      std::error_code gone;
      for (const auto& entry : std::filesystem::recursive_directory_iterator(at(place), gone)) {
        if (entry.is_regular_file(gone))
          found[std::filesystem::relative(entry.path(), root_, gone)] = read(entry.path());
      }
    }
    return found;
  }

  // ---- the database
  [[nodiscard]] Files rows() const {
    Files found;
    for (const store::Spec& spec : must(reader_->tables().specs.list_live(project_.id))) {
      for (const store::FileRow& file : must(reader_->tables().files.of_spec(spec.key))) {
        if (file.deleted_at) continue;
        const auto row = must(reader_->tables().files.get(project_.id, file.path));
        if (row) found[file.path] = row->content;
      }
    }
    return found;
  }
  [[nodiscard]] std::string key(spec::Kind kind, const std::string& id) const {
    const auto spec = must(reader_->tables().specs.live(project_.id, kind, id));
    return spec ? spec->key.value.text : "";
  }

  test::TempDir dir_;
  std::string root_;
  KeeperOptions options_;
  std::unique_ptr<Keeper> keeper_;
  std::unique_ptr<store::Reader> reader_;
  store::Project project_;

  Mutex mutex_;
  CondVar changed_;
  uint64_t commits_ SPECD_GUARDED_BY(mutex_) = 0;
  std::atomic<bool> is_ready_ = false;
};

}  // namespace specd::daemon
