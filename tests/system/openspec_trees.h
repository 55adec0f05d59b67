#pragma once

#include <cstdint>
#include <filesystem>

namespace specd::test {

/// Writes an OpenSpec project that is as nasty as its seed makes it, into an empty folder: task
/// lines of every kind, custom, broken and overridden schemas, metadata that the CLI rejects, empty
/// changes, archived ones, odd names, hidden and nested folders, capabilities with odd headings.
void write_openspec_tree(const std::filesystem::path& root, uint64_t seed, size_t changes);

}  // namespace specd::test
