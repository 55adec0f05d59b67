#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/fs.h"
#include "base/glance.h"
#include "base/result.h"
#include "spec/layout.h"
#include "sync/crew.h"
#include "sync/options.h"

namespace specd::sync {

struct DiskFile {
  std::string path;
  Fingerprint fingerprint;
};

/// Everything that lies in one unit, by names and stats alone.
struct UnitListing {
  spec::Unit unit;
  std::vector<DiskFile> files;                 ///< regular ones, in byte order of their paths
  std::map<std::string, Fingerprint> folders;  ///< the unit's own and every one below it
  std::vector<spec::FileProblem>
      problems;  ///< what is listed with an error and not imported; by path
  /// Of these, folders that cannot be listed: of what lies in them nothing is known.
  std::set<std::string> unlisted;
  Glance glance;  ///< everything that was seen; as Scanner::glance

  [[nodiscard]] const Fingerprint* folder(const std::string& dir) const {
    const auto at = folders.find(dir);
    return at == folders.end() ? nullptr : &at->second;
  }
  [[nodiscard]] bool is_unlisted(const std::string& path) const;
};

/// Looks at names and stats below one project's root; reads nothing but the project's own
/// configuration. Keeps nothing, so any thread may ask.
class Scanner {
 public:
  Scanner(Fs& fs, const Options& options) : fs_(fs), options_(options) {}

  /// How this project lays its specs out; none where nothing says so. An error if its root cannot
  /// be listed.
  [[nodiscard]] Result<std::optional<spec::Layout>> detect_layout();
  /// What the project says about itself. Files that cannot be read count as absent.
  struct Config {
    spec::ProjectConfig config;
    Digest digest;  ///< of the files it comes from
  };
  [[nodiscard]] Config read_config(spec::Layout layout);

  struct Units {
    std::vector<spec::Unit> found;
    /// Parents that cannot be listed, and why: nothing may be concluded from what is missing there.
    std::vector<spec::FileProblem> unlisted;

    [[nodiscard]] bool is_unlisted(const std::string& dir) const;
  };
  /// Every unit there is, from one listing of each of their parents.
  [[nodiscard]] Units units(const spec::ProjectConfig& config);
  /// Whether the folder that holds all units is there (`openspec`, `specs`).
  [[nodiscard]] bool has_spec_folder(const spec::ProjectConfig& config);

  /// One number for all that `list` sees of this unit, without making a listing of it. None where
  /// that cannot be told.
  [[nodiscard]] std::optional<uint64_t> glance(const spec::ProjectConfig& config,
                                               const spec::Unit& unit);
  /// `not_found` if the unit's folder is not there. Any other error passes; try again soon.
  [[nodiscard]] Result<UnitListing> list(const spec::ProjectConfig& config, const spec::Unit& unit);
  /// The same of many units, by the crew; in the order of `units`.
  [[nodiscard]] std::vector<Result<UnitListing>> list_all(const spec::ProjectConfig& config,
                                                          std::span<const spec::Unit> units,
                                                          Crew& crew);

 private:
  Result<> list_folder(const spec::ProjectConfig& config, const std::string& dir, int depth,
                       UnitListing& listing);
  Result<> pass_over(const std::string& dir, const Error& error, UnitListing& listing);
  void apply_limits(UnitListing& listing) const;
  void read_into(const std::string& path, std::vector<spec::ConfigFile>& files);

  Fs& fs_;
  const Options& options_;
};

}  // namespace specd::sync
