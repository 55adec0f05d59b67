#include "store/claims.h"

#include "store/columns.h"

namespace specd::store {
namespace {

#define SPECD_CLAIM_COLUMNS                                                   \
  "spec, project, agent, claimed_at, renewed_at, expires_at, status_before, " \
  "status_set_before, assignee_before, status_claimed"

Claim claim_of(sqlite::Row& row) {
  Claim claim;
  claim.spec = spec_key(row);
  claim.project = ProjectId{row.integer()};
  claim.agent = row.text();
  claim.claimed_at = row.time();
  claim.renewed_at = row.time();
  claim.expires_at = row.maybe_time();
  claim.status_before = row.text();
  claim.status_set_before = row.boolean();
  claim.assignee_before = row.text();
  claim.status_claimed = row.text();
  return claim;
}

}  // namespace

Result<> Claims::add(const Claim& claim) {
  assert_writing(db_);
  SPECD_TRY(db_.run(
      "INSERT INTO claims (" SPECD_CLAIM_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      claim.spec, claim.project, claim.agent, claim.claimed_at, claim.renewed_at, claim.expires_at,
      claim.status_before, claim.status_set_before, claim.assignee_before, claim.status_claimed));
  return {};
}

Result<bool> Claims::renew(const SpecKey& spec, WallTime renewed_at,
                           std::optional<WallTime> expires_at) {
  assert_writing(db_);
  const auto changed = db_.run("UPDATE claims SET renewed_at = ?, expires_at = ? WHERE spec = ?",
                               renewed_at, expires_at, spec);
  if (!changed) return Failure(changed.error());
  return *changed != 0;
}

Result<bool> Claims::remove(const SpecKey& spec) {
  assert_writing(db_);
  const auto changed = db_.run("DELETE FROM claims WHERE spec = ?", spec);
  if (!changed) return Failure(changed.error());
  return *changed != 0;
}

Result<std::optional<Claim>> Claims::of(const SpecKey& spec) const {
  return db_.first("SELECT " SPECD_CLAIM_COLUMNS " FROM claims WHERE spec = ?", claim_of, spec);
}

Result<std::vector<Claim>> Claims::list(std::optional<ProjectId> project) const {
  return db_.all("SELECT " SPECD_CLAIM_COLUMNS
                 " FROM claims WHERE ?1 IS NULL OR project = ?1 ORDER BY spec",
                 claim_of, project);
}

}  // namespace specd::store
