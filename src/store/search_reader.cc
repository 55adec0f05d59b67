#include "store/columns.h"
#include "store/search.h"

namespace specd::store {
namespace {

constexpr sqlite::Database::Options kOptions{
    .access = sqlite::Access::read_only, .busy_timeout = std::chrono::seconds(1), .cache_kib = 256};

constexpr int64_t kMostRanked = 500;

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

// Ranking reads something of every match, and what thousands of files contain ranks none of them.
// So a word that common lists what changed last, which is the order of the index and ends early.
Result<SearchHits> SearchReader::find(const SearchQuery& query) {
  SearchHits found;
  const std::string words = fts_query(query.words);
  if (words.empty()) return found;
  SPECD_TRY(reopen_if_replaced());
  const auto matches = db_.integer(
      "SELECT count(*) FROM (SELECT 1 FROM texts JOIN indexed AS i ON i.id = texts.rowid "
      "WHERE texts MATCH ?1 AND (?2 IS NULL OR i.project = ?2) ORDER BY texts.rowid DESC LIMIT ?3)",
      words, query.project, kMostRanked + 1);
  if (!matches) return Failure(matches.error());
  found.order = *matches > kMostRanked ? SearchOrder::latest_first : SearchOrder::best_first;
  const auto hit_of = [](sqlite::Row& row) {
    SearchHit hit;
    hit.project = ProjectId{row.integer()};
    hit.path = row.text();
    hit.spec = spec_key(row);
    hit.snippet = row.text();
    return hit;
  };
#define SPECD_HITS                                                        \
  "SELECT i.project, i.path, i.spec, snippet(texts, 1, ?1, ?2, '…', 16) " \
  "FROM texts JOIN indexed AS i ON i.id = texts.rowid "                   \
  "WHERE texts MATCH ?3 AND (?4 IS NULL OR i.project = ?4) ORDER BY "
  auto hits = found.order == SearchOrder::best_first
                  ? db_.all(SPECD_HITS "rank LIMIT ?5 OFFSET ?6", hit_of, kMark, kUnmark, words,
                            query.project, query.limit, query.offset)
                  : db_.all(SPECD_HITS "texts.rowid DESC LIMIT ?5 OFFSET ?6", hit_of, kMark,
                            kUnmark, words, query.project, query.limit, query.offset);
  if (!hits) return Failure(std::move(hits.error()));
  found.hits = std::move(*hits);
  return found;
}

Result<SearchReader::Extent> SearchReader::extent() {
  SPECD_TRY(reopen_if_replaced());
  const auto found =
      db_.first("SELECT count(*), coalesce(max(rev), -1) FROM indexed INDEXED BY indexed_rev",
                [](sqlite::Row& row) {
                  Extent extent;
                  extent.rows = row.integer();
                  extent.last = Rev{row.integer()};
                  return extent;
                });
  if (!found) return Failure(found.error());
  return **found;
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
