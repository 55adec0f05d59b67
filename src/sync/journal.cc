#include "sync/journal.h"

#include "base/json.h"
#include "base/path.h"

namespace specd::sync {
namespace {

Value text(std::string_view of) {
  Value value{.kind = Value::Kind::scalar, .text = printable_utf8(of)};
  value.quoted = true;
  return value;
}

Value number(int64_t of) {
  return {.kind = Value::Kind::scalar, .text = std::to_string(of)};
}

Value list(const std::vector<std::string>& of) {
  Value value{.kind = Value::Kind::list};
  for (const std::string& item : of) value.items.push_back(text(item));
  return value;
}

std::string_view to_string(SpecChange change) {
  switch (change) {
    case SpecChange::created:
      return "created";
    case SpecChange::updated:
      return "updated";
    case SpecChange::renamed:
      return "renamed";
    case SpecChange::deleted:
      return "deleted";
  }
  return "";
}

std::string type_of(SpecChange change) {
  return "spec." + std::string(to_string(change));
}

// Enough to patch a view without asking again.
Value describe(const SpecKey& key, const SpecEntry& entry) {
  Value value{.kind = Value::Kind::map};
  const auto add = [&](const char* name, Value of) {
    value.entries.emplace_back(name, std::move(of));
  };
  add("key", text(key.value.text));
  add("kind", text(spec::to_string(entry.kind)));
  add("id", text(entry.id));
  if (entry.change == SpecChange::renamed) add("from", text(entry.from_id));
  add("title", text(entry.title));
  add("status", text(entry.status));
  add("tasks_done", number(entry.tasks_done));
  add("tasks_total", number(entry.tasks_total));
  add("files", list(entry.files));
  if (entry.change == SpecChange::updated) add("changed", list(entry.fields));
  return value;
}

}  // namespace

void SpecEntry::describe(const store::Spec& spec) {
  kind = spec.kind;
  id = spec.id;
  dir = spec.dir;
  title = spec.title;
  status = spec.status;
  tasks_done = spec.tasks_done;
  tasks_total = spec.tasks_total;
  error = spec.sync_error;
}

void Journal::add_conflict(const SpecKey& key, store::ConflictId id, store::ConflictKind kind,
                           const std::string& path) {
  conflicts_.push_back({key, id, kind, path});
}

Result<> Journal::write_history(const SpecKey& key, const SpecEntry& entry) {
  store::HistoryEntry row;
  row.project = project_;
  row.spec = key;
  row.spec_name = printable_utf8(entry.id);
  row.change = to_string(entry.change);
  row.direction = store::Direction::fs_to_db;
  row.trigger = cause_.trigger;
  row.origin = entry.kind == spec::Kind::archived ? "archive" : "disk";
  row.files_changed = entry.files;
  // Of a spec whose folder alone came, moved or went, that folder.
  if (entry.files.empty()) row.files_changed.push_back(printable_utf8(entry.dir) + "/");
  row.duration_us =
      std::chrono::duration_cast<std::chrono::microseconds>(steady_now_ - cause_.began).count();
  row.at = now_;
  if (entry.is_error_changed && !entry.error.empty()) {
    row.success = false;
    row.error_message = printable_utf8(entry.error);
  }
  if (auto added = tables_.history.add(row); !added) return tl::unexpected(added.error());
  return {};
}

Result<> Journal::write_event(const SpecKey* key, std::string type, const Value& payload) {
  store::Event event;
  event.type = std::move(type);
  event.project = project_;
  if (key != nullptr) event.spec = *key;
  event.origin = "disk";
  event.payload = json::dump(payload);
  event.at = now_;
  if (auto added = tables_.events.append(event); !added) return tl::unexpected(added.error());
  return {};
}

Result<> Journal::write_batch() {
  Value payload{.kind = Value::Kind::map};
  Value specs{.kind = Value::Kind::list};
  for (const auto& [key, entry] : specs_) {
    Value item{.kind = Value::Kind::map};
    item.entries.emplace_back("key", text(key.value.text));
    item.entries.emplace_back("kind", text(spec::to_string(entry.kind)));
    item.entries.emplace_back("id", text(entry.id));
    item.entries.emplace_back("type", text(type_of(entry.change)));
    specs.items.push_back(std::move(item));
  }
  payload.entries.emplace_back("count", number(static_cast<int64_t>(specs_.size())));
  payload.entries.emplace_back("specs", std::move(specs));
  return write_event(nullptr, "specs.batch", payload);
}

Result<> Journal::write() {
  for (const auto& [key, entry] : specs_) {
    if (auto done = write_history(key, entry); !done) return done;
    if (specs_.size() > kBatchEvent) continue;
    if (auto done = write_event(&key, type_of(entry.change), describe(key, entry)); !done)
      return done;
  }
  if (specs_.size() > kBatchEvent) {
    if (auto done = write_batch(); !done) return done;
  }
  for (const auto& [key, entry] : specs_) {
    if (!entry.is_error_changed || entry.error.empty()) continue;
    Value payload{.kind = Value::Kind::map};
    payload.entries.emplace_back("key", text(key.value.text));
    payload.entries.emplace_back("id", text(entry.id));
    payload.entries.emplace_back("error", text(entry.error));
    if (auto done = write_event(&key, "sync.error", payload); !done) return done;
  }
  for (const ConflictEntry& conflict : conflicts_) {
    Value payload{.kind = Value::Kind::map};
    payload.entries.emplace_back("conflict", number(conflict.id.value));
    payload.entries.emplace_back("key", text(conflict.key.value.text));
    payload.entries.emplace_back("path", text(conflict.path));
    payload.entries.emplace_back("kind", text(store::to_string(conflict.kind)));
    if (auto done = write_event(&conflict.key, "conflict.detected", payload); !done) return done;
  }
  return {};
}

}  // namespace specd::sync
