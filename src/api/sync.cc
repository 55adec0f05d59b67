#include <algorithm>

#include "api/answers.h"
#include "api/handlers.h"
#include "proto/json_build.h"

namespace specd::api {
namespace {

constexpr int64_t kDefaultTimeoutMs = 10'000;
constexpr int64_t kMaxTimeoutMs = 600'000;

struct SyncOrder {
  std::vector<ProjectId> projects;
  bool is_waiting = false;
  std::chrono::milliseconds timeout{kDefaultTimeoutMs};
};

Result<std::vector<store::Project>> all_projects(const Api& api) {
  const auto reader = api.readers.take();
  if (!reader) return tl::unexpected(reader.error());
  return reader->tables().projects.list();
}

/// The projects that `slugs` names; every one where it is missing.
Result<std::vector<ProjectId>> named_projects(const Api& api, const Value* slugs) {
  const auto all = all_projects(api);
  if (!all) return tl::unexpected(all.error());
  std::vector<ProjectId> named;
  if (slugs == nullptr || slugs->kind == Value::Kind::null) {
    for (const store::Project& project : *all) named.push_back(project.id);
    return named;
  }
  if (slugs->kind != Value::Kind::list) {
    return fail(Code::invalid, "\"projects\" must be a list of slugs");
  }
  for (const Value& slug : slugs->items) {
    const auto found = std::ranges::find(*all, slug.text, &store::Project::slug);
    if (found == all->end()) {
      return fail(Code::not_found, "there is no project \"" + slug.text + "\"");
    }
    named.push_back(found->id);
  }
  return named;
}

Result<SyncOrder> parse_order(const Api& api, const net::Request& request) {
  const auto body = body_object(request);
  if (!body) return tl::unexpected(body.error());
  if (auto good = has_only(*body, {"projects", "wait", "timeout_ms"}); !good)
    return tl::unexpected(good.error());
  const auto wait = bool_member(*body, "wait");
  if (!wait) return tl::unexpected(wait.error());
  const auto timeout = number_member(*body, "timeout_ms");
  if (!timeout) return tl::unexpected(timeout.error());
  auto projects = named_projects(api, body->find("projects"));
  if (!projects) return tl::unexpected(projects.error());
  const int64_t timeout_ms =
      std::clamp<int64_t>(timeout->value_or(kDefaultTimeoutMs), 0, kMaxTimeoutMs);
  return SyncOrder{.projects = std::move(*projects),
                   .is_waiting = wait->value_or(false),
                   .timeout = std::chrono::milliseconds(timeout_ms)};
}

net::Response outcome(const std::vector<std::string>& left) {
  Value listed = proto::list();
  for (const std::string& each : left) listed.items.push_back(proto::text(each));
  Value value = proto::object();
  value.entries.emplace_back("in_step", proto::boolean(left.empty()));
  value.entries.emplace_back("left", std::move(listed));
  return json_answer(value);
}

Result<std::vector<store::Project>> projects_to_verify(const Api& api,
                                                       const net::Request& request) {
  const auto body = body_object(request);
  if (!body) return tl::unexpected(body.error());
  if (auto good = has_only(*body, {"project"}); !good) return tl::unexpected(good.error());
  const auto slug = string_member(*body, "project");
  if (!slug) return tl::unexpected(slug.error());
  if (!*slug) return all_projects(api);
  const auto reader = api.readers.take();
  if (!reader) return tl::unexpected(reader.error());
  auto project = project_called(reader->tables(), **slug);
  if (!project) return tl::unexpected(project.error());
  return std::vector<store::Project>{std::move(*project)};
}

}  // namespace

void post_sync(const Api& api, const net::Request& request, net::Responder respond) {
  auto order = parse_order(api, request);
  if (!order) return respond(problem_answer(order.error()));
  const SteadyTime deadline = api.services.clock->steady() + order->timeout;
  if (order->is_waiting) {
    api.services.sync_now(std::move(order->projects), deadline,
                          [respond = std::move(respond)](const std::vector<std::string>& left) {
                            respond(outcome(left));
                          });
    return;
  }
  api.services.sync_now(std::move(order->projects), deadline, [](const auto&) {});
  Value value = proto::object();
  value.entries.emplace_back("accepted", proto::boolean(true));
  respond(json_answer(value, 202));
}

Result<net::Response> post_verify(const Api& api, const net::Request& request) {
  const auto projects = projects_to_verify(api, request);
  if (!projects) return tl::unexpected(projects.error());
  int64_t specs = 0, files = 0, bytes = 0;
  Value differences = proto::list(), not_imported = proto::list();
  const auto add_all = [&](Value& list, const std::vector<std::string>& lines,
                           const store::Project& project) {
    for (const std::string& line : lines)
      list.items.push_back(proto::text(projects->size() == 1 ? line : project.slug + ": " + line));
  };
  for (const store::Project& project : *projects) {
    const auto report = api.services.verify(project);
    if (!report) return fail_within("verify " + project.slug, report.error());
    specs += static_cast<int64_t>(report->specs);
    files += static_cast<int64_t>(report->files);
    bytes += report->bytes;
    add_all(differences, report->differences, project);
    add_all(not_imported, report->not_imported, project);
  }
  Value value = proto::object();
  value.entries.emplace_back("specs", proto::number(specs));
  value.entries.emplace_back("files", proto::number(files));
  value.entries.emplace_back("bytes", proto::number(bytes));
  value.entries.emplace_back("differences", std::move(differences));
  value.entries.emplace_back("not_imported", std::move(not_imported));
  return json_answer(value);
}

}  // namespace specd::api
