#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "spec/glob.h"
#include "spec/model.h"

/// Where specs lie in a project, and which files make one up. Names only: nobody here looks at a
/// disk. All paths are relative to the project root, as base/path.h has them.
///
/// A project is looked at in units: folders that are read as a whole. The scanner lists the folders
/// of `unit_parents`, gathers the regular files of each unit, and asks `specs_in` what is in there.
namespace specd::spec {

// ---- What a project says about its own layout ----

struct ConfigFile {
  std::string path;
  std::string content;
};

/// What is wrong with one file.
struct FileProblem {
  std::string path;
  std::string message;
};

struct ProjectConfig {
  Layout layout = Layout::openspec;

  /// OpenSpec: the schema of a change that names none.
  std::string schema = "spec-driven";
  /// OpenSpec: the task files of a change, by schema. None where a schema is broken or tracks
  /// nothing; then, and under schemas not listed here, `tasks.md` of the change counts. The
  /// built-in schema is always there. Schemas in a user's own data folder are not ours to see.
  std::map<std::string, std::optional<Glob>, std::less<>> task_files;

  /// LeanSpec: where the spec folders lie, and the name of their main file.
  std::string specs_dir = "specs";
  std::string default_file = "README.md";

  /// Of files that were passed over, or of parts of them.
  std::vector<FileProblem> problems;
};

/// Whether a change at `path` (a file, or a folder that came or went) means that the ProjectConfig
/// has to be read again. Of either layout.
[[nodiscard]] bool is_project_config(std::string_view path);

/// Where such files may lie: fixed files, and `openspec/schemas`, a folder: `schema.yaml` in each
/// of its sub-folders.
[[nodiscard]] std::vector<std::string> config_places();

/// Never fails: a file that is wrong leaves the defaults in force and an entry in `problems`.
/// `files` holds those that exist, in any order; others among them do no harm.
[[nodiscard]] ProjectConfig read_config(Layout layout, const std::vector<ConfigFile>& files);

/// The layout of a project by the names in it. `paths`, folders with a '/' at their end, holds at
/// least the root's entries, the entries of `.lean-spec/`, and those of each folder in `specs/`.
/// `openspec/` wins; `.lean-spec/config.json`, or a `specs/NNN-*/` folder with README.md or
/// SPEC.md, is LeanSpec; none otherwise.
[[nodiscard]] std::optional<Layout> detect_layout(std::span<const std::string> paths);

// ---- Units ----

/// A folder whose sub-folders are units.
struct UnitParent {
  std::string dir;
  Kind family = Kind::change;  ///< kind of the specs that are found there
  bool archived = false;       ///< belongs to the batch, not to the watcher
};

/// `openspec/changes/<id>`, `openspec/changes/archive/<name>`, `openspec/archive/<name>`,
/// `openspec/specs/<first>` (nested capabilities lie inside one unit), `<specs_dir>/<name>`,
/// `<specs_dir>/archived/<name>`.
struct Unit {
  std::string dir;
  Kind family = Kind::change;
  bool archived = false;
  friend bool operator==(const Unit&, const Unit&) = default;
};

/// Some may not exist. Where one lies in another (`changes/archive` in `changes`), the inner one's
/// name is no unit of the outer.
[[nodiscard]] std::vector<UnitParent> unit_parents(const ProjectConfig& config);

/// The unit that `path` names or lies in; none for what is no spec's: ignored names anywhere in it,
/// anything below an excluded folder (the folder itself is its unit's, to be listed with an error),
/// and everything whose unit would have a name with a leading dot. The CLI is of two minds about
/// the latter: `list` and `view` show them as changes; `status`, `validate`, `show` and its search
/// for capabilities do not. We side with the many: such folders are scratch space of programs, its
/// own
/// `.openspec-move-*` among them.
///
/// By path alone a loose file right below a parent cannot be told from a unit: ask only for folders
/// and for what lies in them.
[[nodiscard]] std::optional<Unit> unit_of(const ProjectConfig& config, std::string_view path);

/// One part of a path that is never looked at, be it a file or a folder: litter of editors and of
/// sync tools, temporary names of the CLI and our own, `.gitkeep`. Disjoint from `is_excluded_dir`.
[[nodiscard]] bool is_ignored(std::string_view name);

/// A folder by this name is not imported, and is listed with an error: `.git`, `node_modules`,
/// `.venv`, `target`.
[[nodiscard]] bool is_excluded_dir(std::string_view name);
/// The same of a folder at `path`; but a `target` in the place of a change or capability is one.
[[nodiscard]] bool is_excluded_dir(const ProjectConfig& config, std::string_view path);

// ---- Specs ----

struct FoundFile {
  std::string path;
  Role role = Role::other;
  bool tracked = false;  ///< its tasks count for the spec
};

struct FoundSpec {
  Kind kind = Kind::change;
  /// The folder's name; of a capability, its path below `openspec/specs`.
  std::string id;
  /// Of an archived change, `id` without a leading `YYYY-MM-DD-`; equal to `id` for all others.
  std::string change_id;
  std::string dir;
  std::vector<FoundFile> files;  ///< in the order of the paths
};

/// The specs of one unit. `paths` are all regular files in it, sorted; what `unit_of` refuses is
/// passed over. `meta` is the content of its `.openspec.yaml`, which is only looked at if `paths`
/// has that file.
///
/// - A change is any folder, even an empty one: always one spec.
/// - A capability is a folder with `spec.md`, not below a folder with a leading dot. A file belongs
///   to the deepest capability above it; one that has none above it belongs to no spec and is not
///   kept.
/// - A LeanSpec folder has a main file (the configured one, else README.md, else SPEC.md; its role
///   is `readme`), or a name that begins with a number and a hyphen (`035-x`) or is a hierarchical
///   id (`E13-F03`, `E13-F03-x`). Any other folder is none. Its sub-specs (upper-case `*.md`) are
///   `other`. The task boxes of the main file count.
[[nodiscard]] std::vector<FoundSpec> specs_in(const ProjectConfig& config, const Unit& unit,
                                              std::span<const std::string> paths,
                                              std::string_view meta);

}  // namespace specd::spec
