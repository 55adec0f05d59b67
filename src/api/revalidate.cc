// POST /api/v1/revalidate and /api/revalidate: for hooks that know that something has changed, and
// that programs written for LeanSpec's web server call. Body, an object:
//
//   secret    string          that of the configuration (`revalidation_secret`)
//   specPath  string or null  a spec's folder or file: absolute, or relative to the root of a
//                             project, and then in each project that has it; missing, null or
//                             empty: everything
//
// Answers once that is in the database as it was on disk: {"revalidated": true}. Problems:
// 401 `unauthorized` without the right secret, and always where none is configured; 400 `invalid`
// for another body; 404 `not_found` for a path that no project has; 503 `busy` when not all of it
// was there after 30 seconds, or cannot be (a project that is paused, missing or held).

#include <filesystem>

#include "api/answers.h"
#include "api/handlers.h"
#include "base/path.h"
#include "proto/json_build.h"

namespace specd::api {
namespace {

constexpr std::chrono::seconds kPatience{30};
constexpr size_t kMaxTold = 5;

net::Response outcome(const Result<std::vector<std::string>>& left) {
  if (!left) return problem_answer(left.error());
  if (left->empty()) {
    Value value = proto::object();
    value.entries.emplace_back("revalidated", proto::boolean(true));
    return json_answer(value);
  }
  std::string told = "not everything is in the database: ";
  for (size_t i = 0; i < left->size() && i < kMaxTold; ++i)
    told += (i == 0 ? "" : "; ") + (*left)[i];
  return problem_answer({Code::busy, told});
}

/// Where the path may be; sync knows which of these projects have it.
Result<std::vector<sync::ProjectPath>> places_of(const Api& api, std::string path) {
  // "./a", "a//b" and "a/x/../b" are names of places, too.
  path = std::filesystem::path(path).lexically_normal().string();
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  const auto unknown = [&] {
    return fail(Code::not_found, "no project has " + printable_utf8(path));
  };
  const auto reader = api.readers.take();
  if (!reader) return tl::unexpected(reader.error());
  const auto projects = reader->tables().projects.list();
  if (!projects) return tl::unexpected(projects.error());
  std::vector<sync::ProjectPath> places;
  for (const store::Project& project : *projects) {
    const bool is_absolute = path.starts_with('/');
    if (is_absolute && !path::is_within(path, project.root)) continue;
    const std::string below(is_absolute ? path::below(path, project.root) : path);
    // The root itself is all of the project.
    if (path::is_relative(below) || (is_absolute && below.empty()))
      places.push_back({project.id, below});
  }
  if (places.empty()) return unknown();
  return places;
}

}  // namespace

void post_revalidate(const Api& api, const net::Request& request, net::Responder respond) {
  const auto unauthorized = [] {
    return net::problem(401, "unauthorized", "\"secret\" is missing or wrong");
  };
  const std::optional<Digest>& wanted = api.services.revalidation_secret;
  if (!wanted) return respond(unauthorized());
  const auto body = body_object(request);
  if (!body) return respond(problem_answer(body.error()));
  const auto secret = string_member(*body, "secret");
  if (!secret) return respond(problem_answer(secret.error()));
  // Digests are all of one length: how long it takes says nothing about either secret.
  const bool is_right = is_equal_in_constant_time(sha256(secret->value_or("")), *wanted);
  if (!is_right || !*secret) return respond(unauthorized());
  if (auto good = has_only(*body, {"secret", "specPath"}); !good)
    return respond(problem_answer(good.error()));
  const auto path = string_member(*body, "specPath");
  if (!path) return respond(problem_answer(path.error()));

  const SteadyTime deadline = api.services.clock->steady() + kPatience;
  if (path->value_or("").empty()) {
    return api.services.sync_now({}, deadline,
                                 [respond = std::move(respond)](std::vector<std::string> left) {
                                   respond(outcome(std::move(left)));
                                 });
  }
  auto places = places_of(api, **path);
  if (!places) return respond(problem_answer(places.error()));
  api.services.sync_paths(
      std::move(*places), deadline,
      [respond = std::move(respond)](const Result<std::vector<std::string>>& left) {
        respond(outcome(left));
      });
}

}  // namespace specd::api
