#include "tests/simulation/ground.h"

#include <cerrno>
#include <filesystem>
#include <utility>

#include "tests/fake/fault_fs.h"
#include "tests/fake/hook_ops.h"
#include "tests/fake/mem_fs.h"
#include "tests/fake/mem_ops.h"

namespace specd::simulation {
namespace {

namespace fs = std::filesystem;

fs::path quick_folder() {
  const fs::path memory = "/dev/shm";
  std::error_code none;
  return fs::is_directory(memory, none) ? memory : fs::temp_directory_path();
}

/// Whether a full disk can make it fail.
bool needs_room(HookOps::Call call) {
  using enum HookOps::Call;
  return call == create_unnamed || call == write || call == sync || call == name ||
         call == exchange || call == rename || call == make_folder;
}

Error failure(const char* why, int os) {
  return fail_os(why, os).value();
}

}  // namespace

Ground::Ground()
    : folder_(quick_folder()),
      disk_(0),
      vfs_([this](FaultVfs::Call call) { return before_database_call(call); }) {
  disk_.folder(kState);
  disk_.folder(std::string(kProject) + "/openspec/changes/archive");
  disk_.folder(std::string(kProject) + "/openspec/specs");
}

std::unique_ptr<Fs> Ground::open_fs() {
  return std::make_unique<FaultFs>(
      std::make_unique<MemFs>(disk_, kProject),
      [this](FaultFs::Call, const std::string&) { return before_call(); });
}

std::unique_ptr<FileOps> Ground::open_ops() {
  auto ops = std::make_unique<HookOps>(std::make_unique<MemOps>(disk_, kProject, folder_.path()));
  ops->before([this](HookOps::Call call) {
    auto error = before_call();
    return error || !needs_room(call) ? error : out_of_room();
  });
  return ops;
}

void Ground::as(Who who, const std::function<void()>& act) {
  const Who was = std::exchange(who_, who);
  act();
  who_ = was;
}

void Ground::revive() {
  is_dead_ = false;
  calls_to_kill_.reset();
  calls_to_fail_.reset();
}

bool Ground::dies() {
  if (!is_dead_ && calls_to_kill_ && (*calls_to_kill_)-- == 0) {
    calls_to_kill_.reset();
    is_dead_ = true;
  }
  return is_dead_;
}

std::optional<Error> Ground::before_call() {
  if (is_meanwhile_) return std::nullopt;
  ++calls_;
  if (dies()) return failure("the process is gone", EIO);
  if (meanwhile_) {
    is_meanwhile_ = true;
    as(Who::client, meanwhile_);
    is_meanwhile_ = false;
  }
  return std::nullopt;
}

std::optional<Error> Ground::out_of_room() {
  if (!calls_to_fail_ || (*calls_to_fail_)-- != 0) return std::nullopt;
  calls_to_fail_.reset();
  return failure("write", ENOSPC);
}

int Ground::before_database_call(FaultVfs::Call call) {
  using enum FaultVfs::Call;
  if (who_ == Who::client) return SQLITE_OK;
  if (is_dead_) return SQLITE_IOERR;
  // One that only looks is no other moment.
  const bool is_change = call == write || call == truncate || call == sync;
  return who_ == Who::engine && is_change && dies() ? SQLITE_IOERR : SQLITE_OK;
}

}  // namespace specd::simulation
