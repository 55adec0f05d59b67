#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "spec/facts.h"
#include "spec/layout.h"
#include "tests/support/temp_dir.h"

namespace specd::test {

void write_file(const std::filesystem::path& path, const std::string& content);
[[nodiscard]] std::string read_file(const std::filesystem::path& path);

struct SpecOnDisk {
  spec::FoundSpec found;
  spec::SpecFacts facts;
  std::vector<spec::FileFacts> files;  ///< in the order of found.files
  std::vector<std::string> contents;   ///< likewise
};

struct ProjectOnDisk {
  spec::ProjectConfig config;
  /// By kind and id.
  std::map<std::pair<spec::Kind, std::string>, SpecOnDisk> specs;
};

/// Reads a project the way the scanner does, through nothing but src/spec: links are not followed.
[[nodiscard]] ProjectOnDisk read_project(const std::filesystem::path& root, spec::Layout layout);

}  // namespace specd::test
