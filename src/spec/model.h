#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

/// The words for specs, and their spelling in the database, the API and the UI.
namespace specd::spec {

/// How a project lays its specs out.
enum class Layout { openspec, leanspec };

/// What a spec is: an OpenSpec change, archived change or capability; a LeanSpec folder.
enum class Kind { change, archived, capability, leanspec };

/// What a file is to its spec. `readme` is the main file of a LeanSpec folder.
enum class Role { proposal, tasks, design, delta, spec, readme, meta, other };

/// As `openspec list --json` computes it: no tasks at all; not all done; all done.
enum class Progress { no_tasks, in_progress, complete };

/// "openspec", "leanspec".
[[nodiscard]] std::string_view to_string(Layout layout);
/// "change", "archived", "capability", "leanspec".
[[nodiscard]] std::string_view to_string(Kind kind);
/// "proposal", "tasks", "design", "delta", "spec", "readme", "meta", "other".
[[nodiscard]] std::string_view to_string(Role role);
/// "no-tasks", "in-progress", "complete".
[[nodiscard]] std::string_view to_string(Progress progress);

/// The inverse; none for any other text.
[[nodiscard]] std::optional<Layout> parse_layout(std::string_view text);
[[nodiscard]] std::optional<Kind> parse_kind(std::string_view text);
[[nodiscard]] std::optional<Role> parse_role(std::string_view text);
[[nodiscard]] std::optional<Progress> parse_progress(std::string_view text);

[[nodiscard]] Progress progress_of(uint32_t tasks_done, uint32_t tasks_total);

}  // namespace specd::spec
