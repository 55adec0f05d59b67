#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"

namespace specd::sqlite {
class Database;
}

namespace specd::store {

/// That an agent is at work on a spec.
struct Claim {
  SpecKey spec;
  ProjectId project;
  std::string agent;
  WallTime claimed_at;
  WallTime renewed_at;                 ///< when the lease began that ends at `expires_at`
  std::optional<WallTime> expires_at;  ///< none: never
  std::string status_before;           ///< of the spec, before it was claimed
  bool status_set_before = false;
  std::string assignee_before;
  std::string status_claimed;  ///< what claiming made of the status
};

/// Table `claims`; a row goes by itself when its spec is deleted or archived. Writing needs a
/// transaction of the Store that owns this.
class Claims {
 public:
  explicit Claims(sqlite::Database& db) : db_(db) {}

  /// `conflict` if somebody has the spec, whoever it is.
  [[nodiscard]] Result<> add(const Claim& claim);
  /// The lease is this one now. False if nobody has the spec.
  [[nodiscard]] Result<bool> renew(const SpecKey& spec, WallTime renewed_at,
                                   std::optional<WallTime> expires_at);
  /// False if nobody had the spec.
  [[nodiscard]] Result<bool> remove(const SpecKey& spec);

  [[nodiscard]] Result<std::optional<Claim>> of(const SpecKey& spec) const;
  /// Of one project, or of all; by key.
  [[nodiscard]] Result<std::vector<Claim>> list(
      std::optional<ProjectId> project = std::nullopt) const;

 private:
  sqlite::Database& db_;
};

}  // namespace specd::store
