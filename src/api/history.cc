#include <map>

#include "api/answers.h"
#include "api/handlers.h"
#include "api/spec_answers.h"
#include "proto/json_build.h"
#include "proto/spec_json.h"

namespace specd::api {
namespace {

constexpr Range kLimit{.least = 1, .most = 1'000, .fallback = 50};

/// Names for what entries refer to by number and key.
class Names {
 public:
  explicit Names(const store::Tables& tables) : tables_(tables) {}

  std::string slug(ProjectId id) {
    const auto [at, is_new] = slugs_.try_emplace(id);
    if (is_new) {
      if (auto project = tables_.projects.get(id); project && *project) {
        at->second = (*project)->slug;
      }
    }
    return at->second;
  }
  std::string spec_id(const SpecKey& key) {
    const auto [at, is_new] = spec_ids_.try_emplace(key);
    if (is_new) {
      if (auto spec = tables_.specs.get(key); spec && *spec) at->second = (*spec)->id;
    }
    return at->second;
  }

 private:
  const store::Tables& tables_;
  std::map<ProjectId, std::string> slugs_;
  std::map<SpecKey, std::string> spec_ids_;
};

Value to_value(const store::HistoryEntry& entry, Names& names) {
  return proto::to_value(proto::HistoryEntry{
      .id = entry.id.value,
      .project = names.slug(entry.project),
      .spec = entry.spec ? entry.spec->value.text : "",
      .spec_id = entry.spec ? names.spec_id(*entry.spec) : "",
      .spec_name = entry.spec_name,
      .change = entry.change,
      .status_from = entry.status_from,
      .status_to = entry.status_to,
      .sync_direction = std::string(store::to_string(entry.direction)),
      .triggered_by = std::string(store::to_string(entry.trigger)),
      .origin = entry.origin,
      .actor = entry.actor,
      .success = entry.success,
      .error_message = entry.error_message,
      .files_changed = entry.files_changed,
      .duration_us = entry.duration_us,
      .synced_at = entry.at,
      .last_at = entry.last_at,
      .count = entry.count,
  });
}

Result<store::HistoryQuery> parse_query(const net::Fields& fields, const store::Tables& tables) {
  store::HistoryQuery query;
  if (const std::string* slug = fields.find("project"); slug != nullptr) {
    const auto project = project_called(tables, *slug);
    if (!project) return tl::unexpected(project.error());
    query.project = project->id;
  }
  if (const std::string* name = fields.find("spec"); name != nullptr) {
    auto key = spec_anywhere(tables, query.project, *name);
    if (!key) return tl::unexpected(key.error());
    query.spec = std::move(*key);
  }
  if (fields.find("before") != nullptr) {
    const auto before = number_in(fields, "before", {.least = 0, .most = INT64_MAX, .fallback = 0});
    if (!before) return tl::unexpected(before.error());
    query.before = store::HistoryId{*before};
  }
  if (fields.find("after") != nullptr) {
    const auto after = number_in(fields, "after", {.least = 0, .most = INT64_MAX, .fallback = 0});
    if (!after) return tl::unexpected(after.error());
    if (query.before)
      return fail(Code::invalid, "before and after do not go together: leave one of them out");
    query.after = store::HistoryId{*after};
  }
  const auto limit = number_in(fields, "limit", kLimit);
  if (!limit) return tl::unexpected(limit.error());
  query.limit = *limit;
  return query;
}

}  // namespace

Result<net::Response> list_history(const Api& api, const net::Request& request) {
  const auto reader = api.readers.take();
  if (!reader) return tl::unexpected(reader.error());
  const store::Tables& tables = reader->tables();
  auto query = parse_query(request.query, tables);
  if (!query) return tl::unexpected(query.error());
  const int64_t limit = query->limit++;  // one more tells whether there is a next page
  const auto entries = tables.history.list(*query);
  if (!entries) return tl::unexpected(entries.error());

  Names names(tables);
  Value listed = proto::list();
  const bool has_more = static_cast<int64_t>(entries->size()) > limit;
  const size_t shown = has_more ? static_cast<size_t>(limit) : entries->size();
  for (size_t i = 0; i < shown; ++i) listed.items.push_back(to_value((*entries)[i], names));
  Value value = proto::object();
  value.entries.emplace_back("history", std::move(listed));
  // Where the next page begins, in the direction that was asked for.
  value.entries.emplace_back(query->after ? "after" : "before",
                             has_more ? proto::number((*entries)[shown - 1].id.value) : Value());
  return tagged_answer(value);
}

}  // namespace specd::api
