// Lists of specs: what they are filtered and ordered by.
//
// Each order is a statement of its own, so that SQL stays literal. What a list is ordered by is
// made a text that compares like it, since a page begins after (text, key) of the last one before.
// The order by id alone has an index, and its pages begin where the last one ended; the others walk
// all specs, some milliseconds for ten thousand.

#include <array>

#include "base/assert.h"
#include "base/fold.h"
#include "store/columns.h"
#include "store/specs.h"

namespace specd::store {
namespace {

// ?1 to ?8: project, then the filters; an empty list is NULL. Words of `tags` count only where that
// is JSON: the column is not ours to trust.
#define SPECD_AMONG(COLUMN, AT) \
  " AND (" AT " IS NULL OR " COLUMN " IN (SELECT value FROM json_each(" AT ")))"
#define SPECD_FILTER \
  " FROM specs WHERE deleted_at IS NULL" SPECD_AMONG("kind", "?2") SPECD_AMONG("status", "?3") \
      SPECD_AMONG("priority", "?4") SPECD_AMONG("assignee", "?5") SPECD_AMONG("progress", "?6") \
  " AND (?7 IS NULL OR (json_valid(tags) AND EXISTS (SELECT 1 FROM json_each(tags) AS tag "    \
  "WHERE tag.value IN (SELECT value FROM json_each(?7)))))"                                    \
  " AND (?8 IS NULL OR holds_folded(id, ?8) OR holds_folded(title, ?8))"

#define SPECD_SUMMARY_COLUMNS                                                            \
  "key, project, kind, id, change_id, dir, title, status, priority, tags, assignee, "    \
  "tasks_done, tasks_total, progress, version, last_synced_at, filesystem_modified_at, " \
  "db_modified_at, sync_error, archived_at"

// ?9 to ?11: the place to go on after; ?12: how many.
#define SPECD_BY(EXPRESSION, AFTER, ORDER)                     \
  "SELECT " EXPRESSION ", " SPECD_SUMMARY_COLUMNS SPECD_FILTER \
  " AND (?1 IS NULL OR project = ?1)"                          \
  " AND (?11 IS NULL OR (" EXPRESSION ", key) " AFTER          \
  " (?10, ?11))"                                               \
  " ORDER BY 1 " ORDER ", key " ORDER " LIMIT ?12"
#define SPECD_BOTH_WAYS(EXPRESSION) \
  {SPECD_BY(EXPRESSION, ">", "ASC"), SPECD_BY(EXPRESSION, "<", "DESC")}

#define SPECD_UPDATED "max(coalesce(filesystem_modified_at, 0), coalesce(db_modified_at, 0))"
#define SPECD_RANK                                                             \
  "CASE priority WHEN 'critical' THEN '1' WHEN 'high' THEN '2' WHEN 'medium' " \
  "THEN '3' WHEN 'low' THEN '4' WHEN '' THEN '6' ELSE '5' END"
#define SPECD_SHARE \
  "CASE tasks_total WHEN 0 THEN '' ELSE printf('%07d', tasks_done * 1000000 / tasks_total) END"

// A day stays a day, which sorts before all of its hours; a time is told in UTC; nothing else
// counts.
#define SPECD_DAY "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
#define SPECD_UTC "strftime('%Y-%m-%dT%H:%M:%fZ', "
#define SPECD_SAID(MEMBER)                                                                     \
  "CASE WHEN " MEMBER " GLOB '" SPECD_DAY "' THEN " MEMBER " WHEN " MEMBER " GLOB '" SPECD_DAY \
  "[ Tt]*' THEN " SPECD_UTC MEMBER ") END"
#define SPECD_CREATED \
  "coalesce(CASE WHEN json_valid(front_matter) THEN coalesce("            \
  SPECD_SAID("json_extract(front_matter, '$.created_at')") ", "           \
  SPECD_SAID("json_extract(front_matter, '$.created')") ") END, "         \
  SPECD_UTC "ulid_ms(key) / 1000.0, 'unixepoch'), '')"

using BothWays = std::array<sqlite::Sql, 2>;  // by SortOrder

constexpr BothWays kByTitle = SPECD_BOTH_WAYS("title");
constexpr BothWays kByStatus = SPECD_BOTH_WAYS("status");
constexpr BothWays kByPriority = SPECD_BOTH_WAYS(SPECD_RANK);
constexpr BothWays kByProgress = SPECD_BOTH_WAYS(SPECD_SHARE);
constexpr BothWays kByUpdate = SPECD_BOTH_WAYS("printf('%020d', " SPECD_UPDATED ")");
constexpr BothWays kByCreation = SPECD_BOTH_WAYS(SPECD_CREATED);

// In the order of the index over (project, kind, id). The value of a place is "KIND/ID".
#define SPECD_BY_ID(PROJECT, AFTER, ORDER)                                      \
  "SELECT kind || '/' || id, " SPECD_SUMMARY_COLUMNS SPECD_FILTER PROJECT AFTER \
  " ORDER BY project " ORDER ", kind " ORDER ", id " ORDER " LIMIT ?12"
#define SPECD_KIND "substr(?10, 1, instr(?10, '/') - 1)"
#define SPECD_ID "substr(?10, instr(?10, '/') + 1)"
#define SPECD_ONE " AND project = ?1"
#define SPECD_ANY ""
#define SPECD_GO_ON_IN(OP) " AND (kind, id) " OP " (" SPECD_KIND ", " SPECD_ID ")"
#define SPECD_GO_ON(OP) " AND (project, kind, id) " OP " (?9, " SPECD_KIND ", " SPECD_ID ")"
#define SPECD_FROM_START ""

struct ById {
  BothWays first;
  BothWays next;
};
constexpr ById kByIdInOne{{SPECD_BY_ID(SPECD_ONE, SPECD_FROM_START, "ASC"),
                           SPECD_BY_ID(SPECD_ONE, SPECD_FROM_START, "DESC")},
                          {SPECD_BY_ID(SPECD_ONE, SPECD_GO_ON_IN(">"), "ASC"),
                           SPECD_BY_ID(SPECD_ONE, SPECD_GO_ON_IN("<"), "DESC")}};
constexpr ById kByIdInAny{{SPECD_BY_ID(SPECD_ANY, SPECD_FROM_START, "ASC"),
                           SPECD_BY_ID(SPECD_ANY, SPECD_FROM_START, "DESC")},
                          {SPECD_BY_ID(SPECD_ANY, SPECD_GO_ON(">"), "ASC"),
                           SPECD_BY_ID(SPECD_ANY, SPECD_GO_ON("<"), "DESC")}};

const BothWays& statements(const SpecQuery& query) {
  switch (query.sort) {
    case SpecSort::id: {
      const ById& by_id = query.project ? kByIdInOne : kByIdInAny;
      return query.after ? by_id.next : by_id.first;
    }
    case SpecSort::title:
      return kByTitle;
    case SpecSort::status:
      return kByStatus;
    case SpecSort::priority:
      return kByPriority;
    case SpecSort::progress:
      return kByProgress;
    case SpecSort::updated:
      return kByUpdate;
    case SpecSort::created:
      return kByCreation;
  }
  SPECD_ASSERT(false);
}

std::optional<std::string> among(const std::vector<std::string>& words) {
  if (words.empty()) return std::nullopt;
  return json_of(words);
}

std::optional<std::string> part(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return folded(text);
}

struct Filters {
  explicit Filters(const SpecQuery& query)
      : kinds(among(query.kinds)),
        statuses(among(query.statuses)),
        priorities(among(query.priorities)),
        assignees(among(query.assignees)),
        progresses(among(query.progresses)),
        tags(among(query.tags)),
        text(part(query.text)) {}
  std::optional<std::string> kinds, statuses, priorities, assignees, progresses, tags, text;
};

SpecSummary summary_of(sqlite::Row& row) {
  SpecSummary spec;
  spec.key = row.bytes();
  spec.project = ProjectId{row.integer()};
  spec.kind = checked_word(row, spec::parse_kind);
  spec.id = row.bytes();
  spec.change_id = row.bytes();
  spec.dir = row.bytes();
  spec.title = row.bytes();
  spec.status = row.bytes();
  spec.priority = row.bytes();
  spec.tags = string_list(row);
  spec.assignee = row.bytes();
  spec.tasks_done = row.integer();
  spec.tasks_total = row.integer();
  spec.progress = spec::parse_progress(row.bytes()).value_or(spec::Progress::no_tasks);
  spec.version = row.integer();
  spec.last_synced_at = row.maybe_time();
  spec.filesystem_modified_at = row.maybe_time();
  spec.db_modified_at = row.maybe_time();
  spec.sync_error = row.bytes();
  spec.archived_at = row.maybe_time();
  return spec;
}

}  // namespace

Result<SpecPage> Specs::find(const SpecQuery& query,
                             const std::function<void(const SpecSummary&)>& visit) const {
  const Filters filters(query);
  std::optional<ProjectId> project;
  std::optional<std::string> value;
  std::optional<SpecKey> key;
  if (query.after) {
    project = query.after->project;
    value = query.after->value;
    key = query.after->key;
  }
  SpecPage page;
  SpecPlaceInOrder last;
  auto walked = db_.each(
      statements(query)[query.order == SortOrder::ascending ? 0 : 1],
      [&](sqlite::Row& row) {
        if (page.count == query.limit) {
          page.next = std::move(last);
          return false;
        }
        const std::string_view place = row.bytes();
        const SpecSummary spec = summary_of(row);
        visit(spec);
        if (++page.count == query.limit)
          last = {spec.project, std::string(place), SpecKey{Ulid{std::string(spec.key)}}};
        return true;
      },
      query.project, filters.kinds, filters.statuses, filters.priorities, filters.assignees,
      filters.progresses, filters.tags, filters.text, project, value, key, query.limit + 1);
  if (!walked) return Failure(std::move(walked.error()));
  return page;
}

Result<int64_t> Specs::count(const SpecQuery& query) const {
  const Filters filters(query);
  return db_.integer("SELECT count(*)" SPECD_FILTER " AND (?1 IS NULL OR project = ?1)",
                     query.project, filters.kinds, filters.statuses, filters.priorities,
                     filters.assignees, filters.progresses, filters.tags, filters.text);
}

}  // namespace specd::store
