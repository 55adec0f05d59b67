// Lists of specs: of one project, or of all of them.
//
// A cursor is the place of the last spec of a page: which list it is, and what the spec had there,
// as hex digits over JSON, which nobody has to understand but us.

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <utility>

#include "api/answers.h"
#include "api/handlers.h"
#include "api/spec_answers.h"
#include "base/digest.h"
#include "base/hex.h"
#include "base/json.h"
#include "net/url.h"
#include "proto/json_build.h"
#include "store/spec_json.h"

namespace specd::api {
namespace {

constexpr Range kLimit{.least = 1, .most = 100'000, .fallback = 1'000};

struct SortName {
  std::string_view name;
  store::SpecSort sort;
};
constexpr std::array<SortName, 7> kSorts{{{"id", store::SpecSort::id},
                                          {"title", store::SpecSort::title},
                                          {"status", store::SpecSort::status},
                                          {"priority", store::SpecSort::priority},
                                          {"progress", store::SpecSort::progress},
                                          {"updated", store::SpecSort::updated},
                                          {"created", store::SpecSort::created}}};

std::string_view sort_asked(const net::Request& request) {
  const std::string* sort = request.query.find("sort");
  return sort == nullptr ? "id" : std::string_view(*sort);
}

/// "updated", or "-updated" from the other end.
Result<> parse_sort(std::string_view text, store::SpecQuery& query) {
  const bool is_descending = text.starts_with('-');
  const std::string_view name = text.substr(is_descending ? 1 : 0);
  const auto found = std::ranges::find(kSorts, name, &SortName::name);
  if (found == kSorts.end()) {
    return fail(
        Code::invalid,
        "sort must be id, title, status, priority, progress, updated or created, with \"-\" "
        "before it from the other end");
  }
  query.sort = found->sort;
  query.order = is_descending ? store::SortOrder::descending : store::SortOrder::ascending;
  return {};
}

/// Tells lists apart that have other specs or another order; pages, fields and totals are the same
/// list.
std::string name_of_list(const store::SpecQuery& query, std::string_view sort) {
  const auto words = [](std::vector<std::string> all) {
    std::ranges::sort(all);
    Value list = proto::list();
    for (const std::string& word : all) list.items.push_back(proto::text(word));
    return list;
  };
  Value all = proto::list();
  all.items = {proto::text(sort),       proto::number(query.project ? query.project->value : 0),
               words(query.kinds),      words(query.statuses),
               words(query.priorities), words(query.assignees),
               words(query.progresses), words(query.tags),
               proto::text(query.text)};
  return sha256(json::dump(all)).hex().substr(0, 16);
}

struct Cursor {
  std::string list;
  store::SpecPlaceInOrder place;
};

std::string to_text(const Cursor& cursor) {
  Value value = proto::list();
  value.items = {proto::text(cursor.list), proto::number(cursor.place.project.value),
                 proto::text(cursor.place.value), proto::text(cursor.place.key.value.text)};
  return to_hex(json::dump(value));
}

Result<Cursor> parse_cursor(const std::string& text) {
  const Failure broken = fail(Code::invalid, "cursor must be the \"next\" of the page before");
  const auto bytes = from_hex(text);
  if (!bytes) return broken;
  const auto value = json::parse(*bytes);
  if (!value || value->kind != Value::Kind::list || value->items.size() != 4) return broken;
  const std::vector<Value>& items = value->items;
  const auto project = whole(items[1].text);
  if (!project) return broken;
  return Cursor{.list = items[0].text,
                .place = {.project = ProjectId{*project},
                          .value = items[2].text,
                          .key = SpecKey{Ulid{items[3].text}}}};
}

Result<store::SpecQuery> parse_query(const net::Request& request, const store::Tables& tables) {
  store::SpecQuery query;
  const net::Fields& asked = request.query;
  const std::string* slug = request.params.find("slug");
  if (slug == nullptr) slug = asked.find("project");
  if (slug != nullptr) {
    const auto project = project_called(tables, *slug);
    if (!project) return tl::unexpected(project.error());
    query.project = project->id;
  }
  const auto words = [&](std::string_view name) {
    return net::url::words_in(request.target, name);
  };
  query.kinds = words("kind");
  for (const std::string& kind : query.kinds) {
    if (!spec::parse_kind(kind)) return unknown_kind();
  }
  query.progresses = words("progress");
  for (const std::string& progress : query.progresses) {
    if (!spec::parse_progress(progress))
      return fail(Code::invalid, "progress must be no-tasks, in-progress or complete");
  }
  query.statuses = words("status");
  query.priorities = words("priority");
  query.assignees = words("assignee");
  query.tags = words("tag");
  query.text = asked.get("q");
  if (auto done = parse_sort(sort_asked(request), query); !done)
    return tl::unexpected(done.error());
  const auto limit = number_in(asked, "limit", kLimit);
  if (!limit) return tl::unexpected(limit.error());
  query.limit = *limit;
  return query;
}

/// Those that `names` names, in our order; all of them where it names none.
Result<std::vector<proto::SpecField>> fields_called(const std::vector<std::string>& names) {
  const auto all = proto::spec_fields();
  std::vector<proto::SpecField> fields(all.begin(), all.end());
  if (names.empty()) return fields;
  for (const std::string& name : names) {
    if (std::ranges::find(all, name, &proto::SpecField::name) == all.end())
      return fail(Code::invalid, "a spec has no field \"" + name + "\"");
  }
  std::erase_if(fields, [&](const proto::SpecField& field) {
    return std::ranges::find(names, field.name) == names.end();
  });
  return fields;
}

/// The slugs of projects, each asked for once.
class Slugs {
 public:
  explicit Slugs(const store::Tables& tables) : tables_(tables) {}

  /// Empty where there is none, or after a failure, which `failure` then tells.
  [[nodiscard]] std::string_view of(ProjectId id) {
    const auto [slug, is_new] = slugs_.try_emplace(id);
    if (!is_new) return slug->second;
    auto project = tables_.projects.get(id);
    if (!project) failure_ = std::move(project.error());
    if (project && *project) slug->second = (*project)->slug;
    return slug->second;
  }
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }

 private:
  const store::Tables& tables_;
  std::map<ProjectId, std::string> slugs_;
  std::optional<Error> failure_;
};

/// The specs of a page, as a JSON list after what `out` has.
Result<store::SpecPage> write_specs(proto::JsonWriter& out, const store::SpecQuery& query,
                                    std::span<const proto::SpecField> fields,
                                    const store::Tables& tables) {
  Slugs slugs(tables);
  out.begin_list();
  auto page = tables.specs.find(query, [&](const store::SpecSummary& spec) {
    out.begin_object();
    write_fields(out, store::spoken(spec, slugs.of(spec.project)), fields);
    out.end_object();
  });
  out.end_list();
  if (slugs.failure()) return tl::unexpected(*slugs.failure());
  return page;
}

/// How many there are in all: known where the first page is the last; else only if it is asked for.
Result<std::optional<int64_t>> total_of(const store::SpecQuery& query, const store::SpecPage& page,
                                        const net::Request& request, const store::Tables& tables) {
  if (!query.after && !page.next) return page.count;
  if (request.query.get("total") != "true") return std::nullopt;
  const auto total = tables.specs.count(query);
  if (!total) return tl::unexpected(total.error());
  return *total;
}

}  // namespace

Result<net::Response> list_specs(const Api& api, const net::Request& request) {
  const auto reader = api.readers.take();
  if (!reader) return tl::unexpected(reader.error());
  const auto snapshot = reader->reader().snapshot();
  if (!snapshot) return tl::unexpected(snapshot.error());
  const store::Tables& tables = reader->tables();
  auto query = parse_query(request, tables);
  if (!query) return tl::unexpected(query.error());
  const std::string list = name_of_list(*query, sort_asked(request));
  if (const std::string* text = request.query.find("cursor"); text != nullptr) {
    auto cursor = parse_cursor(*text);
    if (!cursor) return tl::unexpected(cursor.error());
    if (cursor->list != list) {
      return net::problem(400, "cursor_mismatch",
                          "cursor is of a list with other filters, or in another order; begin "
                          "without one");
    }
    query->after = std::move(cursor->place);
  }
  const auto fields = fields_called(net::url::words_in(request.target, "fields"));
  if (!fields) return tl::unexpected(fields.error());
  proto::JsonWriter specs;  // apart, since what stands before them is known after them
  const auto page = write_specs(specs, *query, *fields, tables);
  if (!page) return tl::unexpected(page.error());
  const auto total = total_of(*query, *page, request, tables);
  if (!total) return tl::unexpected(total.error());

  proto::JsonWriter out;
  out.begin_object();
  out.name("total");
  *total ? out.number(**total) : out.null();
  out.name("next");
  page->next ? out.text(to_text({list, *page->next})) : out.null();
  out.name("specs");
  out.raw(specs.take());
  out.end_object();
  return tagged_answer(out.take());
}

}  // namespace specd::api
