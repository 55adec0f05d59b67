#include "api/answers.h"
#include "api/handlers.h"
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

void answer(const net::Responder& respond, Result<net::Response> response) {
  respond(response ? std::move(*response) : problem_answer(response.error()));
}

}  // namespace

void get_file(const Api& api, const net::Request& request, net::Responder respond) {
  const std::string path(request.params.get("path"));
  if (!path::is_relative(path)) return answer(respond, no_such_file(path));
  const auto project = project_of(api, request);
  if (!project) return answer(respond, tl::unexpected(project.error()));
  api.services.before_read(
      *project, path, [api, request, respond = std::move(respond), id = project->id] {
        const bool is_posted =
            api.services.on_worker([=] { answer(respond, read_file(api, id, request)); });
        if (!is_posted) answer(respond, fail(Code::busy, "too much to do; try again later"));
      });
}

}  // namespace specd::api
