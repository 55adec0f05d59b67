#include "cli/named_file.h"

#include "cli/client.h"
#include "cli/find.h"
#include "cli/project.h"
#include "net/url.h"

namespace specd::cli {
namespace {

// By its path; also one whose spec is gone.
Result<NamedFile> file_at(const AskArgs& ask, const FileArgs& args, const Error& no_spec) {
  const bool is_path = args.file.empty() && args.spec.find('/') != std::string::npos;
  if (!is_path) return tl::unexpected(no_spec);
  if (!ask.project.empty()) return NamedFile{ask.project, args.spec};
  const auto project = find_project(ask, "");
  if (project) return NamedFile{text_of(*project, "slug"), args.spec};
  return fail(Code::not_found, no_spec.message + "; for a path, say --project, too");
}

}  // namespace

std::string NamedFile::address() const {
  return "/api/v1/projects/" + encode(project);
}

std::string NamedFile::content_address() const {
  return address() + "/files/" + net::url::encode_path(path);
}

std::string NamedFile::query() const {
  return "?path=" + encode(path);
}

Result<NamedFile> find_file(const AskArgs& ask, const FileArgs& args) {
  const auto spec = find_spec(ask, args.spec);
  if (!spec) return file_at(ask, args, spec.error());
  const std::string project = text_of(spec->value, "project");
  const std::string folder = text_of(spec->value, "path") + "/";
  if (!args.file.empty()) return NamedFile{project, folder + args.file};
  std::string names;
  const auto& files = list_of(spec->value, "files");
  for (const Value& file : files) {
    const std::string path = text_of(file, "path");
    names += (names.empty() ? "" : ", ") +
             (path.starts_with(folder) ? path.substr(folder.size()) : path);
  }
  if (files.size() == 1) return NamedFile{project, text_of(files[0], "path")};
  return fail(Code::invalid,
              "say which file of it: " + (names.empty() ? "it has none now" : names));
}

}  // namespace specd::cli
