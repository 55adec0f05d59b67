#include "sync/record.h"

#include "base/json.h"
#include "base/path.h"

namespace specd::sync {
namespace {

std::string first_error(const SpecOnDisk& disk) {
  for (size_t i = 0; i < disk.facts.size(); ++i) {
    if (!disk.facts[i].error.empty()) return disk.found.files[i].path + ": " + disk.facts[i].error;
  }
  return disk.first_problem;
}

// Sets `field`, and notes its name if that changed it.
class Setter {
 public:
  template <class T>
  void set(T& field, T value, const char* name) {
    if (field == value) return;
    field = std::move(value);
    changed.emplace_back(name);
  }
  std::vector<std::string> changed;
};

}  // namespace

store::FileFacts to_row(const spec::FileFacts& facts) {
  store::FileFacts row;
  row.title = printable_utf8(facts.title);
  row.tasks_done = facts.tasks_done;
  row.tasks_total = facts.tasks_total;
  if (facts.front_matter) row.front_matter = json::dump(*facts.front_matter);
  row.error = printable_utf8(facts.error);
  return row;
}

spec::FileFacts from_row(const store::FileFacts& row) {
  spec::FileFacts facts;
  facts.title = row.title;
  facts.tasks_done = static_cast<uint32_t>(row.tasks_done);
  facts.tasks_total = static_cast<uint32_t>(row.tasks_total);
  if (row.front_matter) {
    if (auto parsed = json::parse(*row.front_matter)) facts.front_matter = std::move(*parsed);
  }
  facts.error = row.error;
  return facts;
}

std::vector<std::string> set_fields(store::Spec& record, const SpecFields& fields) {
  Setter setter;
  if (fields.status) {
    record.status_set = !fields.status->empty();
    if (record.status_set) setter.set(record.status, *fields.status, "status");
  }
  if (fields.priority) setter.set(record.priority, *fields.priority, "priority");
  if (fields.assignee) setter.set(record.assignee, *fields.assignee, "assignee");
  if (fields.tags) setter.set(record.tags, *fields.tags, "tags");
  return setter.changed;
}

std::vector<std::string> update_record(store::Spec& record, const SpecOnDisk& disk, WallTime now) {
  const spec::SpecFacts facts = spec::summarize(disk.found, disk.facts);
  Setter setter;
  setter.set(record.kind, disk.found.kind, "kind");
  setter.set(record.id, disk.found.id, "id");
  setter.set(record.change_id, disk.found.change_id, "change_id");
  setter.set(record.dir, disk.found.dir, "dir");
  setter.set(record.title, printable_utf8(facts.title), "title");
  if (!record.status_set) setter.set(record.status, printable_utf8(facts.status), "status");
  if (disk.found.kind == spec::Kind::leanspec) {
    setter.set(record.priority, printable_utf8(facts.priority), "priority");
    setter.set(record.tags, facts.tags, "tags");
    setter.set(record.assignee, printable_utf8(facts.assignee), "assignee");
  }
  setter.set(record.tasks_done, static_cast<int64_t>(facts.tasks_done), "tasks_done");
  setter.set(record.tasks_total, static_cast<int64_t>(facts.tasks_total), "tasks_total");
  setter.set(record.progress, facts.progress, "progress");
  std::optional<std::string> front_matter;
  if (facts.front_matter.kind != Value::Kind::null) front_matter = json::dump(facts.front_matter);
  setter.set(record.front_matter, std::move(front_matter), "front_matter");
  setter.set(record.sync_error, printable_utf8(first_error(disk)), "sync_error");
  const bool is_archived = disk.found.kind == spec::Kind::archived;
  if (is_archived != record.archived_at.has_value()) {
    record.archived_at = is_archived ? std::optional(now) : std::nullopt;
    setter.changed.emplace_back("archived_at");
  }
  if (record.deleted_at) {
    record.deleted_at.reset();
    setter.changed.emplace_back("deleted_at");
  }
  record.dir_dev = disk.folder.dev;
  record.dir_ino = disk.folder.ino;
  if (disk.latest_mtime_ns != 0)
    record.filesystem_modified_at = from_us(disk.latest_mtime_ns / 1000);
  record.last_synced_at = now;
  return setter.changed;
}

}  // namespace specd::sync
