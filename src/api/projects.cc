#include "api/answers.h"
#include "api/handlers.h"
#include "proto/json_build.h"
#include "proto/spec_json.h"

namespace specd::api {
namespace {

Value to_value(const Api& api, const store::Project& project) {
  const auto head = api.services.git_head(project.root);
  std::optional<proto::GitHead> git;
  if (head) git = {head->branch, head->commit, head->worktree};
  return proto::to_value(proto::Project{
      .slug = project.slug,
      .uuid = project.uuid,
      .root = project.root,
      .source = project.source,
      .layout = std::string(spec::to_string(project.layout)),
      .state = std::string(store::to_string(project.state)),
      .git = std::move(git),
      .state_reason = project.state_reason,
      .added_at = project.added_at,
  });
}

struct NewProject {
  std::string root;
  std::string slug;
};

Result<NewProject> wanted_project(const net::Request& request) {
  const auto body = body_object(request);
  if (!body) return tl::unexpected(body.error());
  if (auto good = has_only(*body, {"root", "slug"}); !good) return tl::unexpected(good.error());
  const auto root = string_member(*body, "root");
  if (!root) return tl::unexpected(root.error());
  const auto slug = string_member(*body, "slug");
  if (!slug) return tl::unexpected(slug.error());
  if (!*root || !(*root)->starts_with('/')) {
    return fail(Code::invalid, "\"root\" must be the absolute path of a folder");
  }
  return NewProject{.root = **root, .slug = slug->value_or("")};
}

/// On a worker: which branch is checked out is read from files, and sync must not wait for that.
void answer_with(const Api& api, const Result<store::Project>& project, int status,
                 const net::Responder& respond) {
  if (!project) return respond(problem_answer(project.error()));
  const bool is_posted = api.services.on_worker([api, project = *project, status, respond] {
    respond(json_answer(to_value(api, project), status));
  });
  if (!is_posted) respond(problem_answer({Code::busy, "done, but too busy to say more"}));
}

Result<ProjectChange> wanted_change(const net::Request& request) {
  const auto body = body_object(request);
  if (!body) return tl::unexpected(body.error());
  if (auto good = has_only(*body, {"root", "paused", "read_only", "force"}); !good)
    return tl::unexpected(good.error());
  ProjectChange change;
  auto root = string_member(*body, "root");
  if (!root) return tl::unexpected(root.error());
  change.root = std::move(*root);
  if (change.root && !change.root->starts_with('/'))
    return fail(Code::invalid, "\"root\" must be the absolute path of a folder");
  const auto paused = bool_member(*body, "paused");
  if (!paused) return tl::unexpected(paused.error());
  change.is_paused = *paused;
  const auto read_only = bool_member(*body, "read_only");
  if (!read_only) return tl::unexpected(read_only.error());
  change.is_read_only = *read_only;
  const auto force = bool_member(*body, "force");
  if (!force) return tl::unexpected(force.error());
  change.is_forced = force->value_or(false);
  if (!change.root && !change.is_paused && !change.is_read_only)
    return fail(Code::invalid, "nothing to change: name root, paused or read_only");
  return change;
}

}  // namespace

Result<store::Project> project_called(const store::Tables& tables, std::string_view slug) {
  auto project = tables.projects.by_slug(slug);
  if (!project) return tl::unexpected(project.error());
  if (!*project) return fail(Code::not_found, "there is no project \"" + std::string(slug) + "\"");
  return std::move(**project);
}

Result<store::Project> project_of(const Api& api, const net::Request& request) {
  const auto reader = api.readers.take();
  if (!reader) return tl::unexpected(reader.error());
  return project_called(reader->tables(), request.params.get("slug"));
}

Result<OpenProject> open_project(const Api& api, const net::Request& request) {
  auto lease = api.readers.take();
  if (!lease) return tl::unexpected(lease.error());
  auto snapshot = lease->reader().snapshot();
  if (!snapshot) return tl::unexpected(snapshot.error());
  auto project = project_called(lease->tables(), request.params.get("slug"));
  if (!project) return tl::unexpected(project.error());
  return OpenProject{std::move(*lease), std::move(*snapshot), std::move(*project)};
}

Result<net::Response> list_projects(const Api& api, const net::Request&) {
  const auto reader = api.readers.take();
  if (!reader) return tl::unexpected(reader.error());
  const auto projects = reader->tables().projects.list();
  if (!projects) return tl::unexpected(projects.error());
  Value all = proto::list();
  for (const store::Project& project : *projects) all.items.push_back(to_value(api, project));
  Value value = proto::object();
  value.entries.emplace_back("projects", std::move(all));
  return tagged_answer(value);
}

void add_project(const Api& api, const net::Request& request, net::Responder respond) {
  const auto wanted = wanted_project(request);
  if (!wanted) return respond(problem_answer(wanted.error()));
  api.services.add_project(
      wanted->root, wanted->slug,
      [api, respond = std::move(respond)](const Result<store::Project>& added) {
        answer_with(api, added, 201, respond);
      });
}

Result<net::Response> get_project(const Api& api, const net::Request& request) {
  const auto project = project_of(api, request);
  if (!project) return tl::unexpected(project.error());
  return tagged_answer(to_value(api, *project));
}

void patch_project(const Api& api, const net::Request& request, net::Responder respond) {
  const auto change = wanted_change(request);
  if (!change) return respond(problem_answer(change.error()));
  const auto project = project_of(api, request);
  if (!project) return respond(problem_answer(project.error()));
  api.services.change_project(
      project->id, *change,
      [api, respond = std::move(respond)](const Result<store::Project>& changed) {
        answer_with(api, changed, 200, respond);
      });
}

void delete_project(const Api& api, const net::Request& request, net::Responder respond) {
  const auto project = project_of(api, request);
  if (!project) return respond(problem_answer(project.error()));
  const bool is_forced = request.query.get("force") == "true";
  api.services.remove_project(project->id, is_forced,
                              [respond = std::move(respond)](Result<> removed) {
                                if (!removed) return respond(problem_answer(removed.error()));
                                respond({.status = 204, .headers = {}, .body = {}});
                              });
}

}  // namespace specd::api
