#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/mutex.h"
#include "base/result.h"
#include "base/thread.h"
#include "sqlite/database.h"
#include "store/store.h"

namespace specd::store {

/// Keeps search.db (FTS5) in step with the rows of the main database, on its own thread and after
/// their commit, so that the index never slows a pull. It can be rebuilt from the rows at any time;
/// a missing or damaged one is made anew.
///
/// `notify` may be called from any thread; `step` from one at a time: `start` gives it a thread of
/// its own, tests call it by hand.
class Search {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Search>> open(const std::string& folder);
  ~Search();

  /// Something was committed: look soon. Never waits.
  void notify() SPECD_EXCLUDES(mutex_);
  /// Runs `step` after every `notify`, until `stop`. What was missed is found after the first.
  void start();
  void stop() SPECD_EXCLUDES(mutex_);
  /// Any thread. Since when something is to be indexed, as `notify` said; none: nothing is.
  [[nodiscard]] std::optional<SteadyTime> behind_since() const SPECD_EXCLUDES(mutex_);

  /// Indexes at most `limit` files whose rev is not the indexed one. Whether there is more to do.
  [[nodiscard]] Result<bool> step(int64_t limit = 200);
  /// Throws the index away; the next steps make it anew.
  [[nodiscard]] Result<> rebuild();

 private:
  struct File {
    ProjectId project;
    std::string path;
  };

  Search(std::string folder, std::unique_ptr<Reader> reader, sqlite::Database db);
  void run() SPECD_EXCLUDES(mutex_);
  /// Whether everything is indexed now.
  bool step_until_done();
  /// Compares every rev, here and there: fills `backlog_`, drops what has vanished.
  Result<> compare();
  Result<std::vector<File>> newer(int64_t limit);
  Result<> index(const std::vector<File>& files);
  Result<> index_one(const File& file);
  Result<bool> counts_differ();

  const std::string folder_;

  // step's thread only
  std::unique_ptr<Reader> reader_;
  sqlite::Database db_;
  bool compared_ = false;
  // Every row up to here is indexed, or in the backlog.
  struct {
    int64_t rev = -1;
    File file;
  } mark_;
  std::vector<File> backlog_;

  mutable Mutex mutex_;
  CondVar wake_;  // there is something to do, or the end
  CondVar end_;
  bool notified_ SPECD_GUARDED_BY(mutex_) = false;
  bool stopping_ SPECD_GUARDED_BY(mutex_) = false;
  std::optional<SteadyTime> notified_since_ SPECD_GUARDED_BY(mutex_);  ///< and not begun
  std::optional<SteadyTime> indexing_since_ SPECD_GUARDED_BY(mutex_);  ///< and not done
  Thread thread_;
};

struct SearchQuery {
  std::string_view words;  ///< as a person types them; see fts_query
  std::optional<ProjectId> project;
  int64_t limit = 20;
  int64_t offset = 0;
};

struct SearchHit {
  ProjectId project;
  std::string path;
  SpecKey spec;
  std::string snippet;  ///< some words around the match; matches between kMark and kUnmark
};

enum class SearchOrder {
  best_first,    ///< by BM25
  latest_first,  ///< what changed last: where more match than are worth ranking
};

struct SearchHits {
  SearchOrder order = SearchOrder::best_first;
  std::vector<SearchHit> hits;
};

/// Around matches in snippets and highlighted texts: control characters, which never stand in the
/// way of escaping.
inline constexpr std::string_view kMark = "\x02";
inline constexpr std::string_view kUnmark = "\x03";

/// What a person typed, as an FTS5 query: every word must occur, "quoted words" next to each other,
/// `word*` as a beginning; of what is written without spaces, any part. Nothing of FTS5's own
/// syntax gets through. Empty if there is no word.
[[nodiscard]] std::string fts_query(std::string_view words);

/// Asks search.db. Belongs to one thread at a time.
class SearchReader {
 public:
  [[nodiscard]] static Result<std::unique_ptr<SearchReader>> open(const std::string& folder);

  /// Empty for a query without words.
  [[nodiscard]] Result<SearchHits> find(const SearchQuery& query);
  /// How far the index is.
  struct Extent {
    int64_t rows = 0;  ///< of spec_files that it knows
    Rev last;          ///< the highest of theirs
  };
  [[nodiscard]] Result<Extent> extent();
  /// The indexed text of one file with every match marked; none if it does not match.
  [[nodiscard]] Result<std::optional<std::string>> highlight(ProjectId project,
                                                             std::string_view path,
                                                             std::string_view words);

 private:
  SearchReader(std::string folder, sqlite::Database db)
      : folder_(std::move(folder)), db_(std::move(db)) {}
  /// Follows a rebuild, which makes a new file.
  Result<> reopen_if_replaced();

  const std::string folder_;
  sqlite::Database db_;
};

}  // namespace specd::store
