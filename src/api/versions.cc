// Contents that a file had and has no more.

#include "api/answers.h"
#include "api/handlers.h"
#include "base/hex.h"
#include "base/path.h"
#include "proto/json_build.h"

namespace specd::api {
namespace {

constexpr Range kLimit{.least = 1, .most = 100'000, .fallback = 50};

Value to_value(const store::Version& version) {
  Value value = proto::object();
  auto& entries = value.entries;
  entries.emplace_back("version", proto::text(version.digest.hex()));
  entries.emplace_back("size", proto::number(version.size));
  entries.emplace_back("reason", proto::text(store::to_string(version.reason)));
  entries.emplace_back("origin", proto::text(version.origin));
  entries.emplace_back("actor", proto::text_or_null(version.actor));
  entries.emplace_back("at", proto::timestamp(version.at));
  entries.emplace_back("dismissed_at", proto::timestamp(version.dismissed_at));
  return value;
}

Result<std::string> path_asked(const net::Request& request) {
  const std::string* path = request.query.find("path");
  if (path == nullptr || !path::is_relative(*path))
    return fail(Code::invalid, "name the file by its path in the project: ?path=");
  return *path;
}

}  // namespace

Result<net::Response> list_versions(const Api& api, const net::Request& request) {
  const auto path = path_asked(request);
  if (!path) return tl::unexpected(path.error());
  const auto limit = number_in(request.query, "limit", kLimit);
  if (!limit) return tl::unexpected(limit.error());
  const auto open = open_project(api, request);
  if (!open) return tl::unexpected(open.error());
  const store::Tables& tables = open->tables();
  auto versions = tables.rescued.list(open->project.id, *path, *limit);
  if (!versions) return tl::unexpected(versions.error());
  const int64_t rest = *limit - static_cast<int64_t>(versions->size());
  const auto older = tables.versions.list(open->project.id, *path, rest);
  if (!older) return tl::unexpected(older.error());
  versions->insert(versions->end(), older->begin(), older->end());

  Value listed = proto::list();
  for (const store::Version& version : *versions) listed.items.push_back(to_value(version));
  Value value = proto::object();
  value.entries.emplace_back("path", proto::text(printable_utf8(*path)));
  value.entries.emplace_back("versions", std::move(listed));
  return tagged_answer(value);
}

Result<net::Response> get_version(const Api& api, const net::Request& request) {
  const auto path = path_asked(request);
  if (!path) return tl::unexpected(path.error());
  const auto bytes = from_hex(request.params.get("sha256"));
  const auto digest = bytes ? Digest::from_bytes(*bytes) : std::nullopt;
  if (!digest) return fail(Code::invalid, "a version is named by the SHA-256 of its bytes");
  const auto open = open_project(api, request);
  if (!open) return tl::unexpected(open.error());
  const store::Tables& tables = open->tables();
  // Contents are shared by all files that had them; who asks must name one that did.
  const auto had = tables.versions.has(open->project.id, *path, *digest);
  if (!had) return tl::unexpected(had.error());
  if (!*had)
    return fail(Code::not_found, "no such version of " + printable_utf8(*path) + " is kept");
  auto content = tables.versions.content(*digest);
  if (!content) return tl::unexpected(content.error());
  return content_answer(*path, std::move(*content));
}

}  // namespace specd::api
