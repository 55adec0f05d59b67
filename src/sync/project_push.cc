// The other direction of ProjectSync: rows that have to be written to disk, and edits that wait for
// it. What is to be written is told by `dirty`; what is true of it, by the rows.

#include <algorithm>

#include "base/log.h"
#include "base/path.h"
#include "sync/gone.h"
#include "sync/orphans.h"
#include "sync/project_sync.h"
#include "sync/status_edits.h"

namespace specd::sync {
namespace {

// Files that are staged together; hints are looked at between two such groups, so a group is as
// large as the disk makes it quick.
constexpr size_t kFewestPushes = 4;
constexpr size_t kMostPushes = 64;
constexpr std::chrono::milliseconds kQuick{4};
constexpr std::chrono::milliseconds kSlow{8};
constexpr size_t kPushedBytesPerRound = size_t{4} << 20;
constexpr int64_t kRowsAtOnce = 128;
// What keeps a file from being written may last.
constexpr std::chrono::seconds kAfterFailure{30};

}  // namespace

void ProjectSync::attach_ops() {
  auto ops = workshop_.open_ops ? workshop_.open_ops(project_.root)
                                : Result<std::unique_ptr<FileOps>>(nullptr);
  if (!ops)
    log::warn("push-unavailable", {{"project", project_.slug}, {"error", ops.error().message}});
  pusher_.attach(ops ? std::move(*ops) : nullptr);
  if (auto found = left_overs_.find(view(), pusher_); !found) failed(found.error());
}

/// Before all else, since what was left may be what somebody saved.
Result<> ProjectSync::settle_left_overs() {
  // And what was written to disk must be known as ours before anything is compared.
  if (auto written = pusher_.write_down_rest(view()); !written) return written;
  left_overs_.take(pusher_.take_left_over());
  const auto due = left_overs_.next();
  if (!due || *due > workshop_.clock.steady() || !may_push()) return {};
  auto returned = left_overs_.settle(view(), pusher_);
  if (!returned) return tl::unexpected(returned.error());
  for (const std::string& path : *returned) agenda_.unsure_files.insert(path);
  return {};
}

bool ProjectSync::may_push() const {
  using store::ProjectState;
  // What SQL clients did is held row by row; where the guard does not believe the disk, all is.
  const bool is_in_order =
      project_.state == ProjectState::ok ||
      (project_.state == ProjectState::held && is_looked_at_ && tree_reason_.empty());
  return is_in_order && why_read_only().empty() && workshop_.is_sound();
}

std::optional<SteadyTime> ProjectSync::next_push() const {
  std::optional<SteadyTime> next;
  const auto sooner = [&](std::optional<SteadyTime> at) {
    if (at && (!next || *at < *next)) next = at;
  };
  if (has_foreign_edits_) sooner(SteadyTime{});
  if (may_push()) {
    if (has_to_push_) sooner(SteadyTime{});
    sooner(backoff_.next());
    sooner(left_overs_.next());
    sooner(row_guard_.next());
  }
  for (const WaitingEdit& edit : edits_) sooner(edit.deadline);
  return next;
}

Result<std::vector<Push>> ProjectSync::due_pushes() {
  const SteadyTime now = workshop_.clock.steady();
  std::vector<Push> pushes;
  std::vector<std::string> seen;
  size_t bytes = 0;
  std::optional<store::Dirty> last;
  do {
    auto rows = workshop_.store.tables.dirty.files(project_.id, last, kRowsAtOnce);
    if (!rows) return tl::unexpected(rows.error());
    last.reset();
    for (store::Dirty& row : *rows) {
      const std::string& path = row.path;
      seen.push_back(path);
      if (backoff_.is_waiting(path, now) || row_guard_.keeps(path)) continue;
      has_to_push_ = pushes.size() >= pushes_at_once_ || bytes > kPushedBytesPerRound;
      if (has_to_push_) return pushes;
      auto push = due_push(path);
      if (!push) return tl::unexpected(push.error());
      if (!*push) continue;
      if ((*push)->order.content) bytes += (*push)->order.content->size();
      pushes.push_back(std::move(**push));
    }
    if (rows->size() == kRowsAtOnce) last = std::move(rows->back());
  } while (last);
  has_to_push_ = false;
  backoff_.keep_only(seen);  // what has come right by itself is not waited for
  return pushes;
}

/// A file that a client has made and deleted again, before it was ever written: nothing is at its
/// path, nobody looks for it there, and so it is settled here. Whether it is that.
Result<bool> ProjectSync::settle_absence(const std::string& path) {
  store::Tables& tables = workshop_.store.tables;
  auto row = tables.files.peek(project_.id, path);
  if (!row) return tl::unexpected(row.error());
  auto state = tables.states.get(project_.id, path);
  if (!state) return tl::unexpected(state.error());
  if (!*row || !(*row)->deleted_at || (*state && (*state)->base)) return false;
  const auto stat = fs_->stat(path);
  if (stat || stat.error().code != Code::not_found) return false;
  auto tx = workshop_.store.begin();
  if (!tx) return tl::unexpected(tx.error());
  auto agreed = tables.files.soft_delete(project_.id, path, (*row)->rev, *(*row)->deleted_at,
                                         store::OldContent::drop);
  if (!agreed || !*agreed) return agreed;
  if (auto done = tx->commit(); !done) return tl::unexpected(done.error());
  return true;
}

/// None: not now.
Result<std::optional<Push>> ProjectSync::due_push(const std::string& path) {
  auto push = pusher_.push_of(path);
  if (!push) return push;
  if (!*push) {
    auto settled = settle_absence(path);
    if (!settled) return tl::unexpected(settled.error());
    if (*settled) return push;
    // The disk decides, or nothing has to be done, or the row is of no spec; either way it has to
    // be looked at, and once is enough until something happens.
    agenda_.unsure_files.insert(path);
    backoff_.retry_at(path, workshop_.clock.steady() + kAfterFailure);
    return push;
  }
  if ((*push)->is_foreign && !row_guard_.was_seen(path, (*push)->rev)) {
    has_foreign_edits_ = true;  // it came just now
    return std::optional<Push>();
  }
  return push;
}

/// A row that the disk has overtaken: reconcile says what it is.
void ProjectSync::look_again(const std::string& path) {
  agenda_.unsure_files.insert(path);
  backoff_.retry(path, workshop_.clock.steady());
}

Result<> ProjectSync::push_due() {
  if (!may_push()) return {};
  const auto due = backoff_.next();
  if (row_guard_.let_waiting_through(workshop_.clock.steady())) has_to_push_ = true;
  if (!has_to_push_ && !(due && *due <= workshop_.clock.steady())) return {};
  auto pushes = due_pushes();
  if (!pushes) return tl::unexpected(pushes.error());
  if (pushes->empty()) return {};
  const SteadyTime began = workshop_.clock.steady();
  auto outcome = pusher_.finish(view(), pusher_.start(std::move(*pushes)), nullptr);
  const auto took = workshop_.clock.steady() - began;
  if (took > kSlow) pushes_at_once_ = std::max(pushes_at_once_ / 2, kFewestPushes);
  if (took < kQuick && has_to_push_) pushes_at_once_ = std::min(pushes_at_once_ * 2, kMostPushes);
  if (!outcome) {
    has_to_push_ = true;
    return tl::unexpected(outcome.error());
  }
  take(*outcome);
  return {};
}

void ProjectSync::take(const PushOutcome& outcome) {
  const SteadyTime now = workshop_.clock.steady();
  left_overs_.take(pusher_.take_left_over());
  for (const std::string& path : outcome.done) backoff_.settle(path);
  for (const std::string& path : outcome.overtaken) look_again(path);
  for (const std::string& path : outcome.busy) backoff_.retry(path, now);
  for (const auto& [path, error] : outcome.failed) {
    log::warn("push-failed",
              {{"project", project_.slug}, {"path", path}, {"error", error.message}});
    backoff_.retry_at(path, now + kAfterFailure);
  }
  if (!outcome.done.empty() || !outcome.failed.empty()) workshop_.committed();
}

/// Once a round: of very many, it takes a while.
void ProjectSync::count_pending() {
  if (const auto pending = workshop_.store.tables.dirty.count(project_.id))
    pending_pushes_ = static_cast<size_t>(*pending);
}

// ---- edits of other clients

/// Of rows that were taken away those that have no base do not come back: there is no such file
/// either, as far as is known.
Result<> ProjectSync::drop_settled(const std::vector<store::Dirty>& missing) {
  store::Tables& tables = workshop_.store.tables;
  std::vector<const store::Dirty*> settled;
  for (const store::Dirty& entry : missing) {
    auto state = tables.states.get(entry.project, entry.path);
    if (!state) return tl::unexpected(state.error());
    if (!*state || !(*state)->base) settled.push_back(&entry);
  }
  if (settled.empty()) return {};
  auto tx = workshop_.store.begin();
  if (!tx) return tl::unexpected(tx.error());
  for (const store::Dirty* entry : settled) {
    auto cleared = tables.dirty.clear(entry->project, entry->path, entry->rev);
    if (!cleared) return tl::unexpected(cleared.error());
  }
  return tx->commit();
}

/// Rows that were edited are pushed; those that were taken away come back from disk.
Result<> ProjectSync::take_foreign_edits(Agenda& now) {
  if (!has_foreign_edits_) return {};
  auto entries = workshop_.store.tables.dirty.without_row(project_.id);
  if (!entries) return tl::unexpected(entries.error());
  auto others = take_status_edits(workshop_.store, workshop_.clock, project_.id, *entries);
  if (!others) return tl::unexpected(others.error());
  if (others->size() != entries->size()) workshop_.committed();
  if (auto dropped = drop_settled(*others); !dropped) return dropped;
  for (store::Dirty& missing : *others) now.unsure_files.insert(std::move(missing.path));
  auto adopted = adopt_orphans(workshop_.store, view());
  if (!adopted) return tl::unexpected(adopted.error());
  for (const std::string& path : *adopted) backoff_.settle(path);
  if (auto looked = look_at_rows(); !looked) return looked;
  has_foreign_edits_ = false;
  has_to_push_ = true;
  return {};
}

// ---- edits that come through us

Result<> ProjectSync::check_may_push() const {
  if (pusher_.is_attached() && may_push()) return {};
  if (!workshop_.is_sound())
    return fail(Code::busy, "the database is being checked after an unclean stop; try again");
  const std::string why = why_read_only();
  return fail(Code::refused, "nothing is written to " + project_.slug +
                                 " now: " + (why.empty() ? project_.state_reason : why));
}

/// Whether a look at the file would find what is known, and nobody at work on it. Where it looks
/// as it did, that is not read.
Result<bool> ProjectSync::has_base_on_disk(const std::string& path) const {
  auto state = workshop_.store.tables.states.get(project_.id, path);
  if (!state) return tl::unexpected(state.error());
  if (!*state || !(*state)->base) return false;
  const auto stat = fs_->stat(path);
  if (stat && (*state)->fingerprint == stat->fingerprint) return true;
  const auto read = fs_->read(path, ReadMode::leased, workshop_.options.max_bytes_per_file);
  return read && read->leased && sha256(read->content) == *(*state)->base;
}

Result<EditPlan> ProjectSync::plan_edit(const EditRequest& request) {
  if (auto may = check_may_push(); !may) return tl::unexpected(may.error());
  for (const FileEdit& edit : request.files) {
    if (!path::is_relative(edit.path)) continue;
    const auto has_base = has_base_on_disk(edit.path);
    if (!has_base) return tl::unexpected(has_base.error());
    // Otherwise the base may be an older one, and the disk somebody's way back to it.
    if (*has_base && !pusher_.has_rest()) continue;
    if (auto looked = refresh(edit.path); !looked) return tl::unexpected(looked.error());
  }
  return editor_.plan(view(), request);
}

void ProjectSync::edit(const EditRequest& request, SteadyTime deadline, EditDone done) {
  auto plan = plan_edit(request);
  if (!plan) return done(tl::unexpected(plan.error()));
  if (plan->files.empty()) {
    auto ended = request.ends ? end_conflict(*request.ends, request.actor) : Result<>();
    if (!ended) return done(tl::unexpected(ended.error()));
    return done(std::move(plan->answer));
  }
  carry_out(request, std::move(*plan), deadline, std::move(done));
}

void ProjectSync::carry_out(const EditRequest& request, EditPlan plan, SteadyTime deadline,
                            EditDone done) {
  std::vector<Push> pushes;
  pushes.reserve(plan.files.size());
  for (const EditPlan::File& file : plan.files) pushes.push_back(file.push);
  // What is staged becomes durable while the edit itself does.
  std::optional<Pusher::Batch> batch = pusher_.start(std::move(pushes));
  if (auto committed = editor_.commit(view(), request, plan); !committed) {
    batch.reset();  // with all that was staged, before anybody hears of it
    return done(tl::unexpected(committed.error()));
  }
  for (const EditPlan::File& file : plan.files) batch->set_rev(file.push.order.path, file.push.rev);
  for (FileAnswer& file : plan.answer.files) {
    if (file.end != FileEnd::unchanged) file.end = FileEnd::pending;
  }
  edits_.push_back({std::move(plan.answer), deadline, std::move(done)});
  workshop_.committed();
  auto outcome = pusher_.finish(view(), std::move(*batch),
                                [this](const PushOutcome& visible) { answer_visible(visible); });
  // Acknowledged or not, the edit is kept: what became of it is found by looking.
  if (outcome) take(*outcome);
  if (!outcome) {
    failed(outcome.error());
    has_to_push_ = true;
  }
  if (outcome && !outcome->overtaken.empty()) (void)work();  // what fails is kept
  if (!edits_.empty()) serve_edits();
  count_pending();
}

void ProjectSync::set_fields(const FieldsRequest& request, SteadyTime deadline,
                             const FieldsDone& done) {
  auto record = workshop_.store.tables.specs.get(request.spec);
  if (!record) return done(tl::unexpected(record.error()));
  if (*record && (*record)->kind == spec::Kind::leanspec)
    return set_in_front_matter(request, deadline, done);
  const Author author{.direction = store::Direction::db_to_fs,
                      .trigger = store::Trigger::user_edit,
                      .origin = "api",
                      .actor = request.actor};
  auto set = editor_.set_fields(project_.id, request, author);
  if (set) workshop_.committed();
  done(std::move(set));
}

bool ProjectSync::takes_edits() const {
  using State = store::ProjectState;
  if (project_.layout == spec::Layout::leanspec) return pusher_.is_attached() && may_push();
  return project_.state == State::ok || project_.state == State::read_only;
}

Result<std::string> ProjectSync::main_file(const SpecKey& key) const {
  auto files = workshop_.store.tables.states.of_spec(key);
  if (!files) return tl::unexpected(files.error());
  for (const store::FileState& file : *files) {
    if (file.role == spec::Role::readme && file.base) return file.path;
  }
  return fail(Code::refused, "the spec has no main file to say it in");
}

Result<> ProjectSync::look_at_main_file(const SpecKey& key) {
  const auto path = main_file(key);
  return path ? refresh(*path) : tl::unexpected(path.error());
}

void ProjectSync::set_in_front_matter(const FieldsRequest& request, SteadyTime deadline,
                                      const FieldsDone& done) {
  auto record = workshop_.store.tables.specs.get(request.spec);
  if (!record) return done(tl::unexpected(record.error()));
  if (*record && (*record)->deleted_at) return done(gone(**record));
  const auto path = main_file(request.spec);
  if (!path) return done(tl::unexpected(path.error()));
  // What is there before is what is on disk.
  if (auto looked = refresh(*path); !looked) return done(tl::unexpected(looked.error()));
  record = workshop_.store.tables.specs.get(request.spec);
  if (!record) return done(tl::unexpected(record.error()));
  if (!*record) return done(fail(Code::not_found, "there is no such spec"));
  if ((*record)->deleted_at) return done(gone(**record));
  FieldsAnswer answer{.edit = {},
                      .previous = fields_before(**record, request.fields),
                      .refused = refused_move(**record, request, workshop_.options.workflows)};
  if (answer.refused) return done(std::move(answer));
  FileEdit file{.path = *path, .content = {}, .expected = {}};
  file.change = [&request, now = workshop_.clock.wall()](std::string_view present) {
    return with_fields(present, request.fields, now);
  };
  edit({.files = {std::move(file)}, .actor = request.actor}, deadline,
       [answer = std::move(answer), done](Result<EditAnswer> edited) mutable {
         if (!edited) return done(tl::unexpected(std::move(edited).error()));
         answer.edit = std::move(*edited);
         done(std::move(answer));
       });
}

/// The last edit, if all of it can be seen on disk: nobody waits for what is left to be done.
void ProjectSync::answer_visible(const PushOutcome& visible) {
  EditAnswer& answer = edits_.back().answer;
  const auto is_seen = [&](const FileAnswer& file) {
    return file.end == FileEnd::unchanged || std::ranges::count(visible.done, file.path) != 0;
  };
  if (!std::ranges::all_of(answer.files, is_seen)) return;
  for (FileAnswer& file : answer.files) {
    if (file.end == FileEnd::pending) file.end = FileEnd::written;
  }
  WaitingEdit edit = std::move(edits_.back());
  edits_.pop_back();
  edit.done(std::move(edit.answer));
}

void ProjectSync::serve_edits() {
  const SteadyTime now = is_paused() ? SteadyTime::max() : workshop_.clock.steady();
  std::vector<WaitingEdit> waiting;
  for (WaitingEdit& edit : edits_) {
    auto looked = editor_.look(project_.id, edit.answer);
    // What cannot be written is not waited for.
    const bool is_over = !std::ranges::any_of(edit.answer.files, [](const FileAnswer& file) {
      return file.end == FileEnd::pending && file.why.empty();
    });
    if (looked && !is_over && now < edit.deadline) {
      waiting.push_back(std::move(edit));
    } else {
      for (FileAnswer& file : edit.answer.files) {
        if (file.end == FileEnd::pending && file.why.empty())
          file.why = "another program is at work on it";
      }
      edit.done(std::move(edit.answer));
    }
  }
  edits_ = std::move(waiting);
}

}  // namespace specd::sync
