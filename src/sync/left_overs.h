#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "store/store.h"
#include "sync/options.h"
#include "sync/pull_plan.h"
#include "sync/pusher.h"

namespace specd::sync {

/// Judges what lies in the staging folders, file by file and by content alone (DESIGN §5, "push",
/// step 6, and "Recovery"): what the database has as well is removed, anything else is somebody's
/// edit and is kept. Sync thread only.
///
/// A file that ever stood at its target may still be open in a program that believes that it saves
/// into it. So it is judged only after a while, and under a lease.
class LeftOvers {
 public:
  LeftOvers(store::Store& store, const Clock& clock, const Options& options)
      : store_(store), clock_(clock), options_(options) {}

  /// What an earlier run has left: every staged file there is. After each attach of the pusher.
  [[nodiscard]] Result<> find(const ProjectView& project, Pusher& pusher);
  /// What the pusher has just left.
  void take(std::vector<StagedFile> files);
  /// The folders of specs that were moved at once: from, and to where.
  void follow(const std::vector<std::pair<std::string, std::string>>& moves);

  /// Judges those that are due. Returns the paths whose file on disk is another one by that.
  [[nodiscard]] Result<std::vector<std::string>> settle(const ProjectView& project, Pusher& pusher);
  [[nodiscard]] std::optional<SteadyTime> next() const;
  [[nodiscard]] size_t size() const { return waiting_.size(); }

 private:
  /// Whether it is known that the file stood at its target until a moment ago.
  enum class Since { push, unknown };
  struct Waiting {
    StagedFile file;
    Since since = Since::push;
    SteadyTime due;
  };
  enum class Verdict { gone, later, returned };
  /// One staged file, open, with what the database says of its path.
  struct Case;

  Result<std::map<std::string, std::string>> known_files(ProjectId project,
                                                         std::set<std::string>& folders) const;
  Result<> find_in(const Handle& folder, StagingPlace place, const std::string& path,
                   const std::map<std::string, std::string>& paths);
  [[nodiscard]] bool remove_if_as_made(Entry entry) const;
  Result<Verdict> judge(const ProjectView& project, Pusher& pusher, const Waiting& waiting);
  Result<bool> is_known(const Case& left) const;
  Result<Verdict> keep(const Case& left, Pusher& pusher, Since since);
  static Result<bool> stands(const Case& left, const Handle& folder, FileOps& ops);
  Result<bool> put_back(const Case& left, Pusher& pusher);
  static Result<> remove_with_folders(const Case& left, FileOps& ops);
  Result<bool> exchange_back(const Case& left, const Digest& ours, Pusher& pusher);
  Result<> keep_text(const Case& left);
  Result<> tell(const Case& left, store::ConflictKind kind);

  store::Store& store_;
  const Clock& clock_;
  const Options& options_;
  std::vector<Waiting> waiting_;
};

}  // namespace specd::sync
