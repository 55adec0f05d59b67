#include <algorithm>
#include <cctype>
#include <set>

#include "base/path.h"
#include "base/result.h"
#include "spec/layout_kinds.h"
#include "spec/workflow.h"

// OpenSpec, as CLI 1.13.2 lays it out and as real trees have it:
//
//     openspec/changes/<id>/            active: any folder is a change, also an empty one
//     openspec/changes/archive/<name>/  archived; the CLI writes YYYY-MM-DD-<id>
//     openspec/archive/<name>/          a second archive that some projects keep
//     openspec/specs/<path>/spec.md     capabilities; the path is the id, and one can lie in
//     another openspec/config.yaml, openspec/schemas/<name>/schema.yaml

namespace specd::spec::openspec {
namespace {

constexpr std::string_view kBuiltIn = "spec-driven";
constexpr std::string_view kSpecsDir = "openspec/specs";

const ConfigFile* find_file(const std::vector<ConfigFile>& files, std::string_view path) {
  for (const ConfigFile& file : files) {
    if (file.path == path) return &file;
  }
  return nullptr;
}

// The schema's name, if this is its file.
std::string_view schema_of(std::string_view path) {
  if (!path::is_within(path, kSchemasDir) || !is_project_config(path)) return {};
  const std::string_view below = path::below(path, kSchemasDir);
  return path::name(below) == "schema.yaml" ? path::parent(below) : std::string_view();
}

std::optional<Glob> task_files_of(const ConfigFile& file, ProjectConfig& config) {
  const Result<std::optional<std::string>> generates = read_workflow(file.content);
  if (!generates) {
    config.problems.push_back({file.path, generates.error().message});
    return std::nullopt;
  }
  if (!*generates) return std::nullopt;
  Result<Glob> glob = Glob::compile(**generates);
  if (!glob) {
    config.problems.push_back({file.path, glob.error().message});
    return std::nullopt;
  }
  return *glob;
}

// The CLI loads "x.yaml" as "x" where a config names a schema, but not where a change does.
std::string_view without_yaml_ending(std::string_view name) {
  for (const std::string_view end : {".yaml", ".yml"}) {
    if (name.ends_with(end)) return name.substr(0, name.size() - end.size());
  }
  return name;
}

// The pattern of a change's task files; null where `tasks.md` counts. A change with metadata that
// the CLI would reject gets no schema at all, not even the project's.
const Glob* pattern_for(const ProjectConfig& config, bool has_meta, std::string_view meta) {
  std::string schema(without_yaml_ending(config.schema));
  if (has_meta) {
    Result<std::string> named = read_change_meta(meta);
    if (!named) return nullptr;
    schema = std::move(*named);
  }
  const auto found = config.task_files.find(schema);
  return found != config.task_files.end() && found->second ? &*found->second : nullptr;
}

// By the place of a file in its change.
Role role_in_change(std::string_view below) {
  if (below == "proposal.md") return Role::proposal;
  if (below == "tasks.md") return Role::tasks;
  if (below == "design.md") return Role::design;
  if (below == "README.md") return Role::readme;
  if (below == ".openspec.yaml") return Role::meta;
  const std::vector<std::string_view> parts = path::parts(below);
  const bool hidden = std::any_of(parts.begin(), parts.end(),
                                  [](std::string_view part) { return part.starts_with('.'); });
  const bool delta = parts.size() >= 3 && parts.front() == "specs" && parts.back() == "spec.md";
  return delta && !hidden ? Role::delta : Role::other;
}

Role role_in_capability(std::string_view below) {
  if (below == "spec.md") return Role::spec;
  if (below == "design.md") return Role::design;
  if (below == "README.md") return Role::readme;
  return Role::other;
}

std::string_view without_date(std::string_view name) {
  constexpr std::string_view kShape = "0000-00-00-";
  if (name.size() <= kShape.size()) return name;
  for (size_t i = 0; i < kShape.size(); ++i) {
    const bool digit = std::isdigit(static_cast<unsigned char>(name[i])) != 0;
    if (kShape[i] == '0' ? !digit : name[i] != '-') return name;
  }
  return name.substr(kShape.size());
}

FoundSpec change_in(const ProjectConfig& config, const Unit& unit,
                    std::span<const std::string> paths, std::string_view meta) {
  const std::string id(path::name(unit.dir));
  FoundSpec change{unit.family, id, id, unit.dir, {}};
  if (unit.family == Kind::archived) change.change_id = without_date(id);
  const auto below = [&](const std::string& path) { return path::below(path, unit.dir); };
  const bool has_meta = std::any_of(paths.begin(), paths.end(), [&](const std::string& path) {
    return below(path) == ".openspec.yaml";
  });
  const Glob* pattern = pattern_for(config, has_meta, meta);
  bool any_tracked = false;
  for (const std::string& path : paths) {
    Role role = role_in_change(below(path));
    const bool tracked = pattern != nullptr && pattern->matches(below(path));
    if (tracked && role == Role::other) role = Role::tasks;
    any_tracked = any_tracked || tracked;
    change.files.push_back({path, role, tracked});
  }
  if (!any_tracked) {
    for (FoundFile& file : change.files) file.tracked = file.role == Role::tasks;
  }
  return change;
}

bool has_hidden_part(std::string_view path) {
  return path.starts_with('.') || path.find("/.") != std::string_view::npos;
}

std::vector<FoundSpec> capabilities_in(std::span<const std::string> paths) {
  std::vector<FoundSpec> found;
  std::map<std::string_view, size_t, std::less<>> by_dir;
  for (const std::string& path : paths) {
    const std::string_view dir = path::parent(path);
    const std::string_view id = path::below(dir, kSpecsDir);
    if (path::name(path) != "spec.md" || has_hidden_part(id)) continue;
    by_dir.emplace(dir, found.size());
    found.push_back({Kind::capability, std::string(id), std::string(id), std::string(dir), {}});
  }
  for (const std::string& path : paths) {
    for (std::string_view dir = path::parent(path); dir.size() > kSpecsDir.size();
         dir = path::parent(dir)) {
      const auto owner = by_dir.find(dir);
      if (owner == by_dir.end()) continue;
      FoundSpec& spec = found[owner->second];
      spec.files.push_back({path, role_in_capability(path::below(path, dir)), false});
      break;
    }
  }
  return found;
}

}  // namespace

void read_config(const std::vector<ConfigFile>& files, ProjectConfig& config) {
  const Result<Glob> tasks = Glob::compile("tasks.md");
  config.task_files.emplace(kBuiltIn, *tasks);
  for (const ConfigFile& file : files) {
    const std::string_view schema = schema_of(file.path);
    if (!schema.empty()) {
      config.task_files.insert_or_assign(std::string(schema), task_files_of(file, config));
    }
  }
  // The first that is there counts, even if it cannot be read.
  for (const std::string_view path : kOpenSpecConfig) {
    const ConfigFile* file = find_file(files, path);
    if (file == nullptr) continue;
    const Result<std::optional<std::string>> schema = read_openspec_config(file->content);
    if (!schema) {
      config.problems.push_back({file->path, schema.error().message});
    } else if (*schema) {
      config.schema = **schema;
    }
    return;
  }
}

std::vector<UnitParent> unit_parents() {
  return {{"openspec/changes", Kind::change, false},
          {"openspec/changes/archive", Kind::archived, true},
          {"openspec/archive", Kind::archived, true},
          {std::string(kSpecsDir), Kind::capability, false}};
}

std::vector<FoundSpec> specs_in(const ProjectConfig& config, const Unit& unit,
                                std::span<const std::string> paths, std::string_view meta) {
  if (unit.family == Kind::capability) return capabilities_in(paths);
  std::vector<FoundSpec> one;
  one.push_back(change_in(config, unit, paths, meta));
  return one;
}

}  // namespace specd::spec::openspec
