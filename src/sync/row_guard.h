#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/digest.h"
#include "base/id.h"
#include "base/result.h"
#include "store/store.h"

namespace specd::sync {

/// What a SQL client did to a row that may be part of mass loss.
enum class Suspicion {
  none,
  deleted,
  emptied,
  made_identical,  ///< to another row that was edited at the same time
};

/// Stands between the rows that SQL clients edit and the disk (DESIGN §5, "guard"): what deletes,
/// empties or makes files identical waits until nothing like it has come for a moment, since
/// clients do such things one commit at a time; mass loss is then held until a person says what is
/// to become of it. Everything else goes on. Sync thread only.
///
/// Kept in memory is only what rows that still wait tell anew after a restart, but for the fact
/// that something is held: then less than mass loss is held as well (`resume_hold`).
class RowGuard {
 public:
  /// `grace`: how long such edits wait for others.
  RowGuard(store::Tables& tables, ProjectId project, std::chrono::milliseconds grace)
      : tables_(tables), project_(project), grace_(grace) {}

  /// Looks at what SQL clients have written by now. What was not looked at is not let through.
  [[nodiscard]] Result<> look(SteadyTime now);
  /// Lets through what has waited long enough. Whether there was any.
  bool let_waiting_through(SteadyTime now);
  /// When it will have; none: nothing waits, or it is held.
  [[nodiscard]] std::optional<SteadyTime> next() const;

  /// Whether this row is not to be written to disk now. To be asked before it is read, and, by its
  /// rev, once it was.
  [[nodiscard]] bool keeps(const std::string& path) const;
  [[nodiscard]] bool was_seen(const std::string& path, Rev rev) const;

  /// Why rows are held, for people; empty: none are.
  [[nodiscard]] const std::string& reason() const { return reason_; }
  struct Held {
    std::string path;
    Suspicion what{};
  };
  [[nodiscard]] std::vector<Held> held() const;
  /// Something was held when the daemon ended.
  void resume_hold(std::string reason) { reason_ = std::move(reason); }
  /// A person says that what is held is meant.
  void release();

 private:
  struct Edit {
    store::ForeignEdit row;
    /// Of a text that has taken another's place; read once, since what is held may be much.
    std::optional<Digest> content{};
    Suspicion suspicion = Suspicion::none;
    bool is_let_through = false;
    bool is_released = false;
  };
  Result<std::optional<Digest>> digest_of(const store::ForeignEdit& row) const;
  void remember_written(std::map<std::string, Edit> before, SteadyTime now);
  bool suspect();
  Result<> judge();

  store::Tables& tables_;
  const ProjectId project_;
  const std::chrono::milliseconds grace_;
  std::map<std::string, Edit> edits_;  ///< by path: of rows that wait to be written
  struct Written {
    store::ForeignEdit row;
    std::optional<Digest> content;
    Suspicion suspicion{};
    SteadyTime at;
  };
  std::map<std::string, Written> written_;   ///< by path: what went through a moment ago
  std::optional<SteadyTime> waiting_since_;  ///< the first of those that wait for others
  SteadyTime waiting_until_{};
  std::string reason_;
};

}  // namespace specd::sync
