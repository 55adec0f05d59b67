#include "sync/editor.h"

#include <algorithm>

#include "base/path.h"
#include "sync/gone.h"
#include "sync/owner.h"
#include "sync/resolution.h"

namespace specd::sync {
namespace {

// What is said about one file of an edit.
Failure fail_at(Code code, const std::string& path, const std::string& why) {
  return fail(code, printable_utf8(path) + ": " + why);
}

Result<> check_content(const FileEdit& edit, spec::Role role, const store::FileRow* row,
                       int64_t max_bytes) {
  if (edit.content && edit.content->size() > static_cast<size_t>(max_bytes))
    return fail_at(Code::refused, edit.path,
                   "more than " + std::to_string(max_bytes >> 20) + " MB, which is the limit");
  const bool is_text = role != spec::Role::other || (row != nullptr && row->is_text);
  if (edit.content && is_text && !is_utf8(*edit.content))
    return fail_at(Code::invalid, edit.path, "the new content is not UTF-8");
  if (row != nullptr && edit.expected.what != Expected::What::anything &&
      has_merge_markers(row->content))
    return fail_at(Code::refused, edit.path,
                   "holds the markers of a git merge that was not finished; finish it first, or "
                   "say that it is to be overwritten");
  return {};
}

}  // namespace

Result<> check_expected(const FileEdit& edit, const store::FileRow* row) {
  switch (edit.expected.what) {
    case Expected::What::anything:
      return {};
    case Expected::What::nothing:
      if (row == nullptr) return {};
      return fail_at(Code::conflict, edit.path, "there is such a file already");
    case Expected::What::content:
      break;
  }
  if (row == nullptr) return fail_at(Code::conflict, edit.path, "there is no such file any more");
  if (sha256(row->content) == edit.expected.digest) return {};
  return fail_at(Code::conflict, edit.path, "has changed since it was read");
}

Result<> Editor::plan_file(const ProjectView& project, const store::Spec& spec,
                           const FileEdit& edit, EditPlan& plan) const {
  auto role = role_at(store_.tables, project, spec, edit.path);
  if (!role) return tl::unexpected(role.error());
  auto row = store_.tables.files.get(project.id, edit.path);
  if (!row) return tl::unexpected(row.error());
  const store::FileRow* present = *row && !(*row)->deleted_at ? &**row : nullptr;
  if (edit.change) {
    if (present == nullptr) return fail_at(Code::not_found, edit.path, "there is no such file");
    auto changed = edit.change(present->content);
    if (!changed) return fail_within(printable_utf8(edit.path), changed.error());
    const Expected same{Expected::What::content, sha256(present->content)};
    return plan_file(project, spec, {edit.path, std::move(*changed), same}, plan);
  }
  if (auto is_it = check_expected(edit, present); !is_it) return is_it;
  if (auto may = check_content(edit, *role, present, options_.max_bytes_per_file); !may) return may;
  auto state = store_.tables.states.get(project.id, edit.path);
  if (!state) return tl::unexpected(state.error());
  if (!present && *state && !(*state)->facts.error.empty())
    return fail_at(Code::refused, edit.path, (*state)->facts.error);

  FileAnswer answer{.path = edit.path, .version = std::nullopt};
  if (edit.content) answer.version = sha256(*edit.content);
  const bool is_same = present != nullptr ? edit.content == present->content : !edit.content;
  if (is_same) answer.end = FileEnd::unchanged;
  plan.answer.files.push_back(std::move(answer));
  if (is_same) return {};

  EditPlan::File file{.push = {.order = {.path = edit.path,
                                         .spec_dir = spec.dir,
                                         .dir_dev = spec.dir_dev,
                                         .dir_ino = spec.dir_ino,
                                         .content = edit.content},
                               .spec = spec.key,
                               .role = *role}};
  if (*state) file.push.order.base = (*state)->base;
  if (*row) file.planned = (*row)->rev;
  file.is_forced = edit.expected.what == Expected::What::anything;
  plan.files.push_back(std::move(file));
  return {};
}

Result<EditPlan> Editor::plan(const ProjectView& project, const EditRequest& request) const {
  EditPlan plan;
  for (const FileEdit& edit : request.files) {
    const auto is_twin = [&](const FileAnswer& file) { return file.path == edit.path; };
    if (!path::is_relative(edit.path))
      return fail_at(Code::invalid, edit.path, "no path below the project's root");
    if (std::ranges::any_of(plan.answer.files, is_twin))
      return fail_at(Code::invalid, edit.path, "named twice in one edit");
    auto spec = spec_around(store_.tables, project.id, edit.path);
    if (!spec) return tl::unexpected(spec.error());
    if (!*spec) return no_spec_at(store_.tables, project, edit.path);
    if (!plan.answer.files.empty() && (*spec)->key != plan.spec)
      return fail_at(Code::invalid, edit.path, "is of another spec; one edit is about one spec");
    plan.spec = (*spec)->key;
    if (auto planned = plan_file(project, **spec, edit, plan); !planned)
      return tl::unexpected(planned.error());
  }
  return plan;
}

Result<> Editor::write(SpecWork& work, EditPlan& plan, const EditRequest& request,
                       Journal& journal) {
  Outcome outcome;
  PullApplier applier(store_.tables, clock_, journal, outcome);
  for (EditPlan::File& planned : plan.files) {
    FileWork& file = work.file(planned.push.order.path, planned.push.role);
    file.is_to_read = true;
    file.disk = {};
    file.disk.disk.state = core::Disk::State::absent;
    file.is_listed = planned.push.order.content.has_value();
    if (file.is_listed) {
      file.disk.content = *planned.push.order.content;
      file.disk.disk = {core::Disk::State::present, sha256(file.disk.content)};
      file.disk.facts =
          spec::facts_of(file.file.role, file.file.tracked, file.file.path, file.disk.content);
    }
    const store::RowEdit edit{
        .planned = planned.planned,
        .edit = plan.answer.id,
        .now = clock_.wall(),
        .old_content = planned.is_forced ? store::Reason::displaced : store::Reason::superseded};
    auto rev = applier.edit(work, file, edit, {.origin = request.origin, .actor = request.actor});
    if (!rev) return tl::unexpected(rev.error());
    if (!*rev) return fail_at(Code::conflict, file.file.path, "was edited at the same moment");
    planned.push.rev = **rev;
  }
  work.list_files();
  return applier.write_record(work);
}

Result<> Editor::commit(const ProjectView& project, const EditRequest& request, EditPlan& plan) {
  auto tx = store_.begin(sqlite::Durability::full);
  if (!tx) return tl::unexpected(tx.error());
  auto record = store_.tables.specs.get(plan.spec);
  if (!record) return tl::unexpected(record.error());
  if (!*record) return fail(Code::not_found, "there is no such spec");
  if ((*record)->deleted_at && !plan.folder) return gone(**record);
  auto work = work_from_rows(store_.tables, std::move(**record));
  if (!work) return tl::unexpected(work.error());
  work->edited_at = clock_.wall();
  if (plan.folder) work->folder = *plan.folder;
  auto id = store_.tables.edits.add({.project = project.id,
                                     .spec = plan.spec,
                                     .origin = request.origin,
                                     .actor = request.actor,
                                     .at = clock_.wall()});
  if (!id) return tl::unexpected(id.error());
  plan.answer.id = *id;
  Journal journal(store_.tables, project.id, {store::Trigger::user_edit, clock_.steady()},
                  clock_.wall(), clock_.steady());
  if (auto done = write(*work, plan, request, journal); !done) return done;
  if (request.ends) {
    auto ended = write_end(store_.tables, *request.ends, request.actor, clock_.wall(), journal);
    if (!ended) return ended;
  }
  if (const auto [from, to] = Journal::move_of(journal.of(plan.spec)); from != to) {
    if (auto done = store_.tables.edits.set_move(*id, from, to); !done) return done;
  }
  if (auto done = journal.write(); !done) return done;
  return tx->commit();
}

Result<> Editor::commit(ProjectId project, const ConflictEnd& end, const std::string& actor) {
  auto tx = store_.begin(sqlite::Durability::full);
  if (!tx) return tl::unexpected(tx.error());
  Journal journal(store_.tables, project, {store::Trigger::user_edit, clock_.steady()},
                  clock_.wall(), clock_.steady());
  auto ended = write_end(store_.tables, end, actor, clock_.wall(), journal);
  if (!ended) return ended;
  if (auto done = journal.write(); !done) return done;
  return tx->commit();
}

Result<> Editor::write_fields(store::Spec record, const SpecFields& fields, Journal& journal) {
  auto work = work_from_rows(store_.tables, std::move(record));
  if (!work) return tl::unexpected(work.error());
  work->edited_at = clock_.wall();
  work->fields = &fields;
  Outcome outcome;
  return PullApplier(store_.tables, clock_, journal, outcome).write_record(*work);
}

Result<FieldsAnswer> Editor::set_fields(ProjectId project, const FieldsRequest& request,
                                        const Author& author) {
  auto tx = store_.begin(sqlite::Durability::full);
  if (!tx) return tl::unexpected(tx.error());
  auto record = store_.tables.specs.get(request.spec);
  if (!record) return tl::unexpected(record.error());
  if (!*record) return fail(Code::not_found, "there is no such spec");
  if ((*record)->deleted_at) return gone(**record);
  if ((*record)->kind == spec::Kind::leanspec)
    return fail(Code::invalid, "a LeanSpec spec has it in its front matter");
  FieldsAnswer answer{.edit = {},
                      .previous = fields_before(**record, request.fields),
                      .refused = refused_move(**record, request, options_.workflows)};
  if (answer.refused) return answer;
  Journal journal(store_.tables, project, {store::Trigger::user_edit, clock_.steady()},
                  clock_.wall(), clock_.steady());
  if (auto done = write_fields(std::move(**record), request.fields, journal); !done)
    return tl::unexpected(done.error());
  if (journal.empty()) return answer;
  journal.of(request.spec).author = author;
  if (auto done = journal.write(); !done) return tl::unexpected(done.error());
  if (auto done = tx->commit(); !done) return tl::unexpected(done.error());
  return answer;
}

Result<> Editor::look(ProjectId project, EditAnswer& answer) const {
  for (FileAnswer& file : answer.files) {
    if (file.end != FileEnd::pending) continue;
    auto row = store_.tables.files.peek(project, file.path);
    if (!row) return tl::unexpected(row.error());
    auto state = store_.tables.states.get(project, file.path);
    if (!state) return tl::unexpected(state.error());
    if (*row && (*row)->edit == answer.id) {
      const bool is_pushed = *state && (*state)->pushed_rev == (*row)->rev;
      if (is_pushed) file.end = FileEnd::written;
      if (!is_pushed && *state) file.why = (*state)->facts.error;
      continue;
    }
    auto conflict = store_.tables.conflicts.of_edit(answer.id, file.path);
    if (!conflict) return tl::unexpected(conflict.error());
    file.end = *conflict ? FileEnd::overruled : FileEnd::superseded;
    file.conflict = *conflict;
  }
  return {};
}

}  // namespace specd::sync
