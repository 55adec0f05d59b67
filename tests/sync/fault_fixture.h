#pragma once

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sync/verify.h"
#include "tests/fake/fault_fs.h"
#include "tests/sync/engine_fixture.h"

namespace specd::sync {

/// An engine on a disk that can be made to fail.
class FaultTest : public EngineTest {
 protected:
  using Call = FaultFs::Call;

  std::unique_ptr<Fs> open_fs(const std::string& root) override {
    return std::make_unique<FaultFs>(posix_fs(root), [this](Call call, const std::string& path) {
      return fault_ ? fault_(call, path) : std::nullopt;
    });
  }
  /// From now on, reading this file fails.
  void break_read(const std::string& path, Error error) {
    fault_ = [=](Call call, const std::string& at) {
      return call == Call::read && at == path ? std::optional(error) : std::nullopt;
    };
  }

  /// From now on, listing this folder fails.
  void break_list(const std::string& path) {
    fault_ = [=](Call call, const std::string& at) {
      return call == Call::list && at == path
                 ? std::optional(Error{Code::io, "list: Permission denied", EACCES})
                 : std::nullopt;
    };
  }
  /// Rows of the history that tell of one.
  size_t failures() {
    const auto entries = history();
    return static_cast<size_t>(std::count_if(entries.begin(), entries.end(),
                                             [](const auto& entry) { return !entry.success; }));
  }

  std::vector<std::string> verified() { return report().differences; }
  VerifyReport report() {
    const auto reader = must(store::Reader::open(dir_.path() + "/state"));
    const auto project = must(tables().projects.get(project_));
    const auto fs = open_fs(root_);
    must(fs->attach());
    return must(verify(*fs, *reader, *project, options_));
  }

  FaultFs::Faults fault_;
};

}  // namespace specd::sync
