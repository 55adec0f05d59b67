#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

/// The YAML files that decide which workflow schema an OpenSpec change follows, checked as the CLI
/// 1.13.2 checks them (`dist/core/artifact-graph/types.js`, `schema.js`,
/// `change-metadata/schema.js`): a file that the CLI rejects has no say.
namespace specd::spec {

/// `openspec/schemas/<name>/schema.yaml`: the `generates` pattern of the artifact whose tasks
/// count, which is the one that `apply.tracks` names, or the one called "tasks" where nothing is
/// said; none if there is no such artifact. An error says what the CLI would not load.
[[nodiscard]] Result<std::optional<std::string>> read_workflow(std::string_view text);

/// `openspec/config.yaml`: its `schema`; none if it has none that is a string. An error where the
/// file is no YAML map.
[[nodiscard]] Result<std::optional<std::string>> read_openspec_config(std::string_view text);

/// `.openspec.yaml` of a change: its `schema`.
[[nodiscard]] Result<std::string> read_change_meta(std::string_view text);

}  // namespace specd::spec
