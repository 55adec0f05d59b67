// Edits of a spec that are not of whole files: a task, its status and what else people say of it.

#include <algorithm>

#include "api/answers.h"
#include "api/edits.h"
#include "api/handlers.h"
#include "api/spec_answers.h"
#include "base/path.h"
#include "proto/json_build.h"
#include "spec/edit_task.h"

namespace specd::api {
namespace {

struct Target {
  ProjectId project;
  store::Spec spec;
  std::vector<store::FileState> files;
};

Result<Target> target_of(const Api& api, const net::Request& request) {
  const auto open = open_project(api, request);
  if (!open) return tl::unexpected(open.error());
  auto spec = spec_to_edit(open->tables(), open->project.id, request);
  if (!spec) return tl::unexpected(spec.error());
  auto files = open->tables().states.of_spec(spec->key);
  if (!files) return tl::unexpected(files.error());
  return Target{open->project.id, std::move(*spec), std::move(*files)};
}

// ---- tasks

struct TaskOrder {
  uint32_t line = 0;
  std::string text;
  spec::TaskMark mark = spec::TaskMark::done;
  std::string path;  ///< empty: the only file that has tasks
};

Result<TaskOrder> parse_task(const net::Request& request) {
  const auto body = body_object(request);
  if (!body) return tl::unexpected(body.error());
  if (auto good = has_only(*body, {"line", "text", "done", "path"}); !good)
    return tl::unexpected(good.error());
  const auto line = number_member(*body, "line");
  if (!line) return tl::unexpected(line.error());
  const auto text = string_member(*body, "text");
  if (!text) return tl::unexpected(text.error());
  const auto done = bool_member(*body, "done");
  if (!done) return tl::unexpected(done.error());
  const auto path = string_member(*body, "path");
  if (!path) return tl::unexpected(path.error());
  if (!*line || **line < 1 || **line > INT32_MAX || !*text || !*done)
    return fail(Code::invalid,
                "a task is named by \"line\" and \"text\", as the list of tasks tells them; "
                "\"done\" says what it is to be");
  return TaskOrder{static_cast<uint32_t>(**line), **text,
                   **done ? spec::TaskMark::done : spec::TaskMark::open, path->value_or("")};
}

Result<std::string> task_file(const Target& target, const std::string& asked) {
  std::vector<std::string> paths;
  for (const store::FileState& file : target.files) {
    const bool may_have = file.facts.tasks_total > 0 || file.role == spec::Role::tasks;
    const bool has_tasks = file.base && (may_have || file.path == asked);
    if (has_tasks) paths.push_back(file.path);
  }
  if (!asked.empty()) {
    if (std::ranges::count(paths, asked) != 0) return asked;
    return fail(Code::not_found, printable_utf8(asked) + " is no file of this spec");
  }
  if (paths.size() == 1) return paths.front();
  return fail(Code::invalid, paths.empty() ? "this spec has no tasks"
                                           : "several files of this spec have tasks: say which, "
                                             "with \"path\"");
}

// ---- fields

/// What is wanted of one field: nothing; that it goes; a value.
template <class T>
using Wanted = std::optional<std::optional<T>>;

struct FieldsOrder {
  Wanted<std::string> status, priority, assignee;
  Wanted<std::vector<std::string>> tags;
};

Result<Wanted<std::string>> wanted_text(const Value& body, std::string_view name) {
  const Value* member = body.find(name);
  if (member == nullptr) return Wanted<std::string>();
  auto text = line_member(body, name);
  if (!text) return tl::unexpected(text.error());
  return Wanted<std::string>(std::move(*text));
}

Result<Wanted<std::vector<std::string>>> wanted_list(const Value& body, std::string_view name) {
  using Tags = std::vector<std::string>;
  const Value* member = body.find(name);
  if (member == nullptr) return Wanted<Tags>();
  if (member->kind == Value::Kind::null) return Wanted<Tags>(std::optional<Tags>());
  const auto is_text = [](const Value& item) { return item.is_scalar() && item.quoted; };
  if (member->kind != Value::Kind::list || !std::ranges::all_of(member->items, is_text))
    return fail(Code::invalid, "\"" + std::string(name) + "\" takes a list of texts, or null");
  Tags tags;
  for (const Value& item : member->items) tags.push_back(item.text);
  return Wanted<Tags>(std::move(tags));
}

Result<FieldsOrder> parse_fields(const net::Request& request) {
  const auto body = body_object(request);
  if (!body) return tl::unexpected(body.error());
  if (auto good = has_only(*body, {"status", "priority", "assignee", "tags"}); !good)
    return tl::unexpected(good.error());
  auto status = wanted_text(*body, "status");
  if (!status) return tl::unexpected(status.error());
  auto priority = wanted_text(*body, "priority");
  if (!priority) return tl::unexpected(priority.error());
  auto assignee = wanted_text(*body, "assignee");
  if (!assignee) return tl::unexpected(assignee.error());
  auto tags = wanted_list(*body, "tags");
  if (!tags) return tl::unexpected(tags.error());
  if (body->entries.empty())
    return fail(Code::invalid, "say what to set: status, priority, assignee or tags");
  return FieldsOrder{std::move(*status), std::move(*priority), std::move(*assignee),
                     std::move(*tags)};
}

sync::SpecFields fields_of(const FieldsOrder& order) {
  sync::SpecFields fields;
  if (order.status) fields.status = order.status->value_or("");
  if (order.priority) fields.priority = order.priority->value_or("");
  if (order.assignee) fields.assignee = order.assignee->value_or("");
  if (order.tags) fields.tags = order.tags->value_or(std::vector<std::string>());
  return fields;
}

Value text_or_none(const std::optional<std::string>& text) {
  return proto::text_or_null(text.value_or(""));
}

/// What was set before, as another PATCH takes it.
Value to_value(const sync::SpecFields& fields) {
  Value value = proto::object();
  if (fields.status) value.entries.emplace_back("status", text_or_none(fields.status));
  if (fields.priority) value.entries.emplace_back("priority", text_or_none(fields.priority));
  if (fields.assignee) value.entries.emplace_back("assignee", text_or_none(fields.assignee));
  if (fields.tags) {
    Value tags = proto::list();
    for (const std::string& tag : *fields.tags) tags.items.push_back(proto::text(tag));
    value.entries.emplace_back("tags", std::move(tags));
  }
  return value;
}

}  // namespace

void patch_task(const Api& api, const net::Request& request, net::Responder respond) {
  const auto order = parse_task(request);
  if (!order) return respond(problem_answer(order.error()));
  auto actor = actor_in(request);
  if (!actor) return respond(problem_answer(actor.error()));
  const auto target = target_of(api, request);
  if (!target) return respond(problem_answer(target.error()));
  auto path = task_file(*target, order->path);
  if (!path) return respond(problem_answer(path.error()));
  sync::FileEdit edit{.path = std::move(*path), .content = {}, .expected = {}};
  edit.change = [order = *order](std::string_view present) {
    return spec::mark_task(present, order.line, order.text, order.mark);
  };
  make_edit(api, target->project, {.files = {std::move(edit)}, .actor = std::move(*actor)},
            std::move(respond));
}

void patch_spec(const Api& api, const net::Request& request, net::Responder respond) {
  auto order = parse_fields(request);
  if (!order) return respond(problem_answer(order.error()));
  auto actor = actor_in(request);
  if (!actor) return respond(problem_answer(actor.error()));
  const auto target = target_of(api, request);
  if (!target) return respond(problem_answer(target.error()));
  const bool is_forced = request.query.get("force") == "true";
  api.services.set_fields(
      target->project,
      {.spec = target->spec.key,
       .fields = fields_of(*order),
       .moves = is_forced ? sync::Moves::any : sync::Moves::as_allowed,
       .actor = std::move(*actor)},
      edit_deadline(api),
      [api, respond = std::move(respond)](const Result<sync::FieldsAnswer>& set) {
        if (!set) return respond(edit_problem(set.error()));
        if (set->refused) return respond(refused_move_answer(*set->refused));
        answer_edit(api, set->edit, 200, respond, {{"previous", to_value(set->previous)}});
      });
}

}  // namespace specd::api
