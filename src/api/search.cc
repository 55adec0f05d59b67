#include "api/answers.h"
#include "api/handlers.h"
#include "base/path.h"
#include "proto/json_build.h"

namespace specd::api {
namespace {

constexpr Range kLimit{.least = 1, .most = 1'000, .fallback = 20};
constexpr Range kOffset{.least = 0, .most = 100'000, .fallback = 0};

/// The snippet as text, without its marks.
std::string plain(const std::string& marked) {
  std::string text;
  for (char c : marked) {
    if (c != store::kMark[0] && c != store::kUnmark[0]) text += c;
  }
  return printable_utf8(text);
}

/// The snippet as HTML: its text escaped, matches in <mark>.
std::string html(const std::string& marked) {
  std::string text;
  for (char c : printable_utf8(marked)) {
    if (c == store::kMark[0]) {
      text += "<mark>";
    } else if (c == store::kUnmark[0]) {
      text += "</mark>";
    } else if (c == '&') {
      text += "&amp;";
    } else if (c == '<') {
      text += "&lt;";
    } else if (c == '>') {
      text += "&gt;";
    } else if (c == '"') {
      text += "&quot;";
    } else {
      text += c;
    }
  }
  return text;
}

/// A hit whose spec is gone meanwhile says so by nulls: the index follows the rows a moment later.
Result<Value> to_value(const store::SearchHit& hit, const store::Tables& tables) {
  auto project = tables.projects.get(hit.project);
  if (!project) return tl::unexpected(project.error());
  auto spec = tables.specs.get(hit.spec);
  if (!spec) return tl::unexpected(spec.error());
  const bool is_live = *spec && !(*spec)->deleted_at;
  Value value = proto::object();
  auto& entries = value.entries;
  entries.emplace_back("project", proto::text_or_null(*project ? (*project)->slug : ""));
  entries.emplace_back("spec", proto::text_or_null(is_live ? (*spec)->key.value.text : ""));
  entries.emplace_back("spec_id", proto::text_or_null(is_live ? (*spec)->id : ""));
  entries.emplace_back(
      "kind", proto::text_or_null(is_live ? std::string(spec::to_string((*spec)->kind)) : ""));
  entries.emplace_back("title", proto::text_or_null(is_live ? (*spec)->title : ""));
  entries.emplace_back("path", proto::text(printable_utf8(hit.path)));
  entries.emplace_back("snippet", proto::text(plain(hit.snippet)));
  entries.emplace_back("snippet_html", proto::text(html(hit.snippet)));
  return value;
}

}  // namespace

Result<net::Response> get_search(const Api& api, const net::Request& request) {
  const std::string words(request.query.get("q"));
  if (store::fts_query(words).empty())
    return fail(Code::invalid, "there is no word in what is searched for");
  const auto limit = number_in(request.query, "limit", kLimit);
  if (!limit) return tl::unexpected(limit.error());
  const auto offset = number_in(request.query, "offset", kOffset);
  if (!offset) return tl::unexpected(offset.error());
  const auto reader = api.readers.take();
  if (!reader) return tl::unexpected(reader.error());
  store::SearchQuery query{.words = words, .limit = *limit, .offset = *offset};
  if (const std::string* slug = request.query.find("project"); slug != nullptr) {
    const auto project = project_called(reader->tables(), *slug);
    if (!project) return tl::unexpected(project.error());
    query.project = project->id;
  }
  const auto search = api.searches.take();
  if (!search) return tl::unexpected(search.error());
  const auto hits = search->reader().find(query);
  if (!hits) return tl::unexpected(hits.error());
  Value found = proto::list();
  for (const store::SearchHit& hit : hits->hits) {
    auto value = to_value(hit, reader->tables());
    if (!value) return tl::unexpected(value.error());
    found.items.push_back(std::move(*value));
  }
  const bool is_ranked = hits->order == store::SearchOrder::best_first;
  Value value = proto::object();
  value.entries.emplace_back("order", proto::text(is_ranked ? "best" : "latest"));
  value.entries.emplace_back("hits", std::move(found));
  return tagged_answer(value);
}

}  // namespace specd::api
