// How claims end: an agent gives a spec back, or says that it is complete, or its lease is over.

#include "base/log.h"
#include "spec/lifecycle.h"
#include "sync/claims.h"
#include "sync/project_sync.h"

namespace specd::sync {
namespace {

constexpr std::chrono::seconds kAgain{5};

}  // namespace

Claims::Ending Claims::plan_end(const EndOrder& order, const store::Claim& claim,
                                const store::Spec& spec) const {
  Ending ending{.claim = claim, .fields = {.spec = claim.spec, .fields = {}, .actor = claim.agent}};
  SpecFields& fields = ending.fields.fields;
  const bool is_ours =
      spec::canonical_status(spec.status) == spec::canonical_status(claim.status_claimed);
  if (order.how == EndOrder::How::complete) {
    const bool is_done = spec::is_finished(spec.kind, spec.status) && order.status.empty();
    if (!is_done)
      fields.status = order.status.empty()
                          ? spec::completed_status(options_.workflows.of(spec.kind))
                          : order.status;
    return ending;
  }
  ending.fields.moves = Moves::any;
  const bool was_said = claim.status_set_before || is_lean(spec);
  if (is_ours && (spec.status_set || is_lean(spec)))
    fields.status = was_said ? claim.status_before : "";
  if (spec.assignee == claim.agent) fields.assignee = claim.assignee_before;
  return ending;
}

/// The claim goes, in one transaction with what that changes in the database.
Result<ClaimAnswer> Claims::drop(const Ending& ending, const SpecFields& fields, Told told) {
  auto tx = store_.begin(sqlite::Durability::full);
  if (!tx) return tl::unexpected(tx.error());
  auto removed = store_.tables.claims.remove(ending.claim.spec);
  if (!removed) return tl::unexpected(removed.error());
  auto spec = store_.tables.specs.get(ending.claim.spec);
  if (!spec) return tl::unexpected(spec.error());
  const bool is_live = *spec && !(*spec)->deleted_at;
  if (*removed && is_live) {
    const auto trigger =
        ending.why == Why::expired ? store::Trigger::periodic : store::Trigger::user_edit;
    auto done = write(**spec, fields, {ending.claim.agent, trigger}, told);
    if (!done) return tl::unexpected(done.error());
  }
  if (auto done = tx->commit(); !done) return tl::unexpected(done.error());
  leases_.erase(ending.claim.spec);
  committed_();
  ClaimAnswer answer;
  auto now = store_.tables.specs.get(ending.claim.spec);
  if (now) answer.spec = std::move(*now);
  return answer;
}

void Claims::give_back(Ending ending, SteadyTime deadline, const ClaimDone& done) {
  auto spec = store_.tables.specs.get(ending.claim.spec);
  if (!spec) return done(tl::unexpected(spec.error()));
  const SpecFields& fields = ending.fields.fields;
  const bool is_said = fields.status || fields.assignee;
  if (*spec && is_lean(**spec) && is_said) return give_back_file(std::move(ending), deadline, done);
  ClaimAnswer answer;
  if (*spec) answer.refused = refused_move(**spec, ending.fields, options_.workflows);
  if (answer.refused) return done(std::move(answer));
  done(drop(ending, fields, Told::in_history));
}

void Claims::give_back_file(Ending ending, SteadyTime deadline, const ClaimDone& done) {
  const SpecKey key = ending.claim.spec;
  ProjectSync* project = project_(ending.claim.project);
  if (project == nullptr) return done(fail(Code::not_found, "no such project"));
  begin_change(key);
  const FieldsRequest request = ending.fields;
  project->set_fields(
      request, deadline, [this, key, ending = std::move(ending), done](Result<FieldsAnswer> set) {
        end_change(key);
        if (!set) return done(tl::unexpected(std::move(set).error()));
        if (auto written = check_written(set->edit); !written)
          return done(tl::unexpected(written.error()));
        ClaimAnswer refused;
        refused.refused = std::move(set->refused);
        if (refused.refused) return done(std::move(refused));
        // Where the file had it already, nothing else tells of it.
        const Told told = set->edit.id.value == 0 ? Told::in_history : Told::by_edit;
        auto dropped = drop(ending, {}, told);
        if (dropped) dropped->edit = std::move(set->edit);
        done(std::move(dropped));
      });
}

void Claims::end(const EndOrder& order, SteadyTime deadline, const ClaimDone& done) {
  serve();
  auto claim = store_.tables.claims.of(order.spec);
  if (!claim) return done(tl::unexpected(claim.error()));
  auto spec = store_.tables.specs.get(order.spec);
  if (!spec) return done(tl::unexpected(spec.error()));
  if (!*spec || (*spec)->deleted_at) return done(fail(Code::not_found, "the spec is gone"));
  if (!*claim)
    return done(fail(Code::conflict, "nobody has claimed " + (*spec)->id +
                                         ", or the lease is over; claim it first"));
  if ((*claim)->agent != order.agent) {
    ClaimAnswer answer{.spec = std::move(*spec)};
    answer.held = std::move(*claim);
    return done(std::move(answer));
  }
  if (is_changing(order.spec))
    return done(fail(Code::busy, "its file is being edited for a claim; try again"));
  auto now = look_at(**spec);
  if (!now) return done(tl::unexpected(now.error()));
  if (!*now) return done(fail(Code::not_found, "the spec is gone"));
  give_back(plan_end(order, **claim, **now), deadline, done);
}

/// A lease that could not be ended is tried again soon.
void Claims::after_failed_end(const SpecKey& key, const Error& error) {
  log::warn("claim-not-ended", {{"spec", key.value.text}, {"error", error.message}});
  const auto lease = leases_.find(key);
  if (lease == leases_.end()) return;
  lease->second = {.deadline = clock_.steady() + kAgain, .expires_at = std::nullopt};
}

void Claims::expire() {
  const SteadyTime now = clock_.steady();
  std::vector<SpecKey> over;
  for (const auto& [key, lease] : leases_) {
    if (!lease.is_changing && due(lease) <= now) over.push_back(key);
  }
  for (const SpecKey& key : over) {
    if (auto done = expire(key); !done) after_failed_end(key, done.error());
  }
}

Result<> Claims::expire(const SpecKey& key) {
  const auto claim = store_.tables.claims.of(key);
  if (!claim) return tl::unexpected(claim.error());
  auto spec = store_.tables.specs.get(key);
  if (!spec) return tl::unexpected(spec.error());
  if (!*claim || !*spec) {  // gone with its spec
    leases_.erase(key);
    return {};
  }
  if (auto now = look_at(**spec); now && *now) spec = std::move(now);
  Ending ending = plan_end({.spec = key, .agent = (*claim)->agent, .status = {}}, **claim, **spec);
  ending.why = Why::expired;
  give_back(ending, clock_.steady(), [this, key, ending](const Result<ClaimAnswer>& ended) {
    if (ended) return;
    const Code code = ended.error().code;
    const bool may_pass = code != Code::refused && code != Code::invalid && code != Code::not_found;
    // What cannot be said in the file must not keep the spec from others.
    if (may_pass || !drop(ending, {}, Told::in_history)) after_failed_end(key, ended.error());
  });
  return {};
}

}  // namespace specd::sync
