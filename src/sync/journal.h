#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "base/value.h"
#include "store/store.h"

namespace specd::sync {

/// Why a round of sync happened, for `sync_history`.
struct Cause {
  store::Trigger trigger = store::Trigger::file_watcher;
  SteadyTime began;  ///< when its first hint came
};

enum class SpecChange { created, updated, renamed, deleted };

/// What one transaction did to one spec.
struct SpecEntry {
  SpecChange change = SpecChange::updated;
  spec::Kind kind{};
  std::string id;
  std::string from_id;  ///< of a renamed spec
  std::string dir;
  std::string title;
  std::string status;
  int64_t tasks_done = 0;
  int64_t tasks_total = 0;
  std::vector<std::string> files;   ///< paths that were pulled or deleted
  std::vector<std::string> fields;  ///< columns that changed
  std::string error;                ///< its sync_error now, where that changed
  bool is_error_changed = false;

  /// Takes over what subscribers are told of the spec as it is now.
  void describe(const store::Spec& spec);
};

/// Gathers what a transaction does and writes it down in the same transaction: one `sync_history`
/// row per spec and per change of an error, one event per spec, or a single `specs.batch` event for
/// many.
class Journal {
 public:
  Journal(store::Tables& tables, ProjectId project, const Cause& cause, WallTime now,
          SteadyTime steady_now)
      : tables_(tables), project_(project), cause_(cause), now_(now), steady_now_(steady_now) {}

  /// The entry of this spec, made at the first call.
  SpecEntry& of(const SpecKey& key) { return specs_[key]; }
  [[nodiscard]] bool has(const SpecKey& key) const { return specs_.contains(key); }
  void add_conflict(const SpecKey& key, store::ConflictId id, store::ConflictKind kind,
                    const std::string& path);
  [[nodiscard]] bool empty() const { return specs_.empty() && conflicts_.empty(); }
  [[nodiscard]] size_t size() const { return specs_.size(); }

  [[nodiscard]] Result<> write();

 private:
  struct ConflictEntry {
    SpecKey key;
    store::ConflictId id;
    store::ConflictKind kind;
    std::string path;
  };
  [[nodiscard]] Result<> write_history(const SpecKey& key, const SpecEntry& entry);
  [[nodiscard]] Result<> write_event(const SpecKey* key, std::string type, const Value& payload);
  [[nodiscard]] Result<> write_batch();

  store::Tables& tables_;
  const ProjectId project_;
  const Cause cause_;
  const WallTime now_;
  const SteadyTime steady_now_;
  std::map<SpecKey, SpecEntry> specs_;
  std::vector<ConflictEntry> conflicts_;
};

/// More changed specs than this in one transaction are told by one `specs.batch` event.
inline constexpr size_t kBatchEvent = 20;

}  // namespace specd::sync
