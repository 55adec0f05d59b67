#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/fs.h"
#include "base/rng.h"
#include "spec/layout.h"
#include "store/store.h"
#include "sync/disk_side.h"
#include "sync/edit.h"
#include "sync/scanner.h"

namespace specd::sync {

/// A project as a round of sync sees it.
struct ProjectView {
  ProjectId id;
  Fs& fs;
  const spec::ProjectConfig& config;
  bool is_reread =
      false;  ///< the config has changed: what was derived from unchanged files may be out of date
};

/// A unit to bring into the database, as it was listed.
struct UnitWork {
  UnitListing listing;
  /// Specs that are known to have come here from elsewhere, by the folder they are in now: live
  /// ones that moved, or deleted ones that return. What is found in any other new folder is a new
  /// spec.
  std::map<std::string, SpecKey> claims;
};

/// One path of a spec, and why it is looked at.
struct FileWork {
  spec::FoundFile file;
  std::optional<store::FileState> state;
  bool is_listed = false;  ///< on disk when the unit was listed
  bool is_to_read = false;
  bool is_done = false;   ///< see Wanted
  bool is_moved = false;  ///< belongs to another spec, or has another role, than the row says
  OnDisk disk;            ///< once read
};

struct SpecWork {
  spec::FoundSpec found;
  store::Spec record;
  bool is_new = false;
  Fingerprint folder;
  int64_t latest_mtime_ns = 0;
  std::string first_problem;            ///< "PATH: WHY"; empty: none
  std::optional<WallTime> edited_at{};  ///< through the database; none: it was not
  const SpecFields* fields = nullptr;   ///< that somebody sets; null: none
  std::vector<FileWork> files;

  /// The file of this path, which is added where it is not among them.
  FileWork& file(const std::string& path, spec::Role role);
  /// What is found of the spec are those of its files that are listed.
  void list_files();
};

/// A spec as the database knows it, with every file taken to be as it was.
[[nodiscard]] Result<SpecWork> work_from_rows(store::Tables& tables, store::Spec record);
/// Whose name, role and part in the spec are those of a state or row.
[[nodiscard]] spec::FoundFile found_file(const std::string& path, spec::Role role);

/// What a pull has to look at, as far as names, stats and the database tell.
struct PullPlan {
  std::vector<SpecWork> specs;
  std::vector<SpecKey> gone;  ///< live specs of these units of which nothing is left
  std::vector<std::pair<SpecKey, spec::FileProblem>> problems;
  std::vector<std::string> young;      ///< too new to tell whether they are to stay
  std::vector<std::string> forgotten;  ///< states of paths that only had an error, and are no more
};

/// The specs of one listed unit. Reads `.openspec.yaml` where the project has schemas of its own.
[[nodiscard]] std::vector<spec::FoundSpec> find_specs(const ProjectView& project,
                                                      const UnitListing& listing);

/// Makes the plan: what do we know, and what has to be read. Writes nothing. Sync thread only.
class PullPlanner {
 public:
  PullPlanner(store::Tables& tables, const Clock& clock, Random& random)
      : tables_(tables), clock_(clock), random_(random) {}

  /// Adds one unit to `plan`. `done`: paths whose writers are known to be done.
  [[nodiscard]] Result<> add(const ProjectView& project, const UnitWork& unit,
                             const std::set<std::string>& done, PullPlan& plan);

 private:
  using States = std::map<std::string, store::FileState>;

  Result<store::Spec> record_of(const ProjectView& project, const UnitWork& unit,
                                const spec::FoundSpec& found, bool& is_new);
  Result<SpecWork> plan_spec(const ProjectView& project, const UnitWork& unit,
                             spec::FoundSpec found, States& states,
                             const std::set<std::string>& done, PullPlan& plan);
  bool may_be_scratch(const spec::FoundFile& file, const Fingerprint& fingerprint) const;

  store::Tables& tables_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace specd::sync
