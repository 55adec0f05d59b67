#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/file_ops.h"
#include "base/id.h"
#include "base/result.h"
#include "store/store.h"
#include "sync/new_spec.h"

namespace specd::sync {

/// A deleted spec that is to be as it was.
struct RevivalRequest {
  SpecKey spec;
  std::string actor;  ///< as the client called itself; empty: not given
};

/// What each file contained when its spec was deleted, by path. `conflict` where a part of that is
/// not kept any more.
[[nodiscard]] Result<std::map<std::string, std::string>> contents_when_deleted(store::Store& store,
                                                                               const SpecKey& key);

/// Whether the spec may come back as far as the database knows. `conflict`: it is not deleted, or
/// another has its folder or its name.
[[nodiscard]] Result<> check_revivable(const store::Tables& tables, const store::Spec& spec);

/// Makes the folder again, durably, and tells which it is; EEXIST if anything is there.
[[nodiscard]] Result<Fingerprint> make_folder_again(FileOps& ops, const std::string& dir);
/// Takes it back, with the folders that were made in it for these files, since nothing came of
/// them; unless something is in it.
void take_folder_back(FileOps& ops, const std::string& dir, const std::vector<std::string>& paths);

}  // namespace specd::sync
