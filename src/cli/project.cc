#include "cli/project.h"

#include <filesystem>

#include "base/path.h"
#include "cli/client.h"

namespace specd::cli {
namespace {

namespace stdfs = std::filesystem;

using Projects = std::vector<Value>;

Result<Projects> all_projects(const AskArgs& ask) {
  const auto answer = get(ask, "/api/v1/projects");
  if (!answer) return tl::unexpected(answer.error());
  return list_of(answer->value, "projects");
}

std::string known(const Projects& projects) {
  std::string slugs;
  for (const Value& project : projects)
    slugs += (slugs.empty() ? "" : ", ") + text_of(project, "slug");
  return slugs.empty() ? "; there are none" : "; there are " + slugs;
}

Failure unknown(const std::string& name, const Projects& projects) {
  return fail(Code::not_found, "there is no project \"" + name + "\"" + known(projects));
}

// By slug, or by root; null: none.
const Value* named(const Projects& projects, const std::string& name) {
  for (const Value& project : projects) {
    if (text_of(project, "slug") == name) return &project;
  }
  std::error_code error;
  const stdfs::path path = stdfs::weakly_canonical(name, error);
  for (const Value& project : projects) {
    if (!error && path == text_of(project, "root")) return &project;
  }
  return nullptr;
}

// The innermost one that keeps the folder; null: none.
const Value* around(const Projects& projects, const std::string& folder) {
  std::error_code error;
  const stdfs::path path = stdfs::canonical(folder, error);
  if (error || !stdfs::is_directory(path, error)) return nullptr;
  const Value* found = nullptr;
  for (const Value& project : projects) {
    const std::string root = text_of(project, "root");
    const bool is_deeper = found == nullptr || root.size() > text_of(*found, "root").size();
    if (path::is_within(path.string(), root) && is_deeper) found = &project;
  }
  return found;
}

}  // namespace

Result<Value> find_project(const AskArgs& ask, const std::string& name) {
  const auto projects = all_projects(ask);
  if (!projects) return tl::unexpected(projects.error());
  const Value* found = name.empty() ? around(*projects, ".") : named(*projects, name);
  if (found != nullptr) return *found;
  if (!name.empty()) return unknown(name, *projects);
  return fail(Code::not_found, "no project is kept in this folder" + known(*projects));
}

Result<AskArgs> with_slug(AskArgs ask) {
  if (ask.project.empty()) return ask;
  const auto projects = all_projects(ask);
  if (!projects) return tl::unexpected(projects.error());
  const Value* found = named(*projects, ask.project);
  if (found == nullptr) found = around(*projects, ask.project);
  if (found == nullptr) return unknown(ask.project, *projects);
  ask.project = text_of(*found, "slug");
  return ask;
}

}  // namespace specd::cli
