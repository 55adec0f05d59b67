#include "sync/journal.h"

#include <algorithm>
#include <tuple>

#include "base/json.h"
#include "base/path.h"
#include "base/value.h"
#include "store/spec_json.h"

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

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
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

}  // namespace

void Journal::add_conflict(const store::Spec& spec, store::ConflictId id, store::ConflictKind kind,
                           const std::string& path) {
  conflicts_.push_back({spec.key, spec.id, id, kind, path});
}

void Journal::add_resolution(const store::Conflict& conflict, const std::string& spec_id,
                             const Author& author) {
  conflicts_.push_back({conflict.spec, spec_id, conflict.id, conflict.kind, conflict.path,
                        conflict.resolution, author});
}

Result<> Journal::add_history(store::HistoryEntry row, const std::optional<Author>& author) {
  row.project = project_;
  if (author) {
    row.direction = author->direction;
    row.trigger = author->trigger;
    row.origin = author->origin;
    row.actor = author->actor;
  }
  row.duration_us =
      std::chrono::duration_cast<std::chrono::microseconds>(steady_now_ - cause_.began).count();
  row.at = now_;
  if (auto added = tables_.history.add(row); !added) return tl::unexpected(added.error());
  return {};
}

std::pair<std::string, std::string> Journal::move_of(const SpecEntry& entry) {
  if (entry.change != SpecChange::created && contains(entry.fields, "status"))
    return {printable_utf8(entry.status_from), printable_utf8(entry.spec.status)};
  if (entry.author) return {entry.author->status_from, entry.author->status_to};
  return {};
}

Result<> Journal::write_history(const SpecKey& key, const SpecEntry& entry) {
  store::HistoryEntry row;
  row.spec = key;
  row.spec_name = printable_utf8(entry.spec.id);
  row.change = to_string(entry.change);
  std::tie(row.status_from, row.status_to) = move_of(entry);
  row.direction = store::Direction::fs_to_db;
  row.trigger = cause_.trigger;
  row.origin = entry.spec.kind == spec::Kind::archived ? "archive" : "disk";
  row.files_changed = entry.files;
  // Of a spec whose folder alone came, moved or went, that folder.
  if (entry.files.empty()) row.files_changed.push_back(printable_utf8(entry.spec.dir) + "/");
  if (entry.is_error_changed && !entry.spec.sync_error.empty()) {
    row.success = false;
    row.error_message = printable_utf8(entry.spec.sync_error);
  }
  return add_history(std::move(row), entry.author);
}

// What becomes of the spec has a row of its own, once it has reached the disk.
Result<> Journal::write_resolution(const ConflictEntry& conflict) {
  store::HistoryEntry row;
  row.spec = conflict.key;
  row.spec_name = printable_utf8(conflict.spec_id);
  row.files_changed = {printable_utf8(conflict.path)};
  return add_history(std::move(row), conflict.author);
}

Result<> Journal::write_conflict(const ConflictEntry& conflict) {
  const bool is_open = conflict.resolution == store::Resolution::open;
  if (!is_open) {
    if (auto done = write_resolution(conflict); !done) return done;
  }
  Value payload{.kind = Value::Kind::map};
  payload.entries.emplace_back("id", text(conflict.spec_id));
  payload.entries.emplace_back("conflict", number(conflict.id.value));
  payload.entries.emplace_back("path", text(conflict.path));
  payload.entries.emplace_back("kind", text(store::to_string(conflict.kind)));
  if (!is_open)
    payload.entries.emplace_back("resolution", text(store::to_string(conflict.resolution)));
  return write_event(conflict.key, is_open ? "conflict.detected" : "conflict.resolved",
                     json::dump(payload), conflict.author);
}

Result<> Journal::write_event(const SpecKey& key, std::string type, std::string payload,
                              const std::optional<Author>& author) {
  store::Event event;
  event.type = std::move(type);
  event.project = project_;
  event.spec = key;
  event.origin = author ? author->origin : "disk";
  if (author) event.actor = author->actor;
  event.payload = std::move(payload);
  event.at = now_;
  if (auto added = tables_.events.append(std::move(event)); !added)
    return tl::unexpected(added.error());
  return {};
}

Result<> Journal::write() {
  for (const auto& [key, entry] : specs_) {
    if (entry.is_synced) {
      if (auto done = write_history(key, entry); !done) return done;
    }
    std::string news = store::to_json(
        {.spec = entry.spec, .from = entry.from_id, .files = entry.files, .changes = entry.fields});
    auto done = write_event(key, type_of(entry.change), std::move(news), entry.author);
    if (!done) return done;
  }
  for (const auto& [key, entry] : specs_) {
    if (!entry.is_error_changed || entry.spec.sync_error.empty()) continue;
    Value payload{.kind = Value::Kind::map};
    payload.entries.emplace_back("id", text(entry.spec.id));
    payload.entries.emplace_back("error", text(entry.spec.sync_error));
    if (auto done = write_event(key, "sync.error", json::dump(payload), {}); !done) return done;
  }
  for (const ConflictEntry& conflict : conflicts_) {
    if (auto done = write_conflict(conflict); !done) return done;
  }
  return {};
}

}  // namespace specd::sync
