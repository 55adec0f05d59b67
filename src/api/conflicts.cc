// Where disk and database had both moved on: which there are, the texts of each, and what a
// merge of them would be.

#include "api/conflicts.h"

#include <algorithm>

#include "api/answers.h"
#include "api/handlers.h"
#include "api/spec_answers.h"
#include "base/path.h"
#include "proto/json_build.h"
#include "sync/proposal.h"

namespace specd::api {
namespace {

constexpr Range kLimit{.least = 1, .most = 1'000, .fallback = 50};

Result<Value> to_value(const store::Conflict& conflict, const store::Tables& tables) {
  const auto project = tables.projects.get(conflict.project);
  if (!project) return tl::unexpected(project.error());
  const auto spec = tables.specs.get(conflict.spec);
  if (!spec) return tl::unexpected(spec.error());
  const auto digest = [](const std::optional<Digest>& content) {
    return content ? proto::text(content->hex()) : Value();
  };
  Value value = proto::object();
  auto& entries = value.entries;
  entries.emplace_back("id", proto::number(conflict.id.value));
  entries.emplace_back("project", proto::text_or_null(*project ? (*project)->slug : ""));
  entries.emplace_back("spec", proto::text_or_null(conflict.spec.value.text));
  entries.emplace_back("spec_id", proto::text_or_null(*spec ? (*spec)->id : ""));
  entries.emplace_back("path", proto::text(printable_utf8(conflict.path)));
  entries.emplace_back("kind", proto::text(store::to_string(conflict.kind)));
  entries.emplace_back("base_version", digest(conflict.base));
  entries.emplace_back("disk_version", digest(conflict.disk));
  entries.emplace_back("database_version", digest(conflict.row));
  entries.emplace_back("filesystem_modified_at", proto::timestamp(conflict.filesystem_modified_at));
  entries.emplace_back("db_modified_at", proto::timestamp(conflict.db_modified_at));
  entries.emplace_back("last_synced_at", proto::timestamp(conflict.last_synced_at));
  entries.emplace_back("detected_at", proto::timestamp(conflict.detected_at));
  entries.emplace_back("resolution", proto::text(store::to_string(conflict.resolution)));
  entries.emplace_back("resolved_at", proto::timestamp(conflict.resolved_at));
  entries.emplace_back("resolved_by", proto::text_or_null(conflict.resolved_by));
  return value;
}

/// Null where there was no file, where its bytes are no text, and where they are no longer kept.
Value text_of(const std::optional<std::string>& content) {
  return content && is_utf8(*content) ? proto::text(*content) : Value();
}

Value to_value(const sync::Proposal& proposal) {
  Value value = proto::object();
  value.entries.emplace_back("content", proto::text(proposal.content));
  value.entries.emplace_back("clean", proto::boolean(proposal.conflicts == 0));
  value.entries.emplace_back("conflicts", proto::number(static_cast<int64_t>(proposal.conflicts)));
  return value;
}

void add_texts(Value& value, const store::Conflict& conflict, const sync::ConflictTexts& texts,
               sync::Markers markers) {
  auto& entries = value.entries;
  entries.emplace_back("base", text_of(texts.base));
  entries.emplace_back("disk", text_of(texts.disk));
  entries.emplace_back("database", text_of(texts.row));
  entries.emplace_back("present_version",
                       texts.present ? proto::text(sha256(*texts.present).hex()) : Value());
  entries.emplace_back("present", text_of(texts.present));
  entries.emplace_back("undone", proto::text_or_null(sync::how_undone(conflict, texts)));
  const auto proposal = sync::propose_merge(conflict, texts, markers);
  entries.emplace_back("merge", proposal ? to_value(*proposal) : Value());
  entries.emplace_back("merge_error", proposal ? Value() : proto::text(proposal.error().message));
}

Result<store::ConflictQuery> parse_query(const net::Fields& asked, const store::Tables& tables) {
  store::ConflictQuery query;
  if (const std::string* slug = asked.find("project"); slug != nullptr) {
    const auto project = project_called(tables, *slug);
    if (!project) return tl::unexpected(project.error());
    query.project = project->id;
  }
  if (const std::string* name = asked.find("spec"); name != nullptr) {
    auto key = spec_anywhere(tables, query.project, *name);
    if (!key) return tl::unexpected(key.error());
    query.spec = std::move(*key);
  }
  if (asked.find("before") != nullptr) {
    const auto before = number_in(asked, "before", {.least = 0, .most = INT64_MAX, .fallback = 0});
    if (!before) return tl::unexpected(before.error());
    query.before = store::ConflictId{*before};
  }
  const auto limit = number_in(asked, "limit", kLimit);
  if (!limit) return tl::unexpected(limit.error());
  query.limit = *limit;
  return query;
}

}  // namespace

Result<net::Response> list_conflicts(const Api& api, const net::Request& request) {
  const auto reader = api.readers.take();
  if (!reader) return tl::unexpected(reader.error());
  const auto snapshot = reader->reader().snapshot();
  if (!snapshot) return tl::unexpected(snapshot.error());
  const store::Tables& tables = reader->tables();
  auto query = parse_query(request.query, tables);
  if (!query) return tl::unexpected(query.error());
  const auto limit = static_cast<size_t>(query->limit++);  // one more tells whether there are more
  const bool is_all = request.query.get("all") == "true";
  const auto conflicts =
      is_all ? tables.conflicts.list_all(*query) : tables.conflicts.list_open(*query);
  if (!conflicts) return tl::unexpected(conflicts.error());

  Value listed = proto::list();
  for (size_t i = 0; i < std::min(limit, conflicts->size()); ++i) {
    auto conflict = to_value((*conflicts)[i], tables);
    if (!conflict) return tl::unexpected(conflict.error());
    listed.items.push_back(std::move(*conflict));
  }
  const bool has_more = conflicts->size() > limit;
  Value value = proto::object();
  value.entries.emplace_back("conflicts", std::move(listed));
  value.entries.emplace_back("before",
                             has_more ? proto::number((*conflicts)[limit - 1].id.value) : Value());
  return tagged_answer(value);
}

namespace {

Result<store::Conflict> conflict_called(const store::Tables& tables, store::ConflictId id) {
  auto conflict = tables.conflicts.get(id);
  if (!conflict) return tl::unexpected(conflict.error());
  if (!*conflict) return fail(Code::not_found, "there is no conflict " + std::to_string(id.value));
  return std::move(**conflict);
}

Result<net::Response> read_conflict(const Api& api, store::ConflictId id, sync::Markers markers) {
  const auto reader = api.readers.take();
  if (!reader) return tl::unexpected(reader.error());
  const auto snapshot = reader->reader().snapshot();
  if (!snapshot) return tl::unexpected(snapshot.error());
  const auto value = conflict_value(reader->tables(), id, markers);
  if (!value) return tl::unexpected(value.error());
  return tagged_answer(*value);
}

}  // namespace

Result<Value> conflict_value(const store::Tables& tables, store::ConflictId id,
                             sync::Markers markers) {
  const auto conflict = conflict_called(tables, id);
  if (!conflict) return tl::unexpected(conflict.error());
  auto value = to_value(*conflict, tables);
  if (!value) return tl::unexpected(value.error());
  const auto texts = sync::texts_of(tables, *conflict);
  if (!texts) return tl::unexpected(texts.error());
  add_texts(*value, *conflict, *texts, markers);
  return value;
}

Result<ConflictPlace> place_of(const Api& api, const net::Request& request) {
  const auto id = whole(request.params.get("id"));
  if (!id) return fail(Code::invalid, "conflicts are named by numbers");
  const auto reader = api.readers.take();
  if (!reader) return tl::unexpected(reader.error());
  auto conflict = conflict_called(reader->tables(), store::ConflictId{*id});
  if (!conflict) return tl::unexpected(conflict.error());
  auto project = reader->tables().projects.get(conflict->project);
  if (!project) return tl::unexpected(project.error());
  if (!*project) return fail(Code::not_found, "the project of this conflict is kept no more");
  return ConflictPlace{std::move(**project), std::move(*conflict)};
}

void get_conflict(const Api& api, const net::Request& request, net::Responder respond) {
  const auto place = place_of(api, request);
  if (!place) return answer(respond, tl::unexpected(place.error()));
  const auto markers =
      request.query.get("markers") == "true" ? sync::Markers::git : sync::Markers::none;
  answer_after_look(
      api, place->project, place->conflict.path, std::move(respond),
      [api, id = place->conflict.id, markers] { return read_conflict(api, id, markers); });
}

}  // namespace specd::api
