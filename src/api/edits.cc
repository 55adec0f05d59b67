#include "api/edits.h"

#include <algorithm>
#include <iterator>

#include "api/answers.h"
#include "api/conflicts.h"
#include "base/hex.h"
#include "base/json.h"
#include "base/path.h"
#include "proto/json_build.h"

namespace specd::api {
namespace {

constexpr std::chrono::seconds kPatience{2};
constexpr size_t kLongestActor = 100;

std::string_view word_of(sync::FileEnd end) {
  switch (end) {
    case sync::FileEnd::written:
      return "written";
    case sync::FileEnd::unchanged:
      return "unchanged";
    case sync::FileEnd::pending:
      return "pending";
    case sync::FileEnd::overruled:
      return "overruled";
    case sync::FileEnd::superseded:
      return "superseded";
  }
  return "";
}

Value to_value(const sync::FileAnswer& file) {
  Value value = proto::object();
  value.entries.emplace_back("path", proto::text(printable_utf8(file.path)));
  value.entries.emplace_back("state", proto::text(word_of(file.end)));
  value.entries.emplace_back("version",
                             proto::text_or_null(file.version ? file.version->hex() : ""));
  value.entries.emplace_back("why", proto::text_or_null(printable_utf8(file.why)));
  value.entries.emplace_back("conflict",
                             file.conflict ? proto::number(file.conflict->value) : Value());
  return value;
}

std::string address_of(store::EditId id) {
  return "/api/v1/edits/" + std::to_string(id.value);
}

/// 409: the disk's text stands, and the other one is kept, with what a merge of the two would be.
Result<net::Response> overruled_answer(const Api& api, const sync::EditAnswer& answer) {
  const auto file = std::ranges::find_if(
      answer.files, [](const sync::FileAnswer& each) { return each.conflict.has_value(); });
  Value conflict;
  if (file != answer.files.end()) {
    const auto reader = api.readers.take();
    if (!reader) return tl::unexpected(reader.error());
    auto told = conflict_value(reader->tables(), *file->conflict, sync::Markers::git);
    if (!told) return tl::unexpected(told.error());
    conflict = std::move(*told);
  }
  Value told = edit_value(answer);
  told.entries.emplace_back("conflict", std::move(conflict));
  return with_members(net::problem(409, "overruled",
                                   "the file was changed on disk at the same moment, which wins; "
                                   "your text is kept with the conflict"),
                      std::move(told.entries));
}

net::Response good_answer(const sync::EditAnswer& answer, int status, Members more) {
  const bool is_pending = answer.has(sync::FileEnd::pending);
  Value value = edit_value(answer);
  std::ranges::move(more, std::back_inserter(value.entries));
  net::Response response = json_answer(value, is_pending ? 202 : status);
  if (is_pending) response.headers.add("Location", address_of(answer.id));
  if (!is_pending && answer.files.size() == 1 && answer.files.front().version)
    response.headers.add("ETag", "\"" + answer.files.front().version->hex() + "\"");
  return response;
}

std::optional<Digest> digest_of(std::string_view tag) {
  if (tag.starts_with("W/")) tag.remove_prefix(2);
  if (tag.size() < 2 || !tag.starts_with('"') || !tag.ends_with('"')) return std::nullopt;
  const auto raw = from_hex(tag.substr(1, tag.size() - 2));
  return raw ? Digest::from_bytes(*raw) : std::nullopt;
}

}  // namespace

Value edit_value(const sync::EditAnswer& answer) {
  Value files = proto::list();
  for (const sync::FileAnswer& file : answer.files) files.items.push_back(to_value(file));
  Value value = proto::object();
  value.entries.emplace_back("edit",
                             answer.id.value != 0 ? proto::number(answer.id.value) : Value());
  value.entries.emplace_back("files", std::move(files));
  return value;
}

tl::expected<sync::Expected, net::Response> expected_in(const net::Request& request) {
  using What = sync::Expected::What;
  const std::string_view match = request.headers.get("if-match");
  const std::string_view none = request.headers.get("if-none-match");
  if (request.query.get("force") == "true") return sync::Expected{What::anything, {}};
  if (!match.empty()) {
    const auto digest = digest_of(match);
    if (digest) return sync::Expected{What::content, *digest};
    return tl::unexpected(net::problem(
        400, "invalid", "If-Match takes one version: the ETag of the file as it was read"));
  }
  if (none == "*") return sync::Expected{What::nothing, {}};
  return tl::unexpected(
      net::problem(428, "precondition_required",
                   "say which version is edited: If-Match with the ETag of the file as "
                   "it was read, or If-None-Match: * for a new file"));
}

Result<sync::Expected> expected_from(const Value* version, bool is_forced) {
  using What = sync::Expected::What;
  if (is_forced) return sync::Expected{What::anything, {}};
  if (version != nullptr && version->kind == Value::Kind::null)
    return sync::Expected{What::nothing, {}};
  const auto raw = version != nullptr ? from_hex(version->text) : std::nullopt;
  const auto digest = raw ? Digest::from_bytes(*raw) : std::nullopt;
  if (digest) return sync::Expected{What::content, *digest};
  return fail(Code::invalid,
              "each file needs \"version\": the SHA-256 of its content as it was read, or null for "
              "a new one");
}

Result<std::string> actor_in(const net::Request& request) {
  std::string actor(request.headers.get("x-specd-actor"));
  if (actor.size() > kLongestActor || !is_utf8(actor))
    return fail(Code::invalid, "X-Specd-Actor takes a name of at most 100 bytes of UTF-8");
  return actor;
}

SteadyTime edit_deadline(const Api& api) {
  return api.services.clock->steady() + kPatience;
}

net::Response edit_problem(const Error& error) {
  if (error.code == Code::conflict)
    return net::problem(412, "stale", error.message + "; read it again, and edit that");
  return problem_answer(error);
}

void answer_edit(const Api& api, const sync::EditAnswer& answer, int good_status,
                 const net::Responder& respond, Members more) {
  if (!answer.has(sync::FileEnd::overruled))
    return respond(good_answer(answer, good_status, std::move(more)));
  const bool is_posted = api.services.on_worker([api, respond, answer] {
    auto response = overruled_answer(api, answer);
    respond(response ? std::move(*response) : problem_answer(response.error()));
  });
  if (!is_posted) respond(good_answer(answer, good_status, {}));
}

void make_edit(const Api& api, ProjectId project, sync::EditRequest request,
               net::Responder respond) {
  const bool is_new = std::ranges::any_of(request.files, [](const sync::FileEdit& file) {
    return file.content && file.expected.what == sync::Expected::What::nothing && !file.change;
  });
  api.services.edit(project, std::move(request), edit_deadline(api),
                    [api, status = is_new ? 201 : 200,
                     respond = std::move(respond)](const Result<sync::EditAnswer>& answer) {
                      if (!answer) return respond(edit_problem(answer.error()));
                      answer_edit(api, *answer, status, respond);
                    });
}

Members edit_members(const sync::EditAnswer& answer) {
  return edit_value(answer).entries;
}

net::Response with_members(net::Response problem, Members more) {
  auto value = json::parse(problem.body);
  if (!value) return problem_answer(value.error());
  std::ranges::move(more, std::back_inserter(value->entries));
  problem.body = json::dump(*value);
  return problem;
}

net::Response refused_move_answer(const sync::RefusedMove& refused) {
  std::string words;
  Value allowed = proto::list();
  for (const std::string& status : refused.open) {
    words += (words.empty() ? "" : ", ") + status;
    allowed.items.push_back(proto::text(status));
  }
  return with_members(
      net::problem(409, "move_not_allowed",
                   "from " + printable_utf8(refused.move.from) + " a spec may go to " +
                       (words.empty() ? "no other status" : words) + ", and not to " +
                       refused.move.to +
                       "; force it (?force=true, specd set --force) to set it all the same"),
      {{"allowed", std::move(allowed)}});
}

Result<net::Response> get_edit(const Api& api, const net::Request& request) {
  const auto id = whole(request.params.get("id"));
  if (!id) return fail(Code::invalid, "edits are named by numbers");
  const auto reader = api.readers.take();
  if (!reader) return tl::unexpected(reader.error());
  const auto snapshot = reader->reader().snapshot();
  if (!snapshot) return tl::unexpected(snapshot.error());
  const store::Tables& tables = reader->tables();
  const auto edit = tables.edits.get(store::EditId{*id});
  if (!edit) return tl::unexpected(edit.error());
  if (!*edit) return fail(Code::not_found, "there is no edit " + std::to_string(*id));
  const auto pending = tables.edits.pending((*edit)->id);
  if (!pending) return tl::unexpected(pending.error());
  const auto project = tables.projects.get((*edit)->project);
  if (!project) return tl::unexpected(project.error());
  Value paths = proto::list();
  for (const store::FileRow& row : *pending)
    paths.items.push_back(proto::text(printable_utf8(row.path)));
  Value value = proto::object();
  auto& entries = value.entries;
  entries.emplace_back("id", proto::number(*id));
  entries.emplace_back("project", proto::text_or_null(*project ? (*project)->slug : ""));
  entries.emplace_back("spec", proto::text_or_null((*edit)->spec.value.text));
  entries.emplace_back("origin", proto::text((*edit)->origin));
  entries.emplace_back("actor", proto::text_or_null((*edit)->actor));
  entries.emplace_back("at", proto::timestamp((*edit)->at));
  entries.emplace_back("pending", std::move(paths));
  return tagged_answer(value);
}

namespace {

Result<sync::FileEdit> parse_file(const Value& file, bool is_forced) {
  if (auto good = has_only(file, {"path", "content", "version"}); !good)
    return tl::unexpected(good.error());
  const auto path = string_member(file, "path");
  if (!path) return tl::unexpected(path.error());
  if (!*path) return fail(Code::invalid, "each file needs \"path\"");
  if (file.find("content") == nullptr)
    return fail(Code::invalid, **path + ": needs \"content\", its new text, or null to delete it");
  auto content = string_member(file, "content");
  if (!content) return tl::unexpected(content.error());
  auto expected = expected_from(file.find("version"), is_forced);
  if (!expected) return tl::unexpected(expected.error());
  return sync::FileEdit{**path, std::move(*content), *expected};
}

Result<sync::EditRequest> parse_edit(const net::Request& request) {
  const auto body = body_object(request);
  if (!body) return tl::unexpected(body.error());
  if (auto good = has_only(*body, {"files", "force"}); !good) return tl::unexpected(good.error());
  const auto force = bool_member(*body, "force");
  if (!force) return tl::unexpected(force.error());
  auto actor = actor_in(request);
  if (!actor) return tl::unexpected(actor.error());
  const Value* files = body->find("files");
  if (files == nullptr || files->kind != Value::Kind::list || files->items.empty())
    return fail(Code::invalid, "\"files\" must be a list of files to edit");
  sync::EditRequest edit{.files = {}, .actor = std::move(*actor)};
  for (const Value& file : files->items) {
    auto parsed = parse_file(file, force->value_or(false));
    if (!parsed) return tl::unexpected(parsed.error());
    edit.files.push_back(std::move(*parsed));
  }
  return edit;
}

}  // namespace

void post_edit(const Api& api, const net::Request& request, net::Responder respond) {
  auto edit = parse_edit(request);
  if (!edit) return respond(problem_answer(edit.error()));
  const auto project = project_of(api, request);
  if (!project) return respond(problem_answer(project.error()));
  make_edit(api, project->id, std::move(*edit), std::move(respond));
}

}  // namespace specd::api
