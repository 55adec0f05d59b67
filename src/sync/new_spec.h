#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/file_ops.h"
#include "base/result.h"
#include "spec/new_spec.h"
#include "store/store.h"
#include "sync/edit.h"
#include "sync/options.h"

namespace specd::sync {

/// A spec that is to be made.
struct NewSpecRequest {
  spec::NewSpecWords words;
  std::string day;                           ///< "2026-11-21", where the person is
  std::map<std::string, std::string> files;  ///< by name in its folder; over what it begins with
  /// Also where an archived spec had the name, or a LeanSpec one of another number has it.
  bool is_forced = false;
  std::string actor;  ///< as the client called itself; empty: not given
};

struct NewSpecAnswer {
  /// The spec that was made; or, where `is_taken`, the one that has the name: then nothing was.
  store::Spec spec;
  bool is_taken = false;
  EditAnswer edit;  ///< of its files
};
using NewSpecDone = std::function<void(Result<NewSpecAnswer>)>;

/// All that can be known before anything is made. `invalid`, `refused`: why no such spec can be.
[[nodiscard]] Result<> check_new(const spec::ProjectConfig& config, const NewSpecRequest& request,
                                 const Options& options);

/// The spec that has the name already, as far as the database knows; an archived one, or a LeanSpec
/// one under another number, only unless the request is forced.
[[nodiscard]] Result<std::optional<store::Spec>> holder_of_name(const store::Tables& tables,
                                                                ProjectId project,
                                                                const spec::ProjectConfig& config,
                                                                const NewSpecRequest& request);

/// Makes the folder, durably, and tells its path; of LeanSpec with the next number that is free, as
/// the disk has it at this moment. Nothing is written into it. EEXIST if something by this name is
/// there.
[[nodiscard]] Result<std::string> make_spec_folder(FileOps& ops, const spec::ProjectConfig& config,
                                                   const std::string& name);

}  // namespace specd::sync
