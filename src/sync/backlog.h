#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "spec/moves.h"
#include "spec/references.h"
#include "store/claims.h"
#include "store/specs.h"

/// What there is to do, and in which order.
namespace specd::sync {

/// What the queue has to know of a live change or LeanSpec folder.
struct WorkItem {
  SpecKey key;
  int64_t version = 0;
  spec::Kind kind{};
  std::string id;
  std::string status;
  int rank = 0;                         ///< of its priority (spec/lifecycle.h)
  std::string created;                  ///< as it is written; empty: it does not say
  std::vector<std::string> depends_on;  ///< LeanSpec: names, as they are written
};

/// Why something has to wait: what it depends on and that is not finished, or that is not there.
struct Blocker {
  std::string name;
  std::string_view why;             ///< "not_done"; "none" has the name; or it is "ambiguous"
  const WorkItem* other = nullptr;  ///< that is not done
};

/// Where a spec is on its way through the queue: its dependencies are done and it is to be taken;
/// they are not; an agent has it; its work is done, and somebody has to say that it is good.
enum class WorkState { ready, blocked, claimed, review };
[[nodiscard]] std::string_view to_string(WorkState state);

/// The live changes and LeanSpec folders of one project. Belongs to one thread at a time.
class Backlog {
 public:
  explicit Backlog(std::string slug) : slug_(std::move(slug)) {}

  /// A spec as it is now; one of another kind goes.
  void put(const store::Spec& spec);
  void remove(const SpecKey& key);
  /// Takes up what the database has: only what it does not know in this version is read.
  [[nodiscard]] Result<> refresh(const store::Specs& specs, ProjectId project);

  [[nodiscard]] const std::string& slug() const { return slug_; }
  [[nodiscard]] const WorkItem* find(const SpecKey& key) const;
  /// Those that are not finished, in no order.
  [[nodiscard]] std::vector<const WorkItem*> unfinished() const;
  /// What it waits for, each once; empty: nothing.
  [[nodiscard]] std::vector<Blocker> blockers(const WorkItem& item) const;
  /// What is done first is less: by priority, the oldest first (those that do not say behind the
  /// others), by project and id.
  [[nodiscard]] auto order(const WorkItem& item) const {
    return std::tuple(item.rank, item.created.empty(), std::string_view(item.created),
                      std::string_view(slug_), std::string_view(item.id));
  }

 private:
  struct Names {
    std::vector<std::string> ids;  ///< of its own: items come and go
    std::vector<std::string_view> views;
    std::vector<const WorkItem*> items;  ///< by the place of their id
    std::optional<spec::SpecNames> by_name;
  };
  const Names& names() const;

  std::string slug_;
  std::unordered_map<SpecKey, WorkItem> items_;
  mutable std::optional<Names> names_;  ///< of LeanSpec folders; none: an id came or went since
};

/// Where it is. `is_claimed`: by anybody.
[[nodiscard]] WorkState state_of(const Backlog& backlog, const WorkItem& item, bool is_claimed,
                                 const spec::Workflows& workflows);

/// One thing to do; null: there is none.
struct NextWork {
  const Backlog* backlog = nullptr;
  const WorkItem* item = nullptr;
};

/// What is ready over several projects, for many who ask one after the other. Refers to the
/// backlogs, which stay as they are meanwhile.
class ReadyWork {
 public:
  ReadyWork(std::span<const Backlog* const> backlogs, const spec::Workflows& workflows);

  /// The first that is ready and wanted, whoever may have it.
  [[nodiscard]] NextWork first(const std::function<bool(const NextWork&)>& is_wanted);

 private:
  const spec::Workflows& workflows_;
  std::vector<NextWork> found_;  ///< the first of all, in order, but for those that are not ready
  std::vector<NextWork> rest_;   ///< a heap
};

}  // namespace specd::sync
