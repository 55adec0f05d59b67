// How specs come about through ProjectSync: a folder, which nobody else can have made, then files
// as an edit makes them.

#include <cerrno>

#include "base/path.h"
#include "sync/owner.h"
#include "sync/project_sync.h"

namespace specd::sync {

/// Of a folder that has just appeared: whether it was there before is no question, so nothing is
/// waited for, and no deleted spec is looked for that it may be.
Result<NewSpecAnswer> ProjectSync::take_up_folder(const std::string& dir) {
  const auto unit = spec::unit_of(config_, dir);
  if (!unit) return fail(Code::invalid, dir + ": no spec can be there");
  auto listing = scanner_.list(config_, *unit);
  if (!listing) return fail_within(dir, listing.error());
  std::vector<UnitWork> work;
  work.push_back({std::move(*listing), {}});
  const Cause cause{store::Trigger::user_edit, workshop_.clock.steady()};
  if (auto pulled = pull(std::move(work), {}, {}, cause); !pulled)
    return tl::unexpected(pulled.error());
  auto spec = workshop_.store.tables.specs.live_at(project_.id, dir);
  if (!spec) return tl::unexpected(spec.error());
  if (!*spec) return fail(Code::conflict, dir + ": something else is there already");
  return NewSpecAnswer{.spec = std::move(**spec), .edit = {}};
}

Result<NewSpecAnswer> ProjectSync::make_spec(const NewSpecRequest& request) {
  if (auto may = check_may_push(); !may) return tl::unexpected(may.error());
  if (auto good = check_new(config_, request, workshop_.options); !good)
    return tl::unexpected(good.error());
  auto holder = holder_of_name(workshop_.store.tables, project_.id, config_, request);
  if (!holder) return tl::unexpected(holder.error());
  if (*holder) return NewSpecAnswer{.spec = std::move(**holder), .is_taken = true, .edit = {}};
  auto dir = make_spec_folder(pusher_.ops(), config_, request.words.name);
  if (dir) return take_up_folder(*dir);
  if (dir.error().os != EEXIST) return tl::unexpected(dir.error());
  // Somebody else was quicker, and the watcher has not told yet.
  auto theirs = take_up_folder("openspec/changes/" + request.words.name);
  if (theirs) theirs->is_taken = true;
  return theirs;
}

void ProjectSync::create(const NewSpecRequest& request, SteadyTime deadline,
                         const NewSpecDone& done) {
  auto files = spec::new_files(config_, request.words, request.day, workshop_.clock.wall());
  if (!files) return done(tl::unexpected(files.error()));
  auto made = make_spec(request);
  if (!made || made->is_taken) return done(std::move(made));
  for (const auto& [name, text] : request.files) (*files)[name] = text;
  EditRequest wanted{.files = {}, .actor = request.actor};
  for (auto& [name, text] : *files) {
    wanted.files.push_back({.path = path::join(made->spec.dir, name),
                            .content = std::move(text),
                            .expected = {Expected::What::nothing, {}}});
  }
  edit(wanted, deadline, [done, made = std::move(*made)](Result<EditAnswer> edited) mutable {
    if (!edited) return done(tl::unexpected(edited.error()));
    made.edit = std::move(*edited);
    done(std::move(made));
  });
}

// ---- and how deleted ones come back

/// As an edit of all of its files, which the disk does not have; of none, if it had none.
Result<EditPlan> ProjectSync::plan_revival(const store::Spec& spec) {
  store::Store& store = workshop_.store;
  if (auto may = check_may_push(); !may) return tl::unexpected(may.error());
  if (auto may = check_revivable(store.tables, spec); !may) return tl::unexpected(may.error());
  auto contents = contents_when_deleted(store, spec.key);
  if (!contents) return tl::unexpected(contents.error());
  std::set<std::string> paths;
  for (const auto& [path, content] : *contents) paths.insert(path);
  const auto roles = roles_in(view(), spec.dir, paths);
  EditPlan plan{.spec = spec.key};
  for (auto& [path, content] : *contents) {
    if (!path::is_within(path, spec.dir))
      return fail(Code::conflict, printable_utf8(path) +
                                      " was its file in another folder; make the spec anew, and "
                                      "restore its versions one by one");
    auto row = store.tables.files.peek(project_.id, path);
    if (!row) return tl::unexpected(row.error());
    plan.answer.files.push_back({.path = path, .version = sha256(content)});
    EditPlan::File file{
        .push = {.order = {.path = path, .spec_dir = spec.dir, .content = std::move(content)},
                 .spec = spec.key}};
    const auto role = roles.find(path);
    file.push.role = role != roles.end() ? role->second : spec::Role::other;
    if (*row) file.planned = (*row)->rev;
    plan.files.push_back(std::move(file));
  }
  return plan;
}

void ProjectSync::restore(const RevivalRequest& request, SteadyTime deadline,
                          const NewSpecDone& done) {
  auto spec = workshop_.store.tables.specs.get(request.spec);
  if (!spec) return done(tl::unexpected(spec.error()));
  if (!*spec || (*spec)->project != project_.id)
    return done(fail(Code::not_found, "there is no such spec"));
  auto plan = plan_revival(**spec);
  if (!plan) return done(tl::unexpected(plan.error()));
  const std::string dir = (*spec)->dir;
  auto folder = make_folder_again(pusher_.ops(), dir);
  if (!folder && folder.error().os == EEXIST)
    return done(fail(Code::conflict,
                     printable_utf8(dir) + " is there already; move it away, and try again"));
  if (!folder) return done(tl::unexpected(folder.error()));
  plan->folder = *folder;
  std::vector<std::string> paths;
  for (EditPlan::File& file : plan->files) {
    paths.push_back(file.push.order.path);
    file.push.order.dir_dev = folder->dev;
    file.push.order.dir_ino = folder->ino;
  }
  carry_out({.files = {}, .actor = request.actor}, std::move(*plan), deadline,
            [this, done, dir, paths, key = request.spec](Result<EditAnswer> edited) {
              if (!edited) {
                take_folder_back(pusher_.ops(), dir, paths);
                return done(tl::unexpected(edited.error()));
              }
              if (const auto unit = spec::unit_of(config_, dir)) memory_.expect(unit->dir);
              auto back = workshop_.store.tables.specs.get(key);
              if (!back) return done(tl::unexpected(back.error()));
              done(NewSpecAnswer{.spec = std::move(**back), .edit = std::move(*edited)});
            });
}

}  // namespace specd::sync
