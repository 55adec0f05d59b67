#include "store/columns.h"
#include "store/search.h"

namespace specd::store {
namespace {

constexpr sqlite::Database::Options kOptions{
    .access = sqlite::Access::read_only, .busy_timeout = std::chrono::seconds(1), .cache_kib = 256};

}  // namespace

Result<std::unique_ptr<SearchReader>> SearchReader::open(const std::string& folder) {
  auto db = sqlite::Database::open(search_path(folder), kOptions);
  if (!db) return Failure(std::move(db.error()));
  return std::unique_ptr<SearchReader>(new SearchReader(folder, std::move(*db)));
}

Result<> SearchReader::reopen_if_replaced() {
  const auto replaced = db_.replaced();
  if (!replaced) return Failure(replaced.error());
  if (!*replaced) return {};
  auto db = sqlite::Database::open(search_path(folder_), kOptions);
  if (!db) return Failure(std::move(db.error()));
  db_ = std::move(*db);
  return {};
}

Result<std::vector<SearchHit>> SearchReader::find(const SearchQuery& query) {
  const std::string words = fts_query(query.words);
  if (words.empty()) return std::vector<SearchHit>{};
  SPECD_TRY(reopen_if_replaced());
  const auto hit_of = [](sqlite::Row& row) {
    SearchHit hit;
    hit.project = ProjectId{row.integer()};
    hit.path = row.text();
    hit.spec = spec_key(row);
    hit.snippet = row.text();
    return hit;
  };
  return db_.all(
      "SELECT i.project, i.path, i.spec, snippet(texts, 1, ?1, ?2, '…', 16) "
      "FROM texts JOIN indexed AS i ON i.id = texts.rowid "
      "WHERE texts MATCH ?3 AND (?4 IS NULL OR i.project = ?4) ORDER BY rank LIMIT ?5 OFFSET ?6",
      hit_of, kMark, kUnmark, words, query.project, query.limit, query.offset);
}

Result<std::optional<std::string>> SearchReader::highlight(ProjectId project, std::string_view path,
                                                           std::string_view words) {
  const std::string query = fts_query(words);
  if (query.empty()) return std::nullopt;
  SPECD_TRY(reopen_if_replaced());
  return db_.first(
      "SELECT highlight(texts, 1, ?, ?) FROM texts WHERE texts MATCH ? "
      "AND texts.rowid = (SELECT id FROM indexed WHERE project = ? AND path = ?)",
      [](sqlite::Row& row) { return row.text(); }, kMark, kUnmark, query, project, path);
}

}  // namespace specd::store
