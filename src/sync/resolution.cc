#include "sync/resolution.h"

#include "base/path.h"
#include "sync/disk_side.h"
#include "sync/editor.h"
#include "sync/proposal.h"

namespace specd::sync {
namespace {

using store::Resolution;

Result<> check_spec(const store::Tables& tables, const store::Conflict& conflict) {
  const auto spec = tables.specs.get(conflict.spec);
  if (!spec) return tl::unexpected(spec.error());
  if (*spec && !(*spec)->deleted_at) return {};
  return fail(Code::refused,
              "the spec of " + printable_utf8(conflict.path) +
                  " is deleted, and nothing is written for it: put its folder back first, or "
                  "dismiss the conflict");
}

Result<> check_present(const store::Tables& tables, const store::Conflict& conflict,
                       const Expected& expected) {
  const auto row = tables.files.get(conflict.project, conflict.path);
  if (!row) return tl::unexpected(row.error());
  const bool is_there = *row && !(*row)->deleted_at;
  return check_expected({conflict.path, {}, expected}, is_there ? &**row : nullptr);
}

Failure no_merge(const Error& error) {
  return fail(Code::not_found, error.message +
                                   "; restore what the edit made of the file, dismiss "
                                   "the conflict, or bring a content of your own");
}

/// What the merge is to be; none: a person has to choose in `places` first.
Result<std::optional<std::string>> merged_text(const store::Tables& tables,
                                               const store::Conflict& conflict,
                                               const ResolutionRequest& request, size_t& places) {
  if (request.content) {
    if (!has_merge_markers(*request.content)) return request.content;
    return fail(Code::invalid,
                "the content has git's markers still: choose between each <<<<<<< and >>>>>>>, and "
                "take the markers away");
  }
  const auto texts = texts_of(tables, conflict);
  if (!texts) return tl::unexpected(texts.error());
  auto proposal = propose_merge(conflict, *texts, Markers::none);
  if (!proposal) return no_merge(proposal.error());
  places = proposal->conflicts;
  if (places != 0) return std::nullopt;
  return std::move(proposal->content);
}

/// None: the edit deleted the file.
Result<std::optional<std::string>> overruled_text(const store::Tables& tables,
                                                  const store::Conflict& conflict) {
  if (!conflict.row) return std::nullopt;
  auto texts = texts_of(tables, conflict);
  if (!texts) return tl::unexpected(texts.error());
  if (texts->row) return std::move(texts->row);
  return fail(Code::not_found, "what the edit made of " + printable_utf8(conflict.path) +
                                   " is no longer kept; the conflict can be dismissed");
}

}  // namespace

Result<PlannedEnd> plan_end(const store::Tables& tables, const store::Conflict& conflict,
                            const ResolutionRequest& request) {
  if (auto may = check_spec(tables, conflict); !may) return tl::unexpected(may.error());
  // First, so that nobody is told of places in a text that they have not seen.
  if (auto is_it = check_present(tables, conflict, request.expected); !is_it)
    return tl::unexpected(is_it.error());
  PlannedEnd planned{.answer = {.conflict = conflict}, .edit = std::nullopt};
  const bool is_merge = request.end.how == Resolution::merged;
  auto content = is_merge ? merged_text(tables, conflict, request, planned.answer.places)
                          : overruled_text(tables, conflict);
  if (!content) return tl::unexpected(content.error());
  if (planned.answer.places != 0) {
    planned.answer.end = ResolutionAnswer::End::unclean;
    return planned;
  }
  planned.edit = EditRequest{.files = {{conflict.path, std::move(*content), request.expected}},
                             .actor = request.actor,
                             .ends = request.end};
  return planned;
}

Result<> write_end(store::Tables& tables, const ConflictEnd& end, const std::string& actor,
                   WallTime now, Journal& journal) {
  const auto resolved = tables.conflicts.resolve(end.conflict, end.how, actor, now);
  if (!resolved) return tl::unexpected(resolved.error());
  if (!*resolved) return fail(Code::conflict, "the conflict was resolved already");
  const auto conflict = tables.conflicts.get(end.conflict);
  if (!conflict) return tl::unexpected(conflict.error());
  if (!*conflict) return fail(Code::not_found, "the conflict is gone");
  const auto spec = tables.specs.get((*conflict)->spec);
  if (!spec) return tl::unexpected(spec.error());
  journal.add_resolution(**conflict, *spec ? (*spec)->id : "", {.origin = "api", .actor = actor});
  if (!(*conflict)->row) return {};
  const store::Conflict& ended = **conflict;
  auto moved = tables.rescued.move_to_versions(tables.versions, ended.project, ended.path);
  if (!moved) return moved;
  return tables.versions.release(ended.project, ended.path, *ended.row, now);
}

}  // namespace specd::sync
