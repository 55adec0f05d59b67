#pragma once

#include <string>

#include "base/result.h"
#include "cli/args.h"

namespace specd::cli {

/// One file of a project, where the API has it.
struct NamedFile {
  std::string project;  ///< its slug
  std::string path;     ///< in the project

  [[nodiscard]] std::string address() const;          ///< of the project
  [[nodiscard]] std::string content_address() const;  ///< of the file
  [[nodiscard]] std::string query() const;            ///< by which versions are asked for
};

/// The file that a person means: of a spec, or by its path, also where its spec is gone. It need
/// not be there. `invalid` where the spec has several and none is named; it says which.
[[nodiscard]] Result<NamedFile> find_file(const AskArgs& ask, const FileArgs& args);

}  // namespace specd::cli
