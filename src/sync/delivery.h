#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/file_ops.h"
#include "base/result.h"
#include "sync/replace.h"
#include "sync/staging_area.h"

namespace specd::sync {

/// What one file is to become, and what it has to be until then.
struct PushOrder {
  std::string path;
  std::string identity;  ///< StagingArea's, for the names of what is staged; empty: the path
  std::string spec_dir;  ///< the folder of its spec, which must be there, and be this one:
  uint64_t dir_dev = 0;
  uint64_t dir_ino = 0;
  std::optional<Digest> base;          ///< what the disk has now; none: there is no such file
  std::optional<std::string> content;  ///< none: the file is to go
};

/// A file of ours, or one that we displaced, that lies in a staging folder until it is known that
/// nothing in it is missed.
struct StagedFile {
  StagingPlace place = StagingPlace::state_folder;
  std::string folder;  ///< where `beside` or `aside`: relative to the project's root
  std::string name;
  std::string path;              ///< the file that it belongs to
  std::optional<Digest> ours{};  ///< what was put in its place; none: nothing, or nobody knows
};

/// One content on its way into one file. `prepare` does what may take long, and changes nothing
/// that anybody sees; `put` is quick, and may not be possible any more. Then `make_durable`.
///
/// It does not move, since what it has staged refers to its folder. Used by one thread at a time.
class Delivery {
 public:
  Delivery(FileOps& ops, const StagingArea& area, PushOrder order, std::string nonce,
           int64_t max_bytes);
  /// What was staged and not used is gone afterwards.
  ~Delivery();
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;

  /// Finds the place, and makes the new file ready beside it. `Swap::overtaken`: it is not what the
  /// order says. An error is for people: what keeps this file from being written.
  [[nodiscard]] Result<Swap> prepare();
  /// As Replacer's calls. An error: nothing was changed, or what was changed is left over.
  [[nodiscard]] Result<SwapResult> put();
  /// The name of the target. That of what was displaced is made so by `staging`'s own sync. A
  /// deletion takes the folders along that it has emptied; the spec's own stays.
  [[nodiscard]] Result<> make_durable();
  /// The folder in which it was staged, which many deliveries share; null: the target's own.
  [[nodiscard]] const Handle* staging() const;

  [[nodiscard]] const PushOrder& order() const { return order_; }
  /// What may lie in a staging folder after `put`, whoever it belongs to.
  [[nodiscard]] const std::vector<StagedFile>& left_over() const { return left_over_; }

 private:
  [[nodiscard]] const std::string& identity() const {
    return order_.identity.empty() ? order_.path : order_.identity;
  }
  Result<Swap> find_folder();
  Result<Handle> walk(const Handle& from, std::string_view below);
  Result<Swap> look_at_target();
  Result<> stage();
  Result<SwapResult> put_new();
  Result<SwapResult> exchange();
  Result<SwapResult> exchange_aside();
  Result<SwapResult> take_away();
  void leave_staged();
  void leave(const std::string& name, StagingPlace place);

  FileOps& ops_;
  const StagingArea& area_;
  const PushOrder order_;
  const std::string nonce_;
  Replacer replacer_;

  std::string target_;  ///< the path, where it is a link, of what it leads to
  std::string folder_path_;
  Handle spec_folder_;  ///< none where the target lies right in it, or in none
  Handle folder_;
  bool is_taken_away_ = false;
  std::string name_;
  Attributes attributes_;
  StagingPlace place_ = StagingPlace::beside;
  const Handle* staging_ = nullptr;
  std::string staged_name_;
  std::optional<Staged> staged_;
  std::vector<StagedFile> left_over_;
};

}  // namespace specd::sync
