#include "proto/spec_json.h"

#include <algorithm>
#include <array>

#include "proto/json_build.h"

namespace specd::proto {
namespace {

Value texts(const std::vector<std::string>& values) {
  Value all = list();
  for (const std::string& value : values) all.items.push_back(text(value));
  return all;
}

constexpr std::array<SpecField, 20> kSpecFields{{
    {"key", [](JsonWriter& out, const Spec& spec) { out.text(spec.key); }},
    {"project", [](JsonWriter& out, const Spec& spec) { out.text(spec.project); }},
    {"kind", [](JsonWriter& out, const Spec& spec) { out.text(spec.kind); }},
    {"id", [](JsonWriter& out, const Spec& spec) { out.text(spec.id); }},
    {"change_id", [](JsonWriter& out, const Spec& spec) { out.text_or_null(spec.change_id); }},
    {"path", [](JsonWriter& out, const Spec& spec) { out.text(spec.path); }},
    {"title", [](JsonWriter& out, const Spec& spec) { out.text(spec.title); }},
    {"status", [](JsonWriter& out, const Spec& spec) { out.text_or_null(spec.status); }},
    {"priority", [](JsonWriter& out, const Spec& spec) { out.text_or_null(spec.priority); }},
    {"tags",
     [](JsonWriter& out, const Spec& spec) {
       spec.tags == nullptr ? out.raw("[]") : out.texts(*spec.tags);
     }},
    {"assignee", [](JsonWriter& out, const Spec& spec) { out.text_or_null(spec.assignee); }},
    {"progress", [](JsonWriter& out, const Spec& spec) { out.text(spec.progress); }},
    {"tasks_done", [](JsonWriter& out, const Spec& spec) { out.number(spec.tasks_done); }},
    {"tasks_total", [](JsonWriter& out, const Spec& spec) { out.number(spec.tasks_total); }},
    {"version", [](JsonWriter& out, const Spec& spec) { out.number(spec.version); }},
    {"sync_error", [](JsonWriter& out, const Spec& spec) { out.text_or_null(spec.sync_error); }},
    {"last_synced_at",
     [](JsonWriter& out, const Spec& spec) { out.timestamp(spec.last_synced_at); }},
    {"filesystem_modified_at",
     [](JsonWriter& out, const Spec& spec) { out.timestamp(spec.filesystem_modified_at); }},
    {"db_modified_at",
     [](JsonWriter& out, const Spec& spec) { out.timestamp(spec.db_modified_at); }},
    {"archived_at", [](JsonWriter& out, const Spec& spec) { out.timestamp(spec.archived_at); }},
}};

Value to_value(const ProjectStatus& status) {
  Value value = object();
  auto& entries = value.entries;
  entries.emplace_back("slug", text(status.slug));
  entries.emplace_back("root", text(status.root));
  entries.emplace_back("state", text(status.state));
  entries.emplace_back("reason", text_or_null(status.reason));
  entries.emplace_back("failure", text_or_null(status.failure));
  entries.emplace_back("specs", number(status.specs));
  entries.emplace_back("waiting", number(status.waiting));
  entries.emplace_back("busy", number(status.busy));
  entries.emplace_back("pending_pushes", number(status.pending_pushes));
  entries.emplace_back("waiting_for_spec", texts(status.waiting_for_spec));
  entries.emplace_back("open_conflicts", number(status.open_conflicts));
  entries.emplace_back("failing_specs", number(status.failing_specs));
  entries.emplace_back("scans", number(status.scans));
  entries.emplace_back("missed_by_watcher", number(status.missed_by_watcher));
  entries.emplace_back("polled", boolean(status.is_polled));
  entries.emplace_back("polled_subtrees", number(status.polled_subtrees));
  entries.emplace_back("last_scan_at", timestamp(status.last_scan_at));
  return value;
}

}  // namespace

Value to_value(const Project& project) {
  Value value = object();
  auto& entries = value.entries;
  entries.emplace_back("slug", text(project.slug));
  entries.emplace_back("uuid", text(project.uuid));
  entries.emplace_back("root", text(project.root));
  entries.emplace_back("source", text(project.source));
  entries.emplace_back("layout", text(project.layout));
  entries.emplace_back("state", text(project.state));
  entries.emplace_back("state_reason", text_or_null(project.state_reason));
  Value git;
  if (project.git) {
    git = object();
    git.entries.emplace_back("branch", text_or_null(project.git->branch));
    git.entries.emplace_back("commit", text_or_null(project.git->commit));
    git.entries.emplace_back("worktree", text_or_null(project.git->worktree));
  }
  entries.emplace_back("git", std::move(git));
  entries.emplace_back("added_at", timestamp(project.added_at));
  return value;
}

std::span<const SpecField> spec_fields() {
  return kSpecFields;
}

void write_fields(JsonWriter& out, const Spec& spec, std::span<const SpecField> fields) {
  for (const SpecField& field : fields) {
    out.name(field.name);
    field.write(out, spec);
  }
}

Value to_value(const HistoryEntry& entry) {
  Value value = object();
  auto& entries = value.entries;
  entries.emplace_back("id", number(entry.id));
  entries.emplace_back("project", text_or_null(entry.project));
  entries.emplace_back("spec", text_or_null(entry.spec));
  entries.emplace_back("spec_id", text_or_null(entry.spec_id));
  entries.emplace_back("spec_name", text_or_null(entry.spec_name));
  entries.emplace_back("change", text_or_null(entry.change));
  entries.emplace_back("status_from", text_or_null(entry.status_from));
  entries.emplace_back("status_to", text_or_null(entry.status_to));
  entries.emplace_back("sync_direction", text(entry.sync_direction));
  entries.emplace_back("triggered_by", text(entry.triggered_by));
  entries.emplace_back("origin", text(entry.origin));
  entries.emplace_back("actor", text_or_null(entry.actor));
  entries.emplace_back("success", boolean(entry.success));
  entries.emplace_back("error_message", text_or_null(entry.error_message));
  entries.emplace_back("files_changed", texts(entry.files_changed));
  entries.emplace_back("duration_us", number(entry.duration_us));
  entries.emplace_back("synced_at", timestamp(entry.synced_at));
  entries.emplace_back("last_at", timestamp(entry.last_at));
  entries.emplace_back("count", number(entry.count));
  return value;
}

bool is_well(const Status& status) {
  return status.failure.empty() &&
         std::ranges::all_of(status.projects, [](const ProjectStatus& project) {
           const bool is_kept = project.state == "ok" || project.state == "read_only";
           return is_kept && project.failure.empty() && project.pending_pushes == 0 &&
                  project.open_conflicts == 0;
         });
}

Value to_value(const Status& status) {
  Value projects = list();
  for (const ProjectStatus& project : status.projects) projects.items.push_back(to_value(project));
  Value value = object();
  auto& entries = value.entries;
  entries.emplace_back("version", text(status.version));
  entries.emplace_back("well", boolean(is_well(status)));
  entries.emplace_back("ready", boolean(status.is_ready));
  entries.emplace_back("started_at", timestamp(status.started_at));
  entries.emplace_back("failure", text_or_null(status.failure));
  entries.emplace_back("connections", number(status.connections));
  entries.emplace_back("subscribers", number(status.subscribers));
  entries.emplace_back("projects", std::move(projects));
  return value;
}

}  // namespace specd::proto
