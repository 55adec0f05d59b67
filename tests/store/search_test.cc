#include "store/search.h"

#include <rapidcheck.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "store/schema.h"
#include "tests/store/store_fixture.h"

namespace specd::store {
namespace {

class SearchTest : public StoreTest {
 protected:
  void index() {
    if (!search_) search_ = must(Search::open(folder()));
    while (must(search_->step(2))) continue;
  }
  std::vector<std::string> found(std::string_view words) {
    if (!reader_) reader_ = must(SearchReader::open(folder()));
    std::vector<std::string> paths;
    for (const SearchHit& hit : must(reader_->find({.words = words, .project = project_})).hits) {
      paths.push_back(hit.path);
    }
    std::sort(paths.begin(), paths.end());
    return paths;
  }
  using Paths = std::vector<std::string>;

  std::unique_ptr<Search> search_;
  std::unique_ptr<SearchReader> reader_;
};

TEST_F(SearchTest, FindsWhatTheRowsSayAndNothingElse) {
  writing([&] {
    pull("1.md", "the quick brown fox");
    pull("2.md", "the slow brown bear");
    pull("3.bin", std::string("quick\0", 6));
    pull("4.md", "nothing here");
    pull("5.md", "Zürich naïve");
  });
  index();
  EXPECT_EQ(found("brown"), (Paths{"1.md", "2.md"}));
  EXPECT_EQ(found("brown quick"), (Paths{"1.md"}));
  EXPECT_EQ(found("\"slow brown\""), (Paths{"2.md"}));
  EXPECT_EQ(found("\"brown slow\""), (Paths{}));
  EXPECT_EQ(found("bea*"), (Paths{"2.md"}));
  EXPECT_EQ(found("zurich"), (Paths{"5.md"}));
  EXPECT_EQ(found("   "), (Paths{}));
}

TEST_F(SearchTest, FindsAWordInTheMiddleOfARunOfCharacters) {
  writing([&] {
    pull("1.md", "# 購物車\n用户可以在購物車中添加商品。\n");
    pull("2.md", "ショッピングカートに商品を入れる");
    pull("3.md", "用户可以登录 with an APIキー");
    pull("4.md", "장바구니에 담기");
  });
  index();
  EXPECT_EQ(found("物車"), (Paths{"1.md"}));
  EXPECT_EQ(found("車物"), (Paths{}));
  EXPECT_EQ(found("可以"), (Paths{"1.md", "3.md"}));
  EXPECT_EQ(found("商品"), (Paths{"1.md", "2.md"}));
  EXPECT_EQ(found("商品 カート"), (Paths{"2.md"}));
  EXPECT_EQ(found("カート*"), (Paths{"2.md"}));
  EXPECT_EQ(found("api"), (Paths{"3.md"}));
  EXPECT_EQ(found("apiキー"), (Paths{"3.md"}));
  EXPECT_EQ(found("바구니"), (Paths{"4.md"}));
  const auto hits = must(reader_->find({.words = "購物車中", .project = {}})).hits;
  ASSERT_EQ(hits.size(), 1u);
  EXPECT_EQ(hits[0].snippet, "# 購物車\n用户可以在\x02購物車中\x03添加商品。\n");
}

TEST_F(SearchTest, TellsSinceWhenItIsBehindUntilItIsNot) {
  writing([&] { pull("1.md", "one"); });
  search_ = must(Search::open(folder()));
  EXPECT_EQ(search_->behind_since(), std::nullopt);
  const SteadyTime before = system_clock().steady();
  search_->notify();
  const auto since = search_->behind_since();
  ASSERT_TRUE(since);
  EXPECT_GE(*since, before);
  search_->notify();
  EXPECT_EQ(search_->behind_since(), since) << "the first counts";
  search_->start();
  const SteadyTime patience = before + std::chrono::seconds(10);
  while (search_->behind_since() && system_clock().steady() < patience) std::this_thread::yield();
  EXPECT_EQ(search_->behind_since(), std::nullopt);
  EXPECT_EQ(found("one"), (Paths{"1.md"}));
}

TEST_F(SearchTest, FollowsEditsDeletionsAndRenames) {
  const std::string file = path("a", "tasks.md");
  writing([&] { pull(file, "alpha"); });
  index();
  EXPECT_EQ(found("alpha"), (Paths{file}));
  writing([&] { pull(file, "beta"); });
  index();
  EXPECT_EQ(found("alpha"), (Paths{}));
  EXPECT_EQ(found("beta"), (Paths{file}));
  writing([&] {
    must(tables().files.repath(
        project_, std::vector<DirMove>{{key("a"), "openspec/changes/a", "openspec/changes/z"}},
        kNow));
  });
  index();
  EXPECT_EQ(found("beta"), (Paths{path("z", "tasks.md")}));
  writing([&] {
    must(tables().files.soft_delete(project_, path("z", "tasks.md"), rev(path("z", "tasks.md")),
                                    kNow));
  });
  index();
  EXPECT_EQ(found("beta"), (Paths{}));
  writing([&] { must(tables().projects.remove(project_)); });
  index();
  EXPECT_FALSE(must(search_->step()));
}

TEST_F(SearchTest, ALostOrDamagedIndexIsMadeAnew) {
  writing([&] { pull("1.md", "findme"); });
  index();
  for (const char* damage : {"", "this is no database, not by far"}) {
    search_.reset();
    reader_.reset();
    for (const char* suffix : {"-wal", "-shm", ""}) {
      std::filesystem::remove(folder() + "/search.db" + suffix);
    }
    if (*damage) std::ofstream(folder() + "/search.db") << damage;
    index();
    EXPECT_EQ(found("findme"), (Paths{"1.md"})) << damage;
  }
}

/// Whoever writes in this folder is no longer root, as long as this lives, who may write anything.
class NotRoot {
 public:
  explicit NotRoot(const std::string& folder) {
    if (geteuid() != 0) return;
    const std::string above = std::filesystem::path(folder).parent_path();
    give(above);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(above))
      give(entry.path());
    EXPECT_EQ(seteuid(kNobody), 0);
  }
  ~NotRoot() { EXPECT_EQ(seteuid(getuid()), 0); }
  NotRoot(const NotRoot&) = delete;
  NotRoot& operator=(const NotRoot&) = delete;

 private:
  static constexpr uid_t kNobody = 65534;
  static void give(const std::string& path) { EXPECT_EQ(chown(path.c_str(), kNobody, kNobody), 0); }
};

TEST_F(SearchTest, AnIndexThatMayNotBeWrittenToIsMadeAnew) {
  writing([&] { pull("1.md", "one"); });
  index();
  search_.reset();
  const NotRoot not_root(folder());
  for (const unsigned mode : {0400u, 0000u}) {
    const std::string path = search_path(folder());
    std::filesystem::permissions(path, std::filesystem::perms(mode));
    index();
    EXPECT_EQ(found("one"), (Paths{"1.md"})) << mode;
    search_.reset();
    reader_.reset();
    EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms(0600));
  }
}

TEST_F(SearchTest, AnIndexThatCannotBeMadeAnewIsNamed) {
  writing([&] { pull("1.md", "one"); });
  index();
  search_.reset();
  const NotRoot not_root(folder());
  std::filesystem::permissions(search_path(folder()), std::filesystem::perms(0400));
  std::filesystem::permissions(folder(), std::filesystem::perms(0500));
  const auto opened = Search::open(folder());
  std::filesystem::permissions(folder(), std::filesystem::perms(0700));
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find(folder() + ": cannot be written to"), std::string::npos)
      << opened.error().message;
}

TEST_F(SearchTest, AnIndexOfAnOlderVersionIsFilledAgain) {
  writing([&] { pull("1.md", "購物車"); });
  {
    auto older = must(sqlite::Database::open(search_path(folder()), {}));
    must(sqlite::migrate(older, {.application_id = 0x73706373,
                                 .what = "specd search index",
                                 .migrations = search_migrations().first(2)}));
    must(
        older.script("INSERT INTO indexed (project, path, spec, rev) SELECT 1, '1.md', '', 1;"
                     "INSERT INTO texts (rowid, path, content) VALUES (1, '1.md', '購物車')"));
  }
  index();
  EXPECT_EQ(found("物車"), (Paths{"1.md"}));
}

TEST_F(SearchTest, AnIndexAheadOfADatabaseThatLostCommitsCatchesUp) {
  writing([&] {
    for (int i = 0; i < 5; ++i) pull("1.md", "later " + std::to_string(i));
  });
  index();
  search_.reset();
  fresh();
  writing([&] { pull("1.md", "earlier"); });
  std::filesystem::create_directories(folder());
  index();
  EXPECT_EQ(found("later"), (Paths{}));
  EXPECT_EQ(found("earlier"), (Paths{"1.md"}));
}

TEST_F(SearchTest, AReaderFollowsARebuild) {
  writing([&] { pull("1.md", "findme"); });
  index();
  EXPECT_EQ(found("findme"), (Paths{"1.md"}));
  must(search_->rebuild());
  EXPECT_EQ(found("findme"), (Paths{}));
  index();
  EXPECT_EQ(found("findme"), (Paths{"1.md"}));
}

TEST_F(SearchTest, MarksMatchesInSnippetsAndInTheWholeText) {
  writing([&] { pull("1.md", "one needle two"); });
  index();
  reader_ = must(SearchReader::open(folder()));
  const auto hits = must(reader_->find({.words = "needle", .project = {}})).hits;
  ASSERT_EQ(hits.size(), 1u);
  EXPECT_EQ(hits[0].snippet, "one \x02needle\x03 two");
  EXPECT_EQ(hits[0].spec, key("a"));
  EXPECT_EQ(must(reader_->highlight(project_, "1.md", "two")), "one needle \x02two\x03");
  EXPECT_EQ(must(reader_->highlight(project_, "1.md", "absent")), std::nullopt);
}

TEST_F(SearchTest, ARowThatMovesOnBetweenTwoStepsHidesNoOther) {
  writing([&] {
    pull("1.md", "one");
    pull("2.md", "two");
  });
  search_ = must(Search::open(folder()));
  must(search_->step(1));  // one of the two is indexed, the other waits
  writing([&] { pull("2.md", "needle"); });
  writing([&] { pull("1.md", "one more"); });
  while (must(search_->step(1))) continue;
  EXPECT_EQ(found("needle"), (Paths{"2.md"}));
  EXPECT_EQ(found("more"), (Paths{"1.md"}));
}

TEST_F(SearchTest, TheThreadIndexesAfterANotify) {
  search_ = must(Search::open(folder()));
  search_->start();
  writing([&] { pull("1.md", "findme"); });
  search_->notify();
  reader_ = must(SearchReader::open(folder()));
  // Bounded by the test's own timeout; nothing here depends on how long it takes.
  while (found("findme").empty()) std::this_thread::yield();
  search_->stop();
  EXPECT_EQ(found("findme"), (Paths{"1.md"}));
}

TEST_F(SearchTest, NothingThatAPersonTypesIsASyntaxError) {
  writing([&] { pull("1.md", "x"); });
  index();
  reader_ = must(SearchReader::open(folder()));
  const char* hostile[] = {"\"",  "\"\"", "*",           "a OR",   "NOT",  "NEAR(a b",
                           "a:b", "^x",   "(",           "{a}: b", "-x",   "a\"b",
                           "'",   "+",    "\"a\"*\"b\"", "—",      "x — y"};
  for (const char* words : hostile) {
    EXPECT_TRUE(reader_->find({.words = words, .project = {}})) << words;
  }
  EXPECT_TRUE(rc::check([&](const std::string& any) {
    std::string words = any;
    std::erase(words, '\0');
    RC_ASSERT(reader_->find({.words = words, .project = {}}).has_value());
  }));
}

TEST_F(SearchTest, WhatIsCommonIsListedByItsLastChangeAndWhatIsRareByRank) {
  const auto name = [](int i) { return path("a", "n" + std::to_string(1000 + i) + ".md"); };
  writing([&] {
    for (int i = 0; i < 510; ++i) pull(name(i), i % 200 == 0 ? "common rare rare" : "common");
  });
  while (search_ == nullptr || must(search_->step(1000))) {
    if (!search_) search_ = must(Search::open(folder()));
  }
  reader_ = must(SearchReader::open(folder()));
  const auto ask = [&](std::string_view words, int64_t limit, int64_t offset) {
    return must(
        reader_->find({.words = words, .project = project_, .limit = limit, .offset = offset}));
  };
  SearchHits hits = ask("common", 2, 0);
  EXPECT_EQ(hits.order, SearchOrder::latest_first);
  ASSERT_EQ(hits.hits.size(), 2u);
  EXPECT_EQ(hits.hits[0].path, name(509));
  EXPECT_EQ(hits.hits[1].path, name(508));
  EXPECT_EQ(ask("common", 2, 2).hits[0].path, name(507));
  EXPECT_EQ(ask("common", 20, 505).hits.size(), 5u);
  EXPECT_EQ(ask("rare", 20, 0).order, SearchOrder::best_first);
  EXPECT_EQ(ask("rare", 20, 0).hits.size(), 3u);
  // What changes goes to the top.
  writing([&] { pull(name(3), "common again"); });
  while (must(search_->step(1000))) continue;
  EXPECT_EQ(ask("common", 1, 0).hits[0].path, name(3));
  // And so it is in an index that is made anew.
  must(search_->rebuild());
  while (must(search_->step(50))) continue;
  hits = ask("common", 2, 0);
  EXPECT_EQ(hits.hits[0].path, name(3));
  EXPECT_EQ(hits.hits[1].path, name(509));
}

TEST_F(SearchTest, ShortPrefixesHaveAnIndex) {
  writing([&] { pull(path("a", "tasks.md"), "zebra crossing"); });
  index();
  EXPECT_EQ(found("z*"), (Paths{path("a", "tasks.md")}));
  EXPECT_EQ(found("ze* cro*"), (Paths{path("a", "tasks.md")}));
}

}  // namespace
}  // namespace specd::store
