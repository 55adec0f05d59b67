#include "sync/spec_fields.h"

#include "spec/edit_leanspec.h"

namespace specd::sync {
namespace {

template <class T>
spec::FieldValue value_of(const T& value) {
  if (value.empty()) return spec::Remove{};
  return value;
}

}  // namespace

SpecFields fields_before(const store::Spec& spec, const SpecFields& fields) {
  const bool is_said = spec.status_set || spec.kind == spec::Kind::leanspec;
  SpecFields before;
  if (fields.status) before.status = is_said ? spec.status : "";
  if (fields.priority) before.priority = spec.priority;
  if (fields.assignee) before.assignee = spec.assignee;
  if (fields.tags) before.tags = spec.tags;
  return before;
}

std::optional<RefusedMove> refused_move(const store::Spec& spec, const FieldsRequest& request,
                                        const spec::Workflows& workflows) {
  const auto& to = request.fields.status;
  const spec::Workflow& workflow = workflows.of(spec.kind);
  if (request.moves == Moves::any || !to || spec::may_move(workflow, spec.status, *to))
    return std::nullopt;
  return RefusedMove{{spec.status, *to}, spec::moves_from(workflow, spec.status)};
}

Result<std::string> with_fields(std::string_view present, const SpecFields& fields, WallTime now) {
  constexpr auto kNone = spec::NoMatter::create;
  Result<std::string> text = std::string(present);
  const auto change = [&](std::string_view name, const auto& wanted) {
    if (text && wanted) text = spec::change_field(*text, name, value_of(*wanted), now, kNone);
  };
  if (fields.status && !fields.status->empty())
    text = spec::set_status(*text, *fields.status, now, kNone);
  else
    change("status", fields.status);
  change("priority", fields.priority);
  change("assignee", fields.assignee);
  change("tags", fields.tags);
  return text;
}

}  // namespace specd::sync
