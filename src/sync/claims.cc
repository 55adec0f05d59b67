#include "sync/claims.h"

#include <algorithm>
#include <array>

#include "base/log.h"
#include "spec/lifecycle.h"
#include "sync/project_sync.h"

namespace specd::sync {
namespace {

// What is first may change while its file is looked at; then that one is looked at.
constexpr int kLooks = 8;
// Files that cannot be edited, before an agent is told so.
constexpr size_t kPassedOver = 8;

}  // namespace

bool Claims::is_lean(const store::Spec& spec) {
  return spec.kind == spec::Kind::leanspec;
}

Result<> Claims::check_written(const EditAnswer& edit) {
  if (!edit.has(FileEnd::overruled) && !edit.has(FileEnd::superseded)) return {};
  return fail(Code::conflict, "the file was changed on disk at the same moment; try again");
}

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

Result<std::optional<store::Spec>> Claims::choose(const Asking& asking) {
  if (!asking.order.spec) return work_.first(asking.order.project, asking.passed_over);
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

Result<> Claims::write(store::Spec spec, const SpecFields& fields, const Sayer& sayer, Told told) {
  const Author author{.direction = store::Direction::db_to_fs,
                      .trigger = sayer.trigger,
                      .origin = "api",
                      .actor = sayer.agent};
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
  const Sayer sayer{order.agent, store::Trigger::user_edit};
  if (is_lean(spec)) return write(spec, {}, sayer, Told::by_edit);
  return write(spec, {.status = status, .assignee = order.agent}, sayer, Told::in_history);
}

/// In a transaction.
Result<ClaimAnswer> Claims::decide(const ClaimOrder& order, store::Spec spec) {
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
  if (auto done = answer.claim ? renew(answer, order) : make(answer, order); !done)
    return tl::unexpected(done.error());
  work_.take(key);
  return answer;
}

/// What was decided is committed, and nothing else.
void Claims::settle(std::span<ClaimAnswer* const> answers) {
  std::vector<store::Spec> changed;
  bool is_all_known = true;
  for (ClaimAnswer* answer : answers) {
    if (!answer->claim) continue;
    remember(*answer->claim);
    auto now = store_.tables.specs.get(answer->claim->spec);
    is_all_known = is_all_known && now && *now;
    if (now && *now) changed.emplace_back(*(answer->spec = std::move(*now)));
  }
  if (is_all_known) work_.committed(changed);
  if (!changed.empty()) committed_();
}

/// An error: none of them has anything.
Result<> Claims::take_together(std::vector<Waiting>& orders) {
  auto tx = store_.begin(sqlite::Durability::full);
  if (!tx) return tl::unexpected(tx.error());
  const auto& first = orders.front().asking.order.project;
  const bool is_of_one = std::ranges::all_of(
      orders, [&](const Waiting& order) { return order.asking.order.project == first; });
  if (auto looked = work_.look(is_of_one ? first : std::nullopt); !looked) return looked;
  std::vector<ClaimAnswer*> decided;
  for (Waiting& order : orders) {
    auto spec = choose(order.asking);
    if (spec && *spec && is_lean(**spec)) continue;  // first its file is looked at
    if (!spec) order.answer = tl::unexpected(spec.error());
    if (spec && !*spec) order.answer = ClaimAnswer{};
    if (order.answer) continue;
    auto answer = decide(order.asking.order, std::move(**spec));
    if (!answer) return tl::unexpected(answer.error());
    order.answer = std::move(answer);
    decided.push_back(&**order.answer);
  }
  if (auto done = tx->commit(); !done) return done;
  settle(decided);
  return {};
}

Result<ClaimAnswer> Claims::take(const Asking& asking) {
  std::optional<SpecKey> looked;
  for (int looks = 0;; ++looks) {
    auto tx = store_.begin(sqlite::Durability::full);
    if (!tx) return tl::unexpected(tx.error());
    if (auto seen = work_.look(asking.order.project); !seen) return tl::unexpected(seen.error());
    auto spec = choose(asking);
    if (!spec) return tl::unexpected(spec.error());
    if (!*spec) return asking.why ? Result<ClaimAnswer>(Failure(*asking.why)) : ClaimAnswer{};
    if (!is_lean(**spec) || looked == (*spec)->key || looks == kLooks) {
      auto answer = decide(asking.order, std::move(**spec));
      if (!answer) return answer;
      if (auto done = tx->commit(); !done) return tl::unexpected(done.error());
      settle(std::array{&*answer});
      return answer;
    }
    tx->rollback();
    looked = (*spec)->key;
    if (auto now = look_at(**spec); !now) return tl::unexpected(now.error());
  }
}

void Claims::claim(const ClaimOrder& order, SteadyTime deadline, const ClaimDone& done) {
  waiting_.push_back({{.order = order}, deadline, done, std::nullopt});
}

void Claims::serve() {
  std::vector<Waiting> orders;
  std::swap(orders, waiting_);
  if (orders.empty()) return;
  const auto taken = take_together(orders);
  for (Waiting& order : orders) {
    if (taken && order.answer) {
      order.done(std::move(*order.answer));
    } else if (!taken && taken.error().code == Code::busy) {
      order.done(tl::unexpected(taken.error()));  // who writes there now is waited for but once
    } else {
      // What kept all of them from it may concern one alone.
      ask(std::move(order.asking), order.deadline, order.done);
    }
  }
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

}  // namespace specd::sync
