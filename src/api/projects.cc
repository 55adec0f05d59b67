#include "api/answers.h"
#include "api/handlers.h"
#include "proto/json_build.h"
#include "proto/spec_json.h"

namespace specd::api {
namespace {

Value to_value(const store::Project& project) {
  return proto::to_value(proto::Project{
      .slug = project.slug,
      .uuid = project.uuid,
      .root = project.root,
      .source = project.source,
      .layout = std::string(spec::to_string(project.layout)),
      .state = std::string(store::to_string(project.state)),
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
  const auto root = string_member(*body, "root");
  if (!root) return tl::unexpected(root.error());
  const auto slug = string_member(*body, "slug");
  if (!slug) return tl::unexpected(slug.error());
  if (!*root || !(*root)->starts_with('/')) {
    return fail(Code::invalid, "\"root\" must be the absolute path of a folder");
  }
  return NewProject{.root = **root, .slug = slug->value_or("")};
}

}  // namespace

Result<store::Project> project_called(const store::Tables& tables, std::string_view slug) {
  auto project = tables.projects.by_slug(slug);
  if (!project) return tl::unexpected(project.error());
  if (!*project) return fail(Code::not_found, "there is no project \"" + std::string(slug) + "\"");
  return std::move(**project);
}

Result<net::Response> list_projects(const Api& api, const net::Request& request) {
  const auto reader = api.readers.take();
  if (!reader) return tl::unexpected(reader.error());
  const auto projects = reader->tables().projects.list();
  if (!projects) return tl::unexpected(projects.error());
  Value all = proto::list();
  for (const store::Project& project : *projects) all.items.push_back(to_value(project));
  Value value = proto::object();
  value.entries.emplace_back("projects", std::move(all));
  return json_answer_for(request, value);
}

void add_project(const Api& api, const net::Request& request, net::Responder respond) {
  const auto wanted = wanted_project(request);
  if (!wanted) return respond(problem_answer(wanted.error()));
  api.services.add_project(wanted->root, wanted->slug,
                           [respond = std::move(respond)](Result<store::Project> added) {
                             if (!added) return respond(problem_answer(added.error()));
                             respond(json_answer(to_value(*added), 201));
                           });
}

}  // namespace specd::api
