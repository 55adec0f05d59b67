#include "sync/claims.h"

#include <algorithm>

#include "base/log.h"
#include "spec/lifecycle.h"
#include "sync/project_sync.h"

namespace specd::sync {
namespace {

constexpr std::chrono::seconds kAgain{5};
// What is first may change while its file is looked at; then that one is looked at.
constexpr int kLooks = 8;
// Files that cannot be edited, before an agent is told so.
constexpr size_t kPassedOver = 8;

Author author_of(const std::string& agent, store::Trigger trigger) {
  return {
      .direction = store::Direction::db_to_fs, .trigger = trigger, .origin = "api", .actor = agent};
}

bool is_lean(const store::Spec& spec) {
  return spec.kind == spec::Kind::leanspec;
}

/// What the disk thought better of is no claim.
Result<> check_written(const EditAnswer& edit) {
  if (!edit.has(FileEnd::overruled) && !edit.has(FileEnd::superseded)) return {};
  return fail(Code::conflict, "the file was changed on disk at the same moment; try again");
}

}  // namespace

// ---- leases

void Claims::remember(const store::Claim& claim) {
  const WallTime now = clock_.wall();
  Lease lease{.deadline = SteadyTime::max(), .expires_at = claim.expires_at};
  if (claim.expires_at) {
    const auto whole = *claim.expires_at - claim.renewed_at;
    const auto left = std::clamp(*claim.expires_at - now, decltype(whole)::zero(), whole);
    lease.deadline = clock_.steady() + left;
  }
  leases_[claim.spec] = lease;
}

Result<> Claims::start() {
  const auto claims = store_.tables.claims.list();
  if (!claims) return tl::unexpected(claims.error());
  for (const store::Claim& claim : *claims) remember(claim);
  return {};
}

bool Claims::is_changing(const SpecKey& key) const {
  const auto lease = leases_.find(key);
  return lease != leases_.end() && lease->second.is_changing;
}

void Claims::begin_change(const SpecKey& key) {
  if (const auto lease = leases_.find(key); lease != leases_.end())
    lease->second.is_changing = true;
}

void Claims::end_change(const SpecKey& key) {
  if (const auto lease = leases_.find(key); lease != leases_.end())
    lease->second.is_changing = false;
}

SteadyTime Claims::due(const Lease& lease) const {
  if (!lease.expires_at) return lease.deadline;
  const auto left = std::max(*lease.expires_at - clock_.wall(), WallTime::duration::zero());
  const SteadyTime now = clock_.steady();
  return lease.deadline - now < left ? lease.deadline : now + left;
}

std::optional<SteadyTime> Claims::next() const {
  std::optional<SteadyTime> next;
  for (const auto& [key, lease] : leases_) {
    if (lease.is_changing || lease.deadline == SteadyTime::max()) continue;
    const SteadyTime at = due(lease);
    if (!next || at < *next) next = at;
  }
  return next;
}

// ---- choosing

Result<std::vector<const Backlog*>> Claims::backlogs_of(const std::optional<ProjectId>& wanted) {
  const auto projects = store_.tables.projects.list();
  if (!projects) return tl::unexpected(projects.error());
  std::erase_if(backlogs_, [&](const auto& known) {
    return std::ranges::find(*projects, known.first, &store::Project::id) == projects->end();
  });
  std::vector<const Backlog*> backlogs;
  for (const store::Project& project : *projects) {
    if (wanted && project.id != *wanted) continue;
    const ProjectSync* sync = project_(project.id);
    if (sync == nullptr || !sync->takes_edits()) continue;
    Backlog& backlog = backlogs_.try_emplace(project.id, project.slug).first->second;
    if (auto done = backlog.refresh(store_.tables.specs, project.id); !done)
      return tl::unexpected(done.error());
    backlogs.push_back(&backlog);
  }
  return backlogs;
}

Result<std::optional<store::Spec>> Claims::first_ready(const Asking& asking) {
  const auto backlogs = backlogs_of(asking.order.project);
  if (!backlogs) return tl::unexpected(backlogs.error());
  const auto claims = store_.tables.claims.list();
  if (!claims) return tl::unexpected(claims.error());
  std::set<SpecKey> taken = asking.passed_over;
  for (const store::Claim& claim : *claims) taken.insert(claim.spec);
  const NextWork next = next_work(
      *backlogs, [&](const SpecKey& key) { return taken.contains(key); }, options_.workflows);
  if (next.item == nullptr) return std::optional<store::Spec>();
  return store_.tables.specs.get(next.item->key);
}

Result<std::optional<store::Spec>> Claims::choose(const Asking& asking) {
  if (!asking.order.spec) return first_ready(asking);
  auto spec = store_.tables.specs.get(*asking.order.spec);
  if (!spec) return spec;
  if (!*spec || (*spec)->deleted_at) return fail(Code::not_found, "the spec is gone");
  if ((*spec)->kind == spec::Kind::capability)
    return fail(Code::conflict, (*spec)->id + " is a capability, and no work to do");
  if (spec::is_finished((*spec)->kind, (*spec)->status))
    return fail(Code::conflict,
                (*spec)->id + " is " + (*spec)->status + ": there is no work to do on it");
  return spec;
}

/// The spec as it is on disk now, where that says what it is.
Result<std::optional<store::Spec>> Claims::look_at(const store::Spec& spec) {
  ProjectSync* project = project_(spec.project);
  if (is_lean(spec) && project != nullptr) {
    if (auto looked = project->look_at_main_file(spec.key); !looked)
      return tl::unexpected(looked.error());
  }
  return store_.tables.specs.get(spec.key);
}

// ---- claiming

Result<> Claims::write(store::Spec spec, const SpecFields& fields, const Author& author,
                       Told told) {
  Journal journal(store_.tables, spec.project, {author.trigger, clock_.steady()}, clock_.wall(),
                  clock_.steady());
  const SpecKey key = spec.key;
  // That somebody has it, or has it no more, is news by itself.
  SpecEntry& entry = journal.of(key);
  entry.author = author;
  entry.is_synced = told == Told::in_history;
  if (auto done = editor_.write_fields(std::move(spec), fields, journal); !done) return done;
  entry.fields.emplace_back("claimed_by");
  return journal.write();
}

Result<> Claims::renew(ClaimAnswer& answer, const ClaimOrder& order) {
  store::Claim& claim = *answer.claim;
  claim.renewed_at = clock_.wall();
  claim.expires_at = claim.renewed_at + order.lease;
  answer.is_renewed = true;
  const auto renewed = store_.tables.claims.renew(claim.spec, claim.renewed_at, claim.expires_at);
  return renewed ? Result<>() : tl::unexpected(renewed.error());
}

Result<> Claims::make(ClaimAnswer& answer, const ClaimOrder& order) {
  const store::Spec& spec = *answer.spec;
  const std::string& status = spec::working_status(options_.workflows.of(spec.kind));
  const WallTime now = clock_.wall();
  answer.claim = store::Claim{.spec = spec.key,
                              .project = spec.project,
                              .agent = order.agent,
                              .claimed_at = now,
                              .renewed_at = now,
                              .expires_at = now + order.lease,
                              .status_before = spec.status,
                              .status_set_before = spec.status_set,
                              .assignee_before = spec.assignee,
                              .status_claimed = status};
  if (auto added = store_.tables.claims.add(*answer.claim); !added) return added;
  const Author author = author_of(order.agent, store::Trigger::user_edit);
  if (is_lean(spec)) return write(spec, {}, author, Told::by_edit);
  return write(spec, {.status = status, .assignee = order.agent}, author, Told::in_history);
}

Result<ClaimAnswer> Claims::take_in(sqlite::Transaction& tx, const ClaimOrder& order,
                                    store::Spec spec) {
  const SpecKey key = spec.key;
  ClaimAnswer answer{.spec = std::move(spec)};
  auto present = store_.tables.claims.of(key);
  if (!present) return tl::unexpected(present.error());
  if (*present && (*present)->agent != order.agent) {
    answer.held = std::move(*present);
    return answer;
  }
  if (is_changing(key)) return fail(Code::busy, "its file is being edited for a claim; try again");
  answer.claim = std::move(*present);
  auto done = answer.claim ? renew(answer, order) : make(answer, order);
  if (done) done = tx.commit();
  if (!done) return tl::unexpected(done.error());
  remember(*answer.claim);
  committed_();
  auto now = store_.tables.specs.get(key);
  if (now && *now) answer.spec = std::move(*now);
  return answer;
}

Result<ClaimAnswer> Claims::take(const Asking& asking) {
  std::optional<SpecKey> looked;
  for (int looks = 0;; ++looks) {
    auto tx = store_.begin(sqlite::Durability::full);
    if (!tx) return tl::unexpected(tx.error());
    auto spec = choose(asking);
    if (!spec) return tl::unexpected(spec.error());
    if (!*spec) return asking.why ? Result<ClaimAnswer>(Failure(*asking.why)) : ClaimAnswer{};
    if (!is_lean(**spec) || looked == (*spec)->key || looks == kLooks)
      return take_in(*tx, asking.order, std::move(**spec));
    tx->rollback();
    looked = (*spec)->key;
    if (auto now = look_at(**spec); !now) return tl::unexpected(now.error());
  }
}

void Claims::claim(const ClaimOrder& order, SteadyTime deadline, const ClaimDone& done) {
  ask({.order = order}, deadline, done);
}

void Claims::ask(Asking asking, SteadyTime deadline, const ClaimDone& done) {
  auto answer = take(asking);
  const bool is_to_say = answer && answer->claim && !answer->is_renewed && is_lean(*answer->spec);
  if (!is_to_say) return done(std::move(answer));
  say_in_file(std::move(asking), std::move(*answer), deadline, done);
}

void Claims::say_in_file(Asking asking, ClaimAnswer answer, SteadyTime deadline,
                         const ClaimDone& done) {
  const store::Claim claim = *answer.claim;
  begin_change(claim.spec);
  auto said = [this, claim, asking = std::move(asking), answer = std::move(answer), deadline,
               done](Result<FieldsAnswer> set) mutable {
    end_change(claim.spec);
    auto written = set ? check_written(set->edit) : Result<>(tl::unexpected(set.error()));
    if (written) {
      answer.edit = std::move(set->edit);
      if (auto now = store_.tables.specs.get(claim.spec); now && *now)
        answer.spec = std::move(*now);
      return done(std::move(answer));
    }
    if (auto dropped = drop({.claim = claim, .fields = {}}, {}, Told::in_history); !dropped)
      after_failed_end(claim.spec, dropped.error());
    if (asking.order.spec || asking.passed_over.size() == kPassedOver)
      return done(tl::unexpected(written.error()));
    asking.passed_over.insert(claim.spec);
    if (!asking.why) asking.why = written.error();
    ask(std::move(asking), deadline, done);
  };
  ProjectSync* project = project_(claim.project);
  if (project == nullptr) return said(fail(Code::not_found, "no such project"));
  project->set_fields({.spec = claim.spec,
                       .fields = {.status = claim.status_claimed, .assignee = claim.agent},
                       .moves = Moves::any,
                       .actor = claim.agent},
                      deadline, said);
}

// ---- ending

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
    auto done = write(**spec, fields, author_of(ending.claim.agent, trigger), told);
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
