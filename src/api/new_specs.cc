// Specs that are made, and those that are brought back.

#include <algorithm>
#include <iterator>

#include "api/answers.h"
#include "api/edits.h"
#include "api/handlers.h"
#include "api/spec_answers.h"
#include "base/day.h"
#include "base/json.h"
#include "base/path.h"
#include "net/url.h"
#include "proto/json_build.h"

namespace specd::api {
namespace {

constexpr size_t kLongestLine = 200;

bool is_line(const std::string& text) {
  return text.size() <= kLongestLine &&
         std::ranges::none_of(text, [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; });
}

Result<std::optional<std::string>> line_member(const Value& body, std::string_view name) {
  auto line = string_member(body, name);
  if (!line || !*line || (!(*line)->empty() && is_line(**line))) return line;
  return fail(Code::invalid, "\"" + std::string(name) + "\" takes one line of text, of at most " +
                                 std::to_string(kLongestLine) + " bytes");
}

bool is_string(const Value& value) {
  return value.is_scalar() && value.quoted;
}

Result<std::vector<std::string>> tags_in(const Value& body) {
  std::vector<std::string> tags;
  const Value* member = body.find("tags");
  if (member == nullptr) return tags;
  const auto is_tag = [](const Value& tag) { return is_string(tag) && is_line(tag.text); };
  if (member->kind != Value::Kind::list || !std::ranges::all_of(member->items, is_tag))
    return fail(Code::invalid, "\"tags\" takes a list of texts of one line");
  for (const Value& tag : member->items) tags.push_back(tag.text);
  return tags;
}

Result<std::map<std::string, std::string>> files_in(const Value& body) {
  std::map<std::string, std::string> files;
  const Value* member = body.find("files");
  if (member == nullptr) return files;
  if (member->kind != Value::Kind::map)
    return fail(Code::invalid, "\"files\" takes an object: the text of each file, by its name");
  for (const auto& [name, text] : member->entries) {
    if (!is_string(text))
      return fail(Code::invalid, "\"files\": " + printable_utf8(name) + " needs a text");
    files[name] = text.text;
  }
  return files;
}

Result<sync::NewSpecRequest> parse_spec(const Api& api, const net::Request& request) {
  const auto body = body_object(request);
  if (!body) return tl::unexpected(body.error());
  if (auto good = has_only(*body, {"id", "title", "status", "priority", "tags", "files", "force"});
      !good)
    return tl::unexpected(good.error());
  const auto id = string_member(*body, "id");
  if (!id) return tl::unexpected(id.error());
  auto title = line_member(*body, "title");
  if (!title) return tl::unexpected(title.error());
  auto status = line_member(*body, "status");
  if (!status) return tl::unexpected(status.error());
  auto priority = line_member(*body, "priority");
  if (!priority) return tl::unexpected(priority.error());
  auto tags = tags_in(*body);
  if (!tags) return tl::unexpected(tags.error());
  auto files = files_in(*body);
  if (!files) return tl::unexpected(files.error());
  const auto force = bool_member(*body, "force");
  if (!force) return tl::unexpected(force.error());
  auto actor = actor_in(request);
  if (!actor) return tl::unexpected(actor.error());
  return sync::NewSpecRequest{.words = {.name = id->value_or(""),
                                        .title = title->value_or(""),
                                        .status = std::move(*status),
                                        .priority = std::move(*priority),
                                        .tags = std::move(*tags)},
                              .day = local_day(api.services.clock->wall()),
                              .files = std::move(*files),
                              .is_forced = force->value_or(false),
                              .actor = std::move(*actor)};
}

Value name_value(const store::Spec& spec) {
  Value value = proto::object();
  value.entries.emplace_back("key", proto::text(spec.key.value.text));
  value.entries.emplace_back("id", proto::text(printable_utf8(spec.id)));
  value.entries.emplace_back("kind", proto::text(spec::to_string(spec.kind)));
  value.entries.emplace_back("path", proto::text(printable_utf8(spec.dir)));
  return value;
}

Result<net::Response> taken_problem(const store::Spec& spec) {
  net::Response response =
      net::problem(409, "name_taken", "there is a spec by this name: " + printable_utf8(spec.dir));
  auto value = json::parse(response.body);
  if (!value) return tl::unexpected(value.error());
  Value named = name_value(spec);
  named.entries.emplace_back("archived", proto::boolean(spec.archived_at.has_value()));
  value->entries.emplace_back("spec", std::move(named));
  response.body = json::dump(*value);
  return response;
}

net::Response made_answer(const std::string& slug, const sync::NewSpecAnswer& made) {
  Value value = name_value(made.spec);
  Value edit = edit_value(made.edit);
  std::ranges::move(edit.entries, std::back_inserter(value.entries));
  net::Response response = json_answer(value, 201);
  response.headers.add("Location", "/api/v1/projects/" + net::url::encode(slug) + "/specs/" +
                                       made.spec.key.value.text);
  return response;
}

}  // namespace

void post_spec(const Api& api, const net::Request& request, net::Responder respond) {
  auto wanted = parse_spec(api, request);
  if (!wanted) return answer(respond, tl::unexpected(wanted.error()));
  const auto project = project_of(api, request);
  if (!project) return answer(respond, tl::unexpected(project.error()));
  api.services.create(project->id, std::move(*wanted), edit_deadline(api),
                      [slug = project->slug,
                       respond = std::move(respond)](const Result<sync::NewSpecAnswer>& made) {
                        if (!made) return respond(problem_answer(made.error()));
                        if (made->is_taken) return answer(respond, taken_problem(made->spec));
                        respond(made_answer(slug, *made));
                      });
}

void post_spec_restore(const Api& api, const net::Request& request, net::Responder respond) {
  auto actor = actor_in(request);
  if (!actor) return answer(respond, tl::unexpected(actor.error()));
  const auto open = open_project(api, request);
  if (!open) return answer(respond, tl::unexpected(open.error()));
  const auto spec = deleted_spec_called(open->tables(), open->project.id, request);
  if (!spec) return answer(respond, tl::unexpected(spec.error()));
  api.services.restore(
      open->project.id, {.spec = spec->key, .actor = std::move(*actor)}, edit_deadline(api),
      [api, respond = std::move(respond)](const Result<sync::NewSpecAnswer>& back) {
        if (!back) return respond(problem_answer(back.error()));
        answer_edit(api, back->edit, 200, respond, name_value(back->spec).entries);
      });
}

}  // namespace specd::api
