#include "api/answers.h"
#include "api/edits.h"
#include "api/handlers.h"
#include "base/hex.h"
#include "base/path.h"

namespace specd::api {
namespace {

Failure no_such_file(std::string_view path) {
  return fail(Code::not_found, "there is no file " + printable_utf8(path));
}

/// The row as it is; the path only names it, and never reaches the disk.
Result<net::Response> read_file(const Api& api, ProjectId project, const net::Request& request) {
  const std::string_view path = request.params.get("path");
  const auto reader = api.readers.take();
  if (!reader) return tl::unexpected(reader.error());
  auto row = reader->tables().files.get(project, path);
  if (!row) return tl::unexpected(row.error());
  if (!*row || (*row)->deleted_at) return no_such_file(path);
  return content_answer(path, std::move((*row)->content));
}

}  // namespace

void get_file(const Api& api, const net::Request& request, net::Responder respond) {
  const std::string path(request.params.get("path"));
  if (!path::is_relative(path)) return answer(respond, no_such_file(path));
  const auto project = project_of(api, request);
  if (!project) return answer(respond, tl::unexpected(project.error()));
  answer_after_look(api, *project, path, std::move(respond),
                    [api, request, id = project->id] { return read_file(api, id, request); });
}

void answer_after_look(const Api& api, const store::Project& project, const std::string& path,
                       net::Responder respond, std::function<Result<net::Response>()> tell) {
  api.services.before_read(
      project, path, [api, respond = std::move(respond), tell = std::move(tell)] {
        const bool is_posted = api.services.on_worker([=] { answer(respond, tell()); });
        if (!is_posted) answer(respond, fail(Code::busy, "too much to do; try again later"));
      });
}

namespace {

void edit_file(const Api& api, const net::Request& request, std::optional<std::string> content,
               net::Responder respond) {
  const std::string path(request.params.get("path"));
  if (!path::is_relative(path)) return answer(respond, no_such_file(path));
  const auto expected = expected_in(request);
  if (!expected) return respond(expected.error());
  auto actor = actor_in(request);
  if (!actor) return answer(respond, tl::unexpected(actor.error()));
  const auto project = project_of(api, request);
  if (!project) return answer(respond, tl::unexpected(project.error()));
  make_edit(api, project->id,
            {.files = {{path, std::move(content), *expected}}, .actor = std::move(*actor)},
            std::move(respond));
}

/// Of this file, if it ever had it.
Result<std::string> content_before(const Api& api, const net::Request& request) {
  const auto raw = from_hex(request.params.get("sha256"));
  const auto digest = raw ? Digest::from_bytes(*raw) : std::nullopt;
  if (!digest) return fail(Code::invalid, "versions are named by SHA-256: 64 hexadecimal digits");
  const auto open = open_project(api, request);
  if (!open) return tl::unexpected(open.error());
  const std::string_view path = request.query.get("path");
  const auto has = open->tables().versions.has(open->project.id, path, *digest);
  if (!has) return tl::unexpected(has.error());
  if (!*has) return fail(Code::not_found, printable_utf8(path) + " has no such version");
  return open->tables().versions.content(*digest);
}

}  // namespace

void put_file(const Api& api, const net::Request& request, net::Responder respond) {
  edit_file(api, request, request.body, std::move(respond));
}

void delete_file(const Api& api, const net::Request& request, net::Responder respond) {
  edit_file(api, request, std::nullopt, std::move(respond));
}

void post_restore(const Api& api, const net::Request& request, net::Responder respond) {
  auto content = content_before(api, request);
  if (!content) return answer(respond, tl::unexpected(content.error()));
  net::Request named = request;
  named.params = {{"slug", std::string(request.params.get("slug"))},
                  {"path", std::string(request.query.get("path"))}};
  edit_file(api, named, std::move(*content), std::move(respond));
}

}  // namespace specd::api
