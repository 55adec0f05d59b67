#include "store/search.h"
#include "tests/api/api_fixture.h"

namespace specd::api {
namespace {

using testing::HasSubstr;

class SpecsTest : public ApiTest {
 protected:
  void add(const std::string& id, spec::Kind kind) {
    store::Spec made = spec(id);
    made.kind = kind;
    made.key = key(std::string(spec::to_string(kind)) + "-" + id);
    made.dir = std::string(spec::to_string(kind)) + "/" + id;
    writing([&] { store::must(tables().specs.insert(made)); });
  }
  std::string key_of(const std::string& name) {
    return at(get("/api/v1/projects/alpha/specs/" + name).body, "key");
  }
};

TEST_F(SpecsTest, ShowsOneSpecWithItsFiles) {
  writing([&] {
    pull(path("a", "tasks.md"), "- [x] one\n");
    store::must(tables().states.set_error(project_, path("a", "bad.md"), key("a"),
                                          spec::Role::other, "not UTF-8"));
  });
  const auto answer = get("/api/v1/projects/alpha/specs/KEY-a");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(at(answer.body, "id"), "a");
  EXPECT_EQ(at(answer.body, "deleted_at"), "null");
  EXPECT_EQ(at(answer.body, "front_matter"), "null");
  EXPECT_EQ(at(answer.body, "files/0/path"), path("a", "tasks.md"));
  EXPECT_EQ(at(answer.body, "files/0/version"), sha256("- [x] one\n").hex());
  EXPECT_EQ(at(answer.body, "files/0/in_step"), "true");
  EXPECT_EQ(at(answer.body, "files/1/error"), "not UTF-8");
  EXPECT_EQ(at(answer.body, "files/1/version"), "null");
  const std::string condition = "If-None-Match: " + answer.headers.at("ETag") + "\r\n";
  EXPECT_EQ(client().get("/api/v1/projects/alpha/specs/KEY-a", condition).status, 304);
}

TEST_F(SpecsTest, AnAnswerFollowsEveryCommitWhoeverMakesIt) {
  const std::string one = "/api/v1/projects/alpha/specs/KEY-a";
  EXPECT_EQ(at(get(one).body, "title"), at(get(one).body, "title"));
  auto foreign = store::must(sqlite::Database::open(store::database_path(folder()), {}));
  for (const std::string title : {"first", "second", "third"}) {
    EXPECT_EQ(store::must(foreign.run("UPDATE specs SET title = ? WHERE key = 'KEY-a'", title)), 1);
    EXPECT_EQ(at(get(one).body, "title"), title);
    EXPECT_EQ(at(get("/api/v1/projects/alpha/specs?fields=title").body, "specs/0/title"), title);
  }
}

TEST_F(SpecsTest, FindsAnArchivedChangeByTheIdThatItHad) {
  const auto archive = [&](const std::string& date) {
    store::Spec spec =
        store::must(tables().specs.live(project_, spec::Kind::archived, date)).value();
    spec.change_id = "add-login";
    writing([&] { store::must(tables().specs.update(spec)); });
  };
  add("2026-01-02-add-login", spec::Kind::archived);
  archive("2026-01-02-add-login");
  EXPECT_EQ(key_of("add-login"), "KEY-archived-2026-01-02-add-login");
  expect_problem(get("/api/v1/projects/alpha/specs/add-login?kind=change"), 404, "not_found");
  add("2026-02-03-add-login", spec::Kind::archived);
  archive("2026-02-03-add-login");
  expect_problem(get("/api/v1/projects/alpha/specs/add-login"), 409, "conflict");
  add("add-login", spec::Kind::change);
  EXPECT_EQ(key_of("add-login"), "KEY-change-add-login") << "the one that is open now";
}

TEST_F(SpecsTest, FindsASpecByKeyIdKindAndNumber) {
  add("x", spec::Kind::archived);
  add("x", spec::Kind::change);
  add("deep/er", spec::Kind::capability);
  add("035-login", spec::Kind::leanspec);
  EXPECT_EQ(key_of("KEY-a"), "KEY-a");
  EXPECT_EQ(key_of("a"), "KEY-a");
  EXPECT_EQ(key_of("x"), "KEY-change-x") << "the active one";
  EXPECT_EQ(key_of("x?kind=archived"), "KEY-archived-x");
  EXPECT_EQ(key_of("deep%2Fer"), "KEY-capability-deep/er");
  EXPECT_EQ(key_of("035"), "KEY-leanspec-035-login");
  EXPECT_EQ(key_of("35"), "KEY-leanspec-035-login");
  EXPECT_EQ(key_of("0035"), "KEY-leanspec-035-login");
  expect_problem(get("/api/v1/projects/alpha/specs/35?kind=change"), 404, "not_found");
  expect_problem(get("/api/v1/projects/alpha/specs/5"), 404, "not_found");
  add("035-logout", spec::Kind::leanspec);
  expect_problem(get("/api/v1/projects/alpha/specs/035"), 409, "conflict");
  expect_problem(get("/api/v1/projects/alpha/specs/none"), 404, "not_found");
  expect_problem(get("/api/v1/projects/none/specs/a"), 404, "not_found");
  expect_problem(get("/api/v1/projects/alpha/specs/b?kind=none"), 400, "invalid");
}

TEST_F(SpecsTest, SearchFindsWordsAndMarksThem) {
  writing([&] {
    pull(path("a", "tasks.md"), "the quick <brown> fox & more\n");
    pull(path("a", "design.md"), "slow\n");
  });
  const auto search = store::must(store::Search::open(folder()));
  while (store::must(search->step(10))) continue;
  const auto answer = get("/api/v1/search?q=brown&project=alpha");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(at(answer.body, "hits/0/path"), path("a", "tasks.md"));
  EXPECT_EQ(at(answer.body, "hits/0/project"), "alpha");
  EXPECT_EQ(at(answer.body, "hits/0/spec"), "KEY-a");
  EXPECT_EQ(at(answer.body, "hits/0/spec_id"), "a");
  EXPECT_THAT(at(answer.body, "hits/0/snippet"), HasSubstr("quick <brown> fox & more"));
  EXPECT_THAT(at(answer.body, "hits/0/snippet_html"),
              HasSubstr("quick &lt;<mark>brown</mark>&gt; fox &amp; more"));
  EXPECT_EQ(at(answer.body, "hits/1/path"), "nothing at hits/1/path");
  EXPECT_EQ(at(get("/api/v1/search?q=qui*").body, "hits/0/spec_id"), "a");
  EXPECT_EQ(at(get("/api/v1/search?q=absent").body, "hits/0/spec_id"), "nothing at hits/0/spec_id");
  for (const char* query : {"", "?q=", "?q=%22%22", "?q=a&limit=x"})
    expect_problem(get("/api/v1/search" + std::string(query)), 400, "invalid");
  expect_problem(get("/api/v1/search?q=a&project=none"), 404, "not_found");
}

TEST_F(SpecsTest, ListsInPagesThatFollowEachOther) {
  for (const char* id : {"b", "c", "d", "e"}) add(id, spec::Kind::change);
  writing([&] { store::must(tables().projects.add(project("beta"))); });
  const auto pages = [&](const std::string& target) {
    std::string ids;
    std::string cursor;
    for (int i = 0; i < 9; ++i) {
      const std::string body = get(target + "limit=2" + cursor).body;
      for (const char* at_id : {"specs/0/id", "specs/1/id"}) {
        if (const std::string id = at(body, at_id); id.size() == 1) ids += id;
      }
      if (at(body, "next") == "null") return ids;
      EXPECT_EQ(at(body, "total"), "null") << "not asked for";
      cursor = "&cursor=" + at(body, "next");
      ids += "|";
    }
    return ids + " without an end";
  };
  EXPECT_EQ(pages("/api/v1/projects/alpha/specs?"), "ab|cd|e");
  EXPECT_EQ(pages("/api/v1/specs?sort=-id&"), "ed|cb|a");
  EXPECT_EQ(pages("/api/v1/specs?sort=-title&project=alpha&"), "ed|cb|a");
  EXPECT_EQ(pages("/api/v1/specs?project=beta&"), "");
  for (const char* query : {"cursor=", "cursor=7b7d", "cursor=xx", "sort=size", "kind=change,x",
                            "progress=done", "fields=key,size"})
    expect_problem(get(std::string("/api/v1/specs?") + query), 400, "invalid");
}

TEST_F(SpecsTest, ACursorIsRefusedInAnyOtherList) {
  for (const char* id : {"b", "c", "d"}) add(id, spec::Kind::change);
  writing([&] { store::must(tables().projects.add(project("beta"))); });
  const std::string filters = "kind=change,archived&project=alpha&sort=title&q=";
  const std::string next = at(get("/api/v1/specs?limit=2&" + filters).body, "next");
  const auto ask = [&](const std::string& query) {
    return get("/api/v1/specs?cursor=" + next + "&" + query);
  };
  for (const char* same : {"kind=archived,change&project=alpha&sort=title&limit=1",
                           "sort=title&q=&kind=archived&kind=change&project=alpha",
                           "kind=change,archived&project=alpha&sort=title&fields=id&total=true"})
    EXPECT_EQ(at(ask(same).body, "specs/0/id"), "c") << same;
  EXPECT_EQ(
      at(get("/api/v1/projects/alpha/specs?kind=change,archived&sort=title&cursor=" + next).body,
         "specs/0/id"),
      "c");
  for (const std::string& other :
       {std::string("project=alpha"), filters + "x", filters + "&status=done", filters + "&tag=x",
        filters + "&priority=high", filters + "&assignee=ann", filters + "&progress=complete",
        filters + "&kind=capability", std::string("kind=change,archived&sort=title"),
        std::string("kind=change,archived&project=beta&sort=title"),
        std::string("kind=change,archived&project=alpha&sort=-title")})
    expect_problem(ask(other), 400, "cursor_mismatch");
}

TEST_F(SpecsTest, AListOfWordsHasCommasBetweenThemAndEncodedOnesInThem) {
  const auto add_with = [&](const std::string& id, std::vector<std::string> tags) {
    store::Spec made = spec(id);
    made.tags = std::move(tags);
    writing([&] { store::must(tables().specs.insert(made)); });
  };
  add_with("b", {"red, or blue"});
  add_with("c", {"red"});
  const auto found = [&](const std::string& query) {
    return at(get("/api/v1/specs?fields=id&" + query).body, "total");
  };
  EXPECT_EQ(found("tag=red%2C%20or%20blue"), "1");
  EXPECT_EQ(found("tag=red%2c+or+blue,red"), "2");
  EXPECT_EQ(found("tag=red%2C+or+blue&tag=red"), "2");
  EXPECT_EQ(found("tag=red,%20or%20blue"), "1") << "two words";
  EXPECT_EQ(found("tag=or"), "0");
}

TEST_F(SpecsTest, ListsOnlyTheFieldsThatAreAskedFor) {
  const std::string body = get("/api/v1/specs?fields=id,status&fields=project").body;
  EXPECT_EQ(body,
            R"({"total":1,"next":null,"specs":[{"project":"alpha","id":"a","status":null}]})");
}

TEST_F(SpecsTest, ListsTasksWithTheirLines) {
  facts_.tasks_total = 2;
  facts_.tasks_done = 1;
  const std::string text = "# T\n- [x] one\ntext\n  - [ ] two \"quoted\"\n";
  writing([&] { pull(path("a", "tasks.md"), text); });
  facts_ = {};
  writing([&] { pull(path("a", "design.md"), "- [ ] no task of the change\n"); });
  const std::string body = get("/api/v1/projects/alpha/specs/a/tasks").body;
  EXPECT_EQ(at(body, "files/0/path"), path("a", "tasks.md"));
  EXPECT_EQ(at(body, "files/0/version"), sha256(text).hex());
  EXPECT_EQ(at(body, "files/0/tasks/0/line"), "2");
  EXPECT_EQ(at(body, "files/0/tasks/0/text"), "one");
  EXPECT_EQ(at(body, "files/0/tasks/0/done"), "true");
  EXPECT_EQ(at(body, "files/0/tasks/1/line"), "4");
  EXPECT_EQ(at(body, "files/0/tasks/1/text"), "two \"quoted\"");
  EXPECT_EQ(at(body, "files/0/tasks/1/done"), "false");
  EXPECT_EQ(at(body, "files/1/path"), "nothing at files/1/path");
  expect_problem(get("/api/v1/projects/alpha/specs/none/tasks"), 404, "not_found");
}

TEST_F(SpecsTest, TellsWhatAFileContainedBefore) {
  const std::string file = path("a", "tasks.md");
  for (const char* text : {"one", "two", "three"}) writing([&] { pull(file, text); });
  writing([&] { store::must(tables().rescued.move_to_versions(tables().versions, 1)); });
  const std::string versions = "/api/v1/projects/alpha/versions";
  const std::string body = get(versions + "?path=" + file).body;
  EXPECT_EQ(at(body, "path"), file);
  EXPECT_EQ(at(body, "versions/0/version"), sha256("two").hex()) << "put aside a moment ago";
  EXPECT_EQ(at(body, "versions/0/size"), "3");
  EXPECT_EQ(at(body, "versions/0/reason"), "superseded");
  EXPECT_EQ(at(body, "versions/0/origin"), "disk");
  EXPECT_EQ(at(body, "versions/1/version"), sha256("one").hex());
  EXPECT_EQ(at(body, "versions/2/version"), "nothing at versions/2/version");
  EXPECT_EQ(at(get(versions + "?limit=1&path=" + file).body, "versions/1/version"),
            "nothing at versions/1/version");
  for (const char* text : {"one", "two"}) {
    const auto content = get(versions + "/" + sha256(text).hex() + "?path=" + file);
    EXPECT_EQ(content.body, text);
    EXPECT_EQ(content.headers.at("Content-Type"), "text/markdown; charset=utf-8");
  }
  const std::string one = versions + "/" + sha256("one").hex();
  expect_problem(get(one + "?path=" + path("a", "design.md")), 404, "not_found");
  expect_problem(get(versions + "/" + sha256("four").hex() + "?path=" + file), 404, "not_found");
  for (const std::string& wrong : {versions, versions + "?path=../x", versions + "?path=/x", one,
                                   versions + "/xyz?path=" + file})
    expect_problem(get(wrong), 400, "invalid");
}

TEST_F(SpecsTest, ShowsConflictsWithTheirTexts) {
  const std::string file = path("a", "tasks.md");
  for (const char* text : {"base", "of the database", "of the disk"})
    writing([&] { pull(file, text); });
  store::Conflict conflict{.project = project_, .spec = key("a"), .path = file};
  conflict.base = sha256("base");
  conflict.row = sha256("of the database");
  conflict.disk = sha256("of the disk");
  conflict.detected_at = store::kNow;
  store::ConflictId id;
  writing([&] {
    store::must(tables().conflicts.add(conflict));
    conflict.base = sha256("not kept");
    conflict.disk = std::nullopt;
    conflict.kind = store::ConflictKind::deleted_on_disk;
    id = store::must(tables().conflicts.add(conflict));
  });
  const std::string body = get("/api/v1/conflicts?project=alpha&spec=KEY-a&limit=1").body;
  EXPECT_EQ(at(body, "conflicts/0/id"), std::to_string(id.value));
  EXPECT_EQ(at(body, "conflicts/0/kind"), "deleted_on_disk");
  EXPECT_EQ(at(body, "conflicts/0/disk_version"), "null");
  EXPECT_EQ(at(body, "conflicts/0/resolution"), "open");
  const std::string older = get("/api/v1/conflicts?before=" + at(body, "before")).body;
  EXPECT_EQ(at(older, "before"), "null");
  EXPECT_EQ(at(older, "conflicts/0/base_version"), sha256("base").hex());
  EXPECT_EQ(at(older, "conflicts/0/spec_id"), "a");
  const std::string one = get("/api/v1/conflicts/" + at(older, "conflicts/0/id")).body;
  EXPECT_EQ(at(one, "path"), file);
  EXPECT_EQ(at(one, "base"), "base");
  EXPECT_EQ(at(one, "disk"), "of the disk");
  EXPECT_EQ(at(one, "database"), "of the database");
  const std::string other = get("/api/v1/conflicts/" + std::to_string(id.value)).body;
  EXPECT_EQ(at(other, "base"), "null");
  EXPECT_EQ(at(other, "disk"), "null");
  expect_problem(get("/api/v1/conflicts/99"), 404, "not_found");
  expect_problem(get("/api/v1/conflicts/x"), 400, "invalid");
  expect_problem(get("/api/v1/conflicts?project=none"), 404, "not_found");
}

}  // namespace
}  // namespace specd::api
