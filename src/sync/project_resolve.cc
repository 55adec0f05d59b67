// How conflicts end through ProjectSync: by an edit of their file, or without one.

#include "base/path.h"
#include "sync/project_sync.h"

namespace specd::sync {

Result<PlannedEnd> ProjectSync::plan_resolution(const ResolutionRequest& request) {
  const store::Tables& tables = workshop_.store.tables;
  auto conflict = tables.conflicts.get(request.end.conflict);
  if (!conflict) return tl::unexpected(conflict.error());
  if (!*conflict || (*conflict)->project != project_.id)
    return fail(Code::not_found,
                "there is no conflict " + std::to_string(request.end.conflict.value));
  using End = ResolutionAnswer::End;
  const bool is_open = (*conflict)->resolution == store::Resolution::open;
  if (!is_open || request.end.how == store::Resolution::dismissed) {
    return PlannedEnd{
        .answer = {.end = is_open ? End::resolved : End::was, .conflict = std::move(**conflict)},
        .edit = std::nullopt};
  }
  // What is merged is what is on disk now.
  if (auto looked = refresh((*conflict)->path); !looked) return tl::unexpected(looked.error());
  return plan_end(tables, **conflict, request);
}

void ProjectSync::resolve(const ResolutionRequest& request, SteadyTime deadline,
                          const ResolutionDone& done) {
  auto planned = plan_resolution(request);
  if (!planned) return done(tl::unexpected(planned.error()));
  ResolutionAnswer& answer = planned->answer;
  if (answer.end != ResolutionAnswer::End::resolved) return done(std::move(answer));
  if (!planned->edit) {
    if (auto ended = end_conflict(request.end, request.actor); !ended)
      return done(tl::unexpected(ended.error()));
    return done(std::move(answer));
  }
  edit(*planned->edit, deadline, [answer, done](Result<EditAnswer> edited) mutable {
    if (!edited) return done(tl::unexpected(edited.error()));
    answer.edit = std::move(*edited);
    done(std::move(answer));
  });
}

Result<> ProjectSync::end_conflict(const ConflictEnd& end, const std::string& actor) {
  auto ended = editor_.commit(project_.id, end, actor);
  if (ended) workshop_.committed();
  return ended;
}

}  // namespace specd::sync
