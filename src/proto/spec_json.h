#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/value.h"
#include "proto/json_writer.h"

/// What the API says about projects, specs and their history. Plain data; strings are spelled as
/// the database spells them, empty ones become null where "none" is meant.
namespace specd::proto {

/// Of the git working tree that a project lies in.
struct GitHead {
  std::string branch;    ///< empty: none
  std::string commit;    ///< empty: none
  std::string worktree;  ///< empty: the main one
};

struct Project {
  std::string slug;
  std::string uuid;
  std::string root;
  std::string source;
  std::string layout;
  std::string state;
  std::optional<GitHead> git;
  std::string state_reason;  ///< empty: none
  WallTime added_at;
};

/// Borrowed strings.
struct Spec {
  std::string_view key;
  std::string_view project;  ///< slug
  std::string_view kind;
  std::string_view id;
  std::string_view change_id;  ///< empty: none
  std::string_view path;       ///< of its folder, relative to the root
  std::string_view title;
  std::string_view status;                         ///< empty: none
  std::string_view priority;                       ///< empty: none
  const std::vector<std::string>* tags = nullptr;  ///< null: none
  std::string_view assignee;                       ///< empty: nobody
  std::string_view progress;
  int64_t tasks_done = 0;
  int64_t tasks_total = 0;
  int64_t version = 0;
  std::string_view sync_error;  ///< empty: none
  std::optional<WallTime> last_synced_at;
  std::optional<WallTime> filesystem_modified_at;
  std::optional<WallTime> db_modified_at;
  std::optional<WallTime> archived_at;
};

struct HistoryEntry {
  int64_t id = 0;
  std::string project;      ///< slug
  std::string spec;         ///< key; empty: about the project
  std::string spec_id;      ///< what people call it now
  std::string spec_name;    ///< its id then; empty: not known
  std::string change;       ///< empty: not known
  std::string status_from;  ///< empty: none; both empty: the status stayed, or is not known
  std::string status_to;
  std::string sync_direction;
  std::string triggered_by;
  std::string origin;
  std::string actor;  ///< empty: not given
  bool success = true;
  std::string error_message;  ///< empty: none
  std::vector<std::string> files_changed;
  int64_t duration_us = 0;
  WallTime synced_at;
  WallTime last_at;
  int64_t count = 1;
};

struct ProjectStatus {
  std::string slug;
  std::string root;
  std::string state;
  std::string reason;   ///< empty: none
  std::string failure;  ///< what keeps it from being in step now; empty: nothing
  int64_t specs = 0;
  int64_t waiting = 0;
  int64_t busy = 0;
  int64_t pending_pushes = 0;
  std::vector<std::string> waiting_for_spec{};  ///< the first of these whose spec is not there
  int64_t open_conflicts = 0;
  int64_t failing_specs = 0;
  int64_t scans = 0;
  int64_t missed_by_watcher = 0;
  bool is_polled = false;
  int64_t polled_subtrees = 0;
  std::optional<WallTime> last_scan_at;
};

struct Status {
  std::string version;
  bool is_ready = false;
  WallTime started_at;
  std::string failure;  ///< empty: all is well
  std::vector<ProjectStatus> projects;
  int64_t connections = 0;
  int64_t subscribers = 0;
};

/// Whether every project is being kept, no edit waits, and no conflict is open.
[[nodiscard]] bool is_well(const Status& status);

[[nodiscard]] Value to_value(const Project& project);

/// A member of a spec's object.
struct SpecField {
  std::string_view name;
  void (*write)(JsonWriter& out, const Spec& spec);
};
/// All of them, in the order in which they stand.
[[nodiscard]] std::span<const SpecField> spec_fields();
/// The members by these names; the object around them is the caller's.
void write_fields(JsonWriter& out, const Spec& spec, std::span<const SpecField> fields);
[[nodiscard]] Value to_value(const HistoryEntry& entry);
[[nodiscard]] Value to_value(const Status& status);

}  // namespace specd::proto
