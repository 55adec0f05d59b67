// Edits of a spec that are not of whole files: a task, its status and what else people say of it.

#include <algorithm>

#include "api/answers.h"
#include "api/edits.h"
#include "api/handlers.h"
#include "api/spec_answers.h"
#include "base/path.h"
#include "proto/json_build.h"
#include "spec/edit_leanspec.h"
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
  auto spec = spec_called(open->tables(), open->project.id, request);
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
  auto text = string_member(body, name);
  if (!text) return tl::unexpected(text.error());
  constexpr size_t kLongest = 200;
  const bool is_good = !*text || (!(*text)->empty() && (*text)->size() <= kLongest &&
                                  (*text)->find_first_of("\r\n") == std::string::npos);
  if (!is_good)
    return fail(Code::invalid, "\"" + std::string(name) + "\" takes one line of text, or null");
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

template <class T>
spec::FieldValue field_value(const std::optional<T>& value) {
  if (!value) return spec::Remove{};
  return *value;
}

/// The front matter of a LeanSpec spec's main file, with all of it changed.
Result<std::string> with_fields(std::string_view present, const FieldsOrder& order, WallTime now) {
  constexpr auto kNone = spec::NoMatter::create;
  Result<std::string> text = std::string(present);
  const auto change = [&](std::string_view name, const auto& wanted) {
    if (text && wanted) text = spec::change_field(*text, name, field_value(*wanted), now, kNone);
  };
  if (order.status && *order.status)
    text = spec::set_status(*text, **order.status, now, kNone);
  else
    change("status", order.status);
  change("priority", order.priority);
  change("assignee", order.assignee);
  change("tags", order.tags);
  return text;
}

sync::SpecFields fields_of(const FieldsOrder& order) {
  sync::SpecFields fields;
  if (order.status) fields.status = order.status->value_or("");
  if (order.priority) fields.priority = order.priority->value_or("");
  if (order.assignee) fields.assignee = order.assignee->value_or("");
  if (order.tags) fields.tags = order.tags->value_or(std::vector<std::string>());
  return fields;
}

void set_in_front_matter(const Api& api, const Target& target, FieldsOrder order, std::string actor,
                         net::Responder respond) {
  const auto main = std::ranges::find_if(target.files, [](const store::FileState& file) {
    return file.role == spec::Role::readme && file.base;
  });
  if (main == target.files.end())
    return respond(problem_answer({Code::refused, "the spec has no main file to say it in"}));
  const WallTime now = api.services.clock->wall();
  sync::FileEdit edit{.path = main->path, .content = {}, .expected = {}};
  edit.change = [order = std::move(order), now](std::string_view present) {
    return with_fields(present, order, now);
  };
  make_edit(api, target.project, {.files = {std::move(edit)}, .actor = std::move(actor)},
            std::move(respond));
}

/// What was set is durable, and nothing had to be written to disk.
net::Response set_answer() {
  Value value = proto::object();
  value.entries.emplace_back("edit", Value());
  value.entries.emplace_back("files", proto::list());
  return json_answer(value);
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
  if (target->spec.kind == spec::Kind::leanspec)
    return set_in_front_matter(api, *target, std::move(*order), std::move(*actor),
                               std::move(respond));
  api.services.set_fields(target->project, target->spec.key, fields_of(*order), *actor,
                          [respond = std::move(respond)](const Result<>& set) {
                            respond(set ? set_answer() : problem_answer(set.error()));
                          });
}

}  // namespace specd::api
