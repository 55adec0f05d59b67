#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>

#include "base/rng.h"
#include "tests/store/store_fixture.h"

namespace specd::store {
namespace {

using Strings = std::vector<std::string>;

class SpecsFindTest : public StoreTest {
 protected:
  void add(Spec made) {
    writing([&] { must(tables().specs.insert(made)); });
  }
  Strings keys(const std::vector<Spec>& specs) {
    Strings keys;
    for (const Spec& spec : specs) keys.push_back(spec.key.value.text);
    return keys;
  }
  struct Page {
    Strings keys;
    std::optional<SpecPlaceInOrder> next;
  };
  Page page(const SpecQuery& query) {
    Page page;
    const auto keep = [&](const SpecSummary& spec) { page.keys.emplace_back(spec.key); };
    const SpecPage told = must(tables().specs.find(query, keep));
    EXPECT_EQ(told.count, static_cast<int64_t>(page.keys.size()));
    page.next = told.next;
    return page;
  }
  Strings found(const SpecQuery& query) {
    const Strings found = page(query).keys;
    EXPECT_EQ(must(tables().specs.count(query)), static_cast<int64_t>(found.size()));
    return found;
  }
  /// All pages, one after the other; `between` is called after each.
  Strings paged(SpecQuery query, const std::function<void()>& between = [] {}) {
    Strings all;
    for (int i = 0; i < 1000; ++i) {
      const Page one = page(query);
      EXPECT_LE(one.keys.size(), static_cast<size_t>(query.limit));
      all.insert(all.end(), one.keys.begin(), one.keys.end());
      if (!one.next) return all;
      query.after = one.next;
      between();
    }
    ADD_FAILURE() << "no end";
    return all;
  }
  /// Some that agree in much, so that there are ties.
  void add_many(size_t count) {
    const std::vector<std::string> priorities{"", "low", "medium", "high", "critical", "soon"};
    const std::vector<spec::Kind> kinds{spec::Kind::change, spec::Kind::archived,
                                        spec::Kind::capability};
    for (size_t i = 0; i < count; ++i) {
      Spec made = spec("s" + std::to_string(i));
      made.kind = kinds[i % kinds.size()];
      made.title = "t" + std::to_string(i * 7 % 5);
      made.status = i % 4 == 0 ? "done" : "open";
      made.priority = priorities[i * 5 % priorities.size()];
      made.tasks_total = static_cast<int64_t>(i % 4);
      made.tasks_done = static_cast<int64_t>(i % 4 == 0 ? 0 : i % 3 % (i % 4 + 1));
      if (i % 3 != 0)
        made.filesystem_modified_at = from_us(to_us(kNow) + static_cast<int64_t>(i % 6));
      if (i % 2 != 0) made.db_modified_at = from_us(to_us(kNow) + static_cast<int64_t>(i % 5));
      add(made);
    }
  }
};

int rank(const Spec& spec) {
  const Strings known{"critical", "high", "medium", "low"};
  const auto at = std::find(known.begin(), known.end(), spec.priority);
  if (at != known.end()) return static_cast<int>(at - known.begin());
  return spec.priority.empty() ? 9 : 5;
}

int64_t share(const Spec& spec) {
  return spec.tasks_total == 0 ? -1 : spec.tasks_done * 1'000'000 / spec.tasks_total;
}

WallTime updated(const Spec& spec) {
  return std::max(spec.filesystem_modified_at.value_or(WallTime{}),
                  spec.db_modified_at.value_or(WallTime{}));
}

TEST_F(SpecsFindTest, PagesInAnyOrderAreTheWholeListInThatOrder) {
  add_many(40);
  const std::vector<Spec> all = must(tables().specs.list_live(project_));
  using Less = std::function<bool(const Spec&, const Spec&)>;
  const auto by = [](auto value) {
    return [value](const Spec& a, const Spec& b) {
      return std::make_pair(value(a), a.key.value.text) <
             std::make_pair(value(b), b.key.value.text);
    };
  };
  const std::vector<std::pair<SpecSort, Less>> orders{
      {SpecSort::id, by([](const Spec& s) { return std::string(to_string(s.kind)) + "/" + s.id; })},
      {SpecSort::title, by([](const Spec& s) { return s.title; })},
      {SpecSort::status, by([](const Spec& s) { return s.status; })},
      {SpecSort::priority, by(rank)},
      {SpecSort::progress, by(share)},
      {SpecSort::updated, by(updated)},
      {SpecSort::created, by([](const Spec&) { return 0; })}};
  for (const auto& [sort, less] : orders) {
    std::vector<Spec> expected = all;
    std::sort(expected.begin(), expected.end(), less);
    for (const SortOrder order : {SortOrder::ascending, SortOrder::descending}) {
      for (const int64_t limit : {1, 3, 7, 40, 41, 1000}) {
        for (const bool is_in_one : {true, false}) {
          SpecQuery query{.sort = sort, .order = order, .limit = limit};
          if (is_in_one) query.project = project_;
          EXPECT_EQ(paged(query), keys(expected))
              << "sort " << static_cast<int>(sort) << ", limit " << limit;
        }
      }
      std::reverse(expected.begin(), expected.end());
    }
  }
}

TEST_F(SpecsFindTest, CreatedIsWhatTheSpecSaysAndElseWhenItWasFirstSeen) {
  Strings expected;
  const auto add_said = [&](const char* id, const char* seen, std::optional<std::string> said) {
    Spec made = spec(id);
    made.key = SpecKey{Ulid{seen + std::string("0000000000000000")}};
    made.front_matter = std::move(said);
    add(made);
    expected.push_back(made.key.value.text);
  };
  add_said("a1", "01JZZZZZZZ", R"({"created": "x", "created_at": "2023-01-02T00:00:00+02:00"})");
  add_said("b1", "01JZZZZZZY", R"({"created": "2023-01-02"})");
  add_said("c1", "01JZZZZZZX", R"({"created": "2023-01-02T08:00:00.5Z", "created_at": 7})");
  add_said("d1", "01JZZZZZZW", R"({"created": "2023-01-01", "created_at": "2024-06-09 20:05:41"})");
  add_said("e1", "01J0000000", R"({"created": "now", "created_at": {"a": "2020-01-01"}})");
  add_said("f1", "01J0000001", "no JSON");
  add_said("g1", "01J0000002", std::nullopt);
  add_said("h1", "01JZZZZZZV", R"({"created": "2024-06-11"})");
  Spec first = must(tables().specs.live(project_, spec::Kind::change, "a")).value();
  first.deleted_at = kNow;
  writing([&] { must(tables().specs.update(first)); });
  EXPECT_EQ(paged({.sort = SpecSort::created, .limit = 2}), expected);
  std::reverse(expected.begin(), expected.end());
  EXPECT_EQ(paged({.sort = SpecSort::created, .order = SortOrder::descending, .limit = 3}),
            expected);
}

TEST_F(SpecsFindTest, PagesShowEverySpecOnceThatStaysWhateverOthersDo) {
  add_many(30);
  const std::vector<Spec> all = must(tables().specs.list_live(project_));
  for (const SpecSort sort : {SpecSort::id, SpecSort::title, SpecSort::updated}) {
    std::multiset<std::string> moved;
    size_t next = 0;
    const Strings shown = paged({.project = project_, .sort = sort, .limit = 4}, [&] {
      Spec other = all[next++ * 3 % all.size()];
      other.title += "x";
      other.db_modified_at = from_us(to_us(kNow) + 100 + static_cast<int64_t>(next));
      moved.insert(other.key.value.text);
      writing([&] { must(tables().specs.update(other)); });
    });
    for (const Spec& spec : all) {
      if (moved.contains(spec.key.value.text)) continue;
      EXPECT_EQ(std::count(shown.begin(), shown.end(), spec.key.value.text), 1) << spec.id;
    }
  }
}

TEST_F(SpecsFindTest, AListGoesOnAfterASpecThatIsGone) {
  add_many(6);
  SpecQuery query{.project = project_, .limit = 2};
  const Page first = page(query);
  Spec last = must(tables().specs.get(SpecKey{Ulid{first.keys.back()}})).value();
  last.deleted_at = kNow;
  writing([&] { must(tables().specs.update(last)); });
  const Strings rest = keys(must(tables().specs.list_live(project_)));
  query.after = first.next;
  query.limit = 100;
  EXPECT_EQ(found({.project = project_}).size(), 6u);
  EXPECT_EQ(page(query).keys, Strings(rest.begin() + 1, rest.end()));
}

TEST_F(SpecsFindTest, ASummaryTellsWhatTheSpecHas) {
  Spec made = spec("b");
  made.title = "T";
  made.status = "open";
  made.priority = "high";
  made.tags = {"x", "y"};
  made.assignee = "ann";
  made.tasks_done = 1;
  made.tasks_total = 2;
  made.progress = spec::Progress::in_progress;
  made.last_synced_at = kNow;
  made.sync_error = "E";
  add(made);
  int seen = 0;
  must(tables().specs.find({.text = "b"}, [&](const SpecSummary& told) {
    ++seen;
    const Spec whole = must(tables().specs.get(made.key)).value();
    EXPECT_EQ(told.key, whole.key.value.text);
    EXPECT_EQ(told.project, project_);
    EXPECT_EQ(told.kind, whole.kind);
    EXPECT_EQ(told.id, "b");
    EXPECT_EQ(told.change_id, "b");
    EXPECT_EQ(told.dir, whole.dir);
    EXPECT_EQ(told.title, "T");
    EXPECT_EQ(told.status, "open");
    EXPECT_EQ(told.priority, "high");
    EXPECT_EQ(told.tags, whole.tags);
    EXPECT_EQ(told.assignee, "ann");
    EXPECT_EQ(told.tasks_done, 1);
    EXPECT_EQ(told.tasks_total, 2);
    EXPECT_EQ(told.progress, spec::Progress::in_progress);
    EXPECT_EQ(told.version, whole.version);
    EXPECT_EQ(told.last_synced_at, kNow);
    EXPECT_EQ(told.filesystem_modified_at, std::nullopt);
    EXPECT_EQ(told.db_modified_at, std::nullopt);
    EXPECT_EQ(told.sync_error, "E");
    EXPECT_EQ(told.archived_at, std::nullopt);
  }));
  EXPECT_EQ(seen, 1);
}

TEST_F(SpecsFindTest, Filters) {
  const auto with = [&](const std::string& id, const std::function<void(Spec&)>& set) {
    Spec made = spec(id);
    set(made);
    add(made);
  };
  with("b", [](Spec& s) { s.title = "100% of_it"; });
  with("c", [](Spec& s) {
    s.kind = spec::Kind::capability;
    s.tags = {"api", "ui"};
  });
  with("d", [](Spec& s) {
    s.status = "done";
    s.assignee = "mia";
    s.priority = "high";
    s.tags = {"ui"};
    s.tasks_total = s.tasks_done = 1;
    s.progress = spec::Progress::complete;
  });
  with("gone", [](Spec& s) { s.deleted_at = kNow; });
  const auto ids = [&](SpecQuery query) {
    query.project = project_;
    std::string all;
    for (const std::string& key : found(query)) all += key.substr(4);  // KEY-…
    return all;
  };
  EXPECT_EQ(ids({}), "cabd");
  EXPECT_EQ(ids({.kinds = {"capability"}}), "c");
  EXPECT_EQ(ids({.kinds = {"capability", "change"}}), "cabd");
  EXPECT_EQ(ids({.statuses = {"done", "none"}}), "d");
  EXPECT_EQ(ids({.priorities = {"high"}}), "d");
  EXPECT_EQ(ids({.assignees = {"mia"}}), "d");
  EXPECT_EQ(ids({.progresses = {"complete"}}), "d");
  EXPECT_EQ(ids({.tags = {"ui"}}), "cd");
  EXPECT_EQ(ids({.tags = {"api", "none"}}), "c");
  EXPECT_EQ(ids({.tags = {"u"}}), "");
  EXPECT_EQ(ids({.text = "0% OF_"}), "b");
  EXPECT_EQ(ids({.text = "%"}), "b");
  EXPECT_EQ(ids({.text = "_"}), "b");
  EXPECT_EQ(ids({.text = "\\"}), "");
  with("e", [](Spec& s) { s.title = "Überblick: ÉCOLE ΑΘΗΝΑ"; });
  EXPECT_EQ(ids({.text = "überBLICK"}), "e");
  EXPECT_EQ(ids({.text = "école αθη"}), "e");
  EXPECT_EQ(ids({.text = "e\u0301cole"}), "e") << "however it is composed";
  EXPECT_EQ(ids({.text = "uber"}), "") << "another letter";
  EXPECT_EQ(ids({.statuses = {"done"}, .text = "c"}), "");
  EXPECT_EQ(found({.project = ProjectId{99}}), Strings());
}

TEST_F(SpecsFindTest, TagsThatAreNoJsonMatchNothing) {
  Spec made = spec("b");
  made.tags = {"ui"};
  add(made);
  writing([&] { must(tables().specs.update(made)); });
  sqlite::Database foreign = must(sqlite::Database::open(store_->path(), {}));
  must(foreign.run("UPDATE specs SET tags = 'ui' WHERE id = 'a'"));
  EXPECT_EQ(found({.project = project_, .tags = {"ui"}}), Strings{"KEY-b"});
}

}  // namespace
}  // namespace specd::store
