#pragma once

#include "spec/layout.h"

/// The two halves of layout.cc: what differs by layout. The paths that come here hold no ignored
/// name and nothing below an excluded folder.
namespace specd::spec {

namespace openspec {
void read_config(const std::vector<ConfigFile>& files, ProjectConfig& config);
[[nodiscard]] std::vector<UnitParent> unit_parents();
[[nodiscard]] std::vector<FoundSpec> specs_in(const ProjectConfig& config, const Unit& unit,
                                              std::span<const std::string> paths,
                                              std::string_view meta);
}  // namespace openspec

namespace leanspec {
void read_config(const std::vector<ConfigFile>& files, ProjectConfig& config);
[[nodiscard]] std::vector<UnitParent> unit_parents(const ProjectConfig& config);
/// `035-x`
[[nodiscard]] bool is_numbered(std::string_view name);
[[nodiscard]] std::vector<FoundSpec> specs_in(const ProjectConfig& config, const Unit& unit,
                                              std::span<const std::string> paths);
}  // namespace leanspec

inline constexpr std::string_view kOpenSpecConfig[] = {"openspec/config.yaml",
                                                       "openspec/config.yml"};
inline constexpr std::string_view kSchemasDir = "openspec/schemas";
inline constexpr std::string_view kLeanSpecConfig = ".lean-spec/config.json";

}  // namespace specd::spec
