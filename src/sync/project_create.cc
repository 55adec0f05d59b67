// How specs come about through ProjectSync: a folder, which nobody else can have made, then files
// as an edit makes them.

#include <cerrno>

#include "base/path.h"
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

}  // namespace specd::sync
