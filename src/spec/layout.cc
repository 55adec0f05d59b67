#include "spec/layout.h"

#include "base/assert.h"
#include "base/path.h"
#include "spec/layout_kinds.h"

namespace specd::spec {
namespace {

// vim's `.x.swp`, `.x.swo` and so on down the alphabet, with or without the dot.
bool is_swap_file(std::string_view name) {
  if (name.size() < 5) return false;
  const std::string_view end = name.substr(name.size() - 4);
  return end.starts_with(".sw") && end[3] >= 'a' && end[3] <= 'z';
}

// What `openspec archive`, `init`, `schema init` and `schema fork` leave for moments, or for good
// when they crash.
bool is_openspec_scratch(std::string_view name) {
  for (const std::string_view start :
       {".openspec-move-", ".openspec-test-", ".schema-init-config-", ".init-staging-",
        ".fork-staging-", "spec.md.openspec-retire-"}) {
    if (name.starts_with(start)) return true;
  }
  for (const std::string_view inner : {".openspec-claim-", ".init-backup-", ".fork-backup-"}) {
    if (name.find(inner) != std::string_view::npos) return true;
  }
  return name == ".openspec-archive.lock";
}

// Copies that Syncthing and Dropbox make of a file that was edited in two places.
bool is_sync_copy(std::string_view name) {
  return name.find(".sync-conflict-") != std::string_view::npos ||
         name.find("conflicted copy") != std::string_view::npos ||
         name.starts_with(".syncthing.") || name.starts_with("~syncthing~");
}

bool is_editor_litter(std::string_view name) {
  if (name == "4913") return true;  // vim, trying whether it may create files
  if (name.starts_with(".#") || name.ends_with('~') || is_swap_file(name)) return true;
  if (name.size() > 2 && name.front() == '#' && name.back() == '#') return true;
  for (const std::string_view end : {".tmp", ".temp", ".crswap", ".part", ".specd-tmp"}) {
    if (name.size() > end.size() && name.ends_with(end)) return true;
  }
  // What many Node programs write before a rename: "tasks.md.tmp.4711.9f8e".
  const size_t tmp = name.rfind(".tmp.");
  return tmp != std::string_view::npos && tmp > 0 &&
         name.find_first_not_of("0123456789abcdefABCDEF.", tmp + 5) == std::string_view::npos;
}

bool is_hidden(std::string_view name) {
  return name.starts_with('.');
}

// Whether nothing on the way from `dir` down to `path` keeps it out.
bool is_kept(const ProjectConfig& config, std::string_view path, std::string_view dir) {
  std::string_view at = path;
  while (at.size() > dir.size()) {
    if (is_ignored(path::name(at))) return false;
    if (at.size() < path.size() && is_excluded_dir(config, at)) return false;
    at = path::parent(at);
  }
  return true;
}

}  // namespace

bool is_ignored(std::string_view name) {
  return name == ".gitkeep" || name == ".specd" || name == ".DS_Store" || is_editor_litter(name) ||
         is_openspec_scratch(name) || is_sync_copy(name);
}

bool is_excluded_dir(std::string_view name) {
  return name == ".git" || name == "node_modules" || name == ".venv" || name == "target";
}

bool is_excluded_dir(const ProjectConfig& config, std::string_view path) {
  if (!is_excluded_dir(path::name(path))) return false;
  if (path::name(path) != "target") return true;
  const std::vector<std::string_view> parts = path::parts(path);
  for (const UnitParent& parent : unit_parents(config)) {
    if (path::parent(path) == parent.dir) return false;
    if (config.layout != Layout::openspec || !path::is_within(path, parent.dir)) continue;
    if (parent.family == Kind::capability) return false;
    // A delta's folder: `<change>/specs/target`, at any depth.
    const size_t specs = path::parts(parent.dir).size() + 1;
    if (parts.size() > specs + 1 && parts[specs] == "specs") return false;
  }
  return true;
}

bool is_project_config(std::string_view path) {
  for (const std::string_view file : kOpenSpecConfig) {
    if (path == file) return true;
  }
  if (path == kLeanSpecConfig || path == path::parent(kLeanSpecConfig)) return true;
  if (!path::is_within(path, kSchemasDir)) return false;
  const std::string_view below = path::below(path, kSchemasDir);
  if (below.empty()) return true;
  if (is_ignored(path::first(below))) return false;
  const bool folder = below.find('/') == std::string_view::npos;
  return folder || below.substr(path::first(below).size()) == "/schema.yaml";
}

std::vector<std::string> config_places() {
  return {std::string(kOpenSpecConfig[0]), std::string(kOpenSpecConfig[1]),
          std::string(kSchemasDir), std::string(kLeanSpecConfig)};
}

ProjectConfig read_config(Layout layout, const std::vector<ConfigFile>& files) {
  ProjectConfig config;
  config.layout = layout;
  if (layout == Layout::openspec) {
    openspec::read_config(files, config);
  } else {
    leanspec::read_config(files, config);
  }
  return config;
}

std::optional<Layout> detect_layout(std::span<const std::string> paths) {
  bool lean = false;
  for (const std::string& path : paths) {
    if (path == "openspec/" || path.starts_with("openspec/")) return Layout::openspec;
    const std::vector<std::string_view> parts = path::parts(path);
    const bool numbered =
        parts.size() == 3 && parts[0] == "specs" && leanspec::is_numbered(parts[1]);
    lean = lean || path == kLeanSpecConfig ||
           (numbered && (parts[2] == "README.md" || parts[2] == "SPEC.md"));
  }
  if (lean) return Layout::leanspec;
  return std::nullopt;
}

std::vector<UnitParent> unit_parents(const ProjectConfig& config) {
  return config.layout == Layout::openspec ? openspec::unit_parents()
                                           : leanspec::unit_parents(config);
}

std::optional<Unit> unit_of(const ProjectConfig& config, std::string_view path) {
  if (!path::is_relative(path)) return std::nullopt;
  const std::vector<UnitParent> parents = unit_parents(config);
  const UnitParent* nearest = nullptr;
  for (const UnitParent& parent : parents) {
    if (path == parent.dir) return std::nullopt;
    if (!path::is_within(path, parent.dir)) continue;
    if (nearest == nullptr || nearest->dir.size() < parent.dir.size()) nearest = &parent;
  }
  if (nearest == nullptr) return std::nullopt;
  const std::string_view name = path::first(path::below(path, nearest->dir));
  if (is_hidden(name) || name == "node_modules") return std::nullopt;
  if (!is_kept(config, path, nearest->dir)) return std::nullopt;
  return Unit{path::join(nearest->dir, name), nearest->family, nearest->archived};
}

std::vector<FoundSpec> specs_in(const ProjectConfig& config, const Unit& unit,
                                std::span<const std::string> paths, std::string_view meta) {
  std::vector<std::string> kept;
  kept.reserve(paths.size());
  for (const std::string& path : paths) {
    SPECD_ASSERT(path::is_within(path, unit.dir) && path.size() > unit.dir.size());
    const bool git_link =
        path::name(path) == ".git";  // a file where git keeps the folder elsewhere
    if (!git_link && is_kept(config, path, unit.dir)) kept.push_back(path);
  }
  return config.layout == Layout::openspec ? openspec::specs_in(config, unit, kept, meta)
                                           : leanspec::specs_in(config, unit, kept);
}

}  // namespace specd::spec
