#include "tests/system/project_tree.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace specd::test {

namespace fs = std::filesystem;
using spec::ConfigFile;
using spec::Unit;
using spec::UnitParent;

void write_file(const fs::path& path, const std::string& content) {
  fs::create_directories(path.parent_path());
  std::ofstream out(path, std::ios::binary);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  if (!out.flush()) throw std::runtime_error("write " + path.string());
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("read " + path.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

namespace {

bool is_dir(const fs::directory_entry& entry) {
  return entry.symlink_status().type() == fs::file_type::directory;
}
bool is_file(const fs::directory_entry& entry) {
  return entry.symlink_status().type() == fs::file_type::regular;
}

spec::ProjectConfig read_config(const fs::path& root, spec::Layout layout) {
  std::vector<ConfigFile> files;
  const auto add = [&](const fs::path& path) {
    if (!fs::is_regular_file(path)) return;
    files.push_back({fs::relative(path, root).string(), read_file(path)});
  };
  for (const std::string& place : spec::config_places()) {
    const fs::path path = root / place;
    add(path);
    if (!fs::is_directory(path)) continue;
    for (const fs::directory_entry& entry : fs::directory_iterator(path)) {
      if (is_dir(entry)) add(entry.path() / "schema.yaml");
    }
  }
  return spec::read_config(layout, files);
}

std::vector<std::string> files_of(const fs::path& root, const Unit& unit) {
  std::vector<std::string> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root / unit.dir)) {
    if (is_file(entry)) files.push_back(entry.path().lexically_relative(root).string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

void read_unit(const fs::path& root, const Unit& unit, ProjectOnDisk& project) {
  const std::vector<std::string> files = files_of(root, unit);
  const std::string meta_path = unit.dir + "/.openspec.yaml";
  const bool has_meta = std::binary_search(files.begin(), files.end(), meta_path);
  const std::string meta = has_meta ? read_file(root / meta_path) : "";
  for (spec::FoundSpec& found : spec::specs_in(project.config, unit, files, meta)) {
    SpecOnDisk read{std::move(found), {}, {}, {}};
    for (const spec::FoundFile& file : read.found.files) {
      read.contents.push_back(read_file(root / file.path));
      read.files.push_back(
          spec::facts_of(file.role, file.tracked, file.path, read.contents.back()));
    }
    read.facts = spec::summarize(read.found, read.files);
    project.specs.emplace(std::pair(read.found.kind, read.found.id), std::move(read));
  }
}

}  // namespace

ProjectOnDisk read_project(const fs::path& root, spec::Layout layout) {
  ProjectOnDisk project{read_config(root, layout), {}};
  for (const UnitParent& parent : spec::unit_parents(project.config)) {
    if (!fs::is_directory(root / parent.dir)) continue;
    for (const fs::directory_entry& entry : fs::directory_iterator(root / parent.dir)) {
      if (!is_dir(entry)) continue;
      const std::string path = entry.path().lexically_relative(root).string();
      const std::optional<Unit> unit = spec::unit_of(project.config, path);
      if (unit && unit->dir == path) read_unit(root, *unit, project);
    }
  }
  return project;
}

}  // namespace specd::test
