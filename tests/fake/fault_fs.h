#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/fs.h"

namespace specd {

/// A file system that fails where a test says so, and is the one below everywhere else.
class FaultFs final : public Fs {
 public:
  enum class Call { stat, list, read };
  /// The failure of this call for this path; none: it goes through.
  using Faults = std::function<std::optional<Error>(Call, const std::string& path)>;

  FaultFs(std::unique_ptr<Fs> below, Faults faults)
      : below_(std::move(below)), faults_(std::move(faults)) {}

  Result<FileStat> attach() override { return below_->attach(); }
  Result<FileStat> stat(const std::string& path) override {
    if (auto error = faults_(Call::stat, path)) return tl::unexpected(*error);
    return below_->stat(path);
  }
  Result<Listing> list(const std::string& path) override {
    if (auto error = faults_(Call::list, path)) return tl::unexpected(*error);
    return below_->list(path);
  }
  Result<uint64_t> glance(const std::string& path, const Enters& enters) override {
    if (auto error = faults_(Call::list, path)) return tl::unexpected(*error);
    std::optional<Error> error;
    auto sum = below_->glance(path, [&](const std::string& below) {
      if (!enters(below)) return false;
      if (auto fault = faults_(Call::list, below)) error = std::move(fault);
      return true;
    });
    if (error) return tl::unexpected(*error);
    return sum;
  }
  Result<std::vector<std::string>> folders(const std::string& path) override {
    if (auto error = faults_(Call::list, path)) return tl::unexpected(*error);
    return below_->folders(path);
  }
  Result<FileRead> read(const std::string& path, ReadMode mode, int64_t max_bytes) override {
    if (auto error = faults_(Call::read, path)) return tl::unexpected(*error);
    return below_->read(path, mode, max_bytes);
  }

 private:
  const std::unique_ptr<Fs> below_;
  const Faults faults_;
};

}  // namespace specd
