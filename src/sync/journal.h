#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "store/store.h"

namespace specd::sync {

/// Why a round of sync happened, for `sync_history`.
struct Cause {
  store::Trigger trigger = store::Trigger::file_watcher;
  SteadyTime began;  ///< when its first hint came
};

/// Whose change it is, where it did not come from the disk.
struct Author {
  store::Direction direction = store::Direction::db_to_fs;
  store::Trigger trigger = store::Trigger::user_edit;
  std::string origin;
  std::string actor;
  /// The move of the status that it was, where another transaction made it; both empty: none.
  std::string status_from{};
  std::string status_to{};
};

enum class SpecChange { created, updated, renamed, deleted };

/// What one transaction did to one spec.
struct SpecEntry {
  SpecChange change = SpecChange::updated;
  store::Spec spec;                 ///< as the transaction leaves it, version included
  std::string from_id;              ///< of a renamed spec
  std::vector<std::string> files;   ///< paths that were pulled or deleted
  std::vector<std::string> fields;  ///< columns that changed
  std::string status_from;          ///< where the status is among them: what it was
  bool is_error_changed = false;    ///< its sync_error
  std::optional<Author> author;     ///< none: the disk
  bool is_synced = true;  ///< false: the other side has yet to get it; that will be the history row
};

/// Gathers what a transaction does and writes it down in the same transaction: one `sync_history`
/// row per spec, per change of an error and per resolution of a conflict, and one event per spec,
/// error, conflict and resolution.
class Journal {
 public:
  Journal(store::Tables& tables, ProjectId project, const Cause& cause, WallTime now,
          SteadyTime steady_now)
      : tables_(tables), project_(project), cause_(cause), now_(now), steady_now_(steady_now) {}

  /// The entry of this spec, made at the first call.
  SpecEntry& of(const SpecKey& key) { return specs_[key]; }
  [[nodiscard]] bool has(const SpecKey& key) const { return specs_.contains(key); }
  void add_conflict(const store::Spec& spec, store::ConflictId id, store::ConflictKind kind,
                    const std::string& path);
  /// As it is now that it is resolved, and by whom; `spec_id`: what its spec is called.
  void add_resolution(const store::Conflict& conflict, const std::string& spec_id,
                      const Author& author);
  [[nodiscard]] bool empty() const { return specs_.empty() && conflicts_.empty(); }
  [[nodiscard]] size_t size() const { return specs_.size(); }

  /// From which status to which the spec was moved; both empty: it stayed.
  [[nodiscard]] static std::pair<std::string, std::string> move_of(const SpecEntry& entry);

  [[nodiscard]] Result<> write();

 private:
  struct ConflictEntry {
    SpecKey key;
    std::string spec_id;
    store::ConflictId id;
    store::ConflictKind kind;
    std::string path;
    store::Resolution resolution = store::Resolution::open;
    std::optional<Author> author{};  ///< of the resolution
  };
  [[nodiscard]] Result<> write_history(const SpecKey& key, const SpecEntry& entry);
  [[nodiscard]] Result<> write_resolution(const ConflictEntry& conflict);
  [[nodiscard]] Result<> write_conflict(const ConflictEntry& conflict);
  [[nodiscard]] Result<> add_history(store::HistoryEntry row, const std::optional<Author>& author);
  [[nodiscard]] Result<> write_event(const SpecKey& key, std::string type, std::string payload,
                                     const std::optional<Author>& author);

  store::Tables& tables_;
  const ProjectId project_;
  const Cause cause_;
  const WallTime now_;
  const SteadyTime steady_now_;
  std::map<SpecKey, SpecEntry> specs_;
  std::vector<ConflictEntry> conflicts_;
};

}  // namespace specd::sync
