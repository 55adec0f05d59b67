#include <algorithm>

#include "base/json.h"
#include "base/path.h"
#include "spec/layout_kinds.h"

// LeanSpec (codervisor/lean-spec): `<specsDir>/NNN-name/README.md` beside sub-specs, and an archive
// in `<specsDir>/archived/` that newer projects have given up for `status: archived`. The settings
// are in `.lean-spec/config.json`: `specsDir`, and `structure.defaultFile` or `defaultFile`.

namespace specd::spec::leanspec {
namespace {

constexpr std::string_view kArchive = "archived";

size_t count_digits(std::string_view text) {
  return std::min(text.find_first_not_of("0123456789"), text.size());
}

// `E13`, `E13-F03`, `E13-F03-name`: a letter and digits, once or more, then a name if any. A single
// one counts only as `E13-...`: a folder `v2` is no spec.
bool is_hierarchical(std::string_view name) {
  size_t levels = 0;
  while (!name.empty() && name[0] >= 'A' && name[0] <= 'Z') {
    const size_t digits = count_digits(name.substr(1));
    if (digits == 0) break;
    name.remove_prefix(1 + digits);
    ++levels;
    if (name.empty()) return levels >= 2;
    if (name[0] != '-') return false;
    name.remove_prefix(1);
  }
  return levels >= 1 && !name.empty();
}

// A clean relative path out of "./specs/" and the like; empty where it would leave the project or
// be all of it.
std::string clean_dir(std::string_view dir) {
  while (dir.starts_with("./")) dir.remove_prefix(2);
  while (dir.ends_with('/')) dir.remove_suffix(1);
  return path::is_relative(dir) ? std::string(dir) : std::string();
}

void read_specs_dir(const Value& value, ProjectConfig& config, const std::string& file) {
  std::string dir = value.is_scalar() && value.quoted ? clean_dir(value.text) : std::string();
  if (dir.empty()) {
    config.problems.push_back({file, "`specsDir` is no folder inside the project"});
  } else {
    config.specs_dir = std::move(dir);
  }
}

void read_default_file(const Value& value, ProjectConfig& config, const std::string& file) {
  const bool name = value.is_scalar() && value.quoted && path::is_relative(value.text) &&
                    value.text.find('/') == std::string::npos && !is_ignored(value.text);
  if (name) {
    config.default_file = value.text;
  } else {
    config.problems.push_back({file, "`defaultFile` is no file name"});
  }
}

// The main file's path; empty if there is none.
std::string main_file(const ProjectConfig& config, const Unit& unit,
                      std::span<const std::string> paths) {
  for (const std::string_view name : {std::string_view(config.default_file),
                                      std::string_view("README.md"), std::string_view("SPEC.md")}) {
    std::string path = path::join(unit.dir, name);
    if (std::find(paths.begin(), paths.end(), path) != paths.end()) return path;
  }
  return {};
}

}  // namespace

bool is_numbered(std::string_view name) {
  const size_t digits = count_digits(name);
  return digits > 0 && digits + 1 < name.size() && name[digits] == '-';
}

void read_config(const std::vector<ConfigFile>& files, ProjectConfig& config) {
  for (const ConfigFile& file : files) {
    if (file.path != kLeanSpecConfig) continue;
    const Result<Value> root = json::parse(file.content);
    if (!root || root->kind != Value::Kind::map) {
      config.problems.push_back({file.path, root ? "no JSON object" : root.error().message});
      continue;
    }
    if (const Value* dir = root->find("specsDir")) read_specs_dir(*dir, config, file.path);
    const Value* structure = root->find("structure");
    const Value* main = structure == nullptr ? nullptr : structure->find("defaultFile");
    if (main == nullptr) main = root->find("defaultFile");
    if (main != nullptr) read_default_file(*main, config, file.path);
  }
}

std::vector<UnitParent> unit_parents(const ProjectConfig& config) {
  return {{config.specs_dir, Kind::leanspec, false},
          {path::join(config.specs_dir, kArchive), Kind::leanspec, true}};
}

std::vector<FoundSpec> specs_in(const ProjectConfig& config, const Unit& unit,
                                std::span<const std::string> paths) {
  const std::string id(path::name(unit.dir));
  const std::string main = main_file(config, unit, paths);
  if (main.empty() && !is_numbered(id) && !is_hierarchical(id)) return {};
  FoundSpec spec{Kind::leanspec, id, id, unit.dir, {}};
  for (const std::string& path : paths) {
    const bool is_main = path == main;
    spec.files.push_back({path, is_main ? Role::readme : Role::other, is_main});
  }
  std::vector<FoundSpec> one;
  one.push_back(std::move(spec));
  return one;
}

}  // namespace specd::spec::leanspec
