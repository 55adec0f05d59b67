// Foreign SQL clients edit beside us: real programs, each with a SQLite of its own. Whatever they
// run, afterwards the rows they touched are dirty, and every content that was ever there is current
// or kept.

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <set>

#include "tests/store/foreign_client.h"
#include "tests/store/store_fixture.h"

namespace specd::store {
namespace {

/// What a script does, and what must be true afterwards.
struct Case {
  const char* name;
  const char* sql;
  std::set<std::string> dirty;     ///< paths in the folder of spec a; "" is the folder itself
  std::set<std::string> contents;  ///< that the script wrote; none of them may be gone
};

const Case kCases[] = {
    {"Update",
     "UPDATE spec_files SET content = 'new' WHERE path LIKE '%/tasks.md';",
     {"tasks.md"},
     {"new"}},
    {"Burst",
     "UPDATE spec_files SET content = 'new 1' WHERE path LIKE '%/tasks.md';"
     "UPDATE spec_files SET content = 'new 2' WHERE path LIKE '%/tasks.md';"
     "UPDATE spec_files SET content = 'new 3' WHERE path LIKE '%/tasks.md';",
     {"tasks.md"},
     {"new 1", "new 2", "new 3"}},
    {"UpdateOrReplace",
     "UPDATE OR REPLACE spec_files SET content = 'new' WHERE path LIKE '%/tasks.md';",
     {"tasks.md"},
     {"new"}},
    {"UpdateOrIgnore",
     "UPDATE OR IGNORE spec_files SET content = 'new' WHERE path LIKE '%/tasks.md';",
     {"tasks.md"},
     {"new"}},
    {"WholeRowWithAStaleRev",
     "UPDATE spec_files SET content = 'new', role = 'tasks', rev = 0 WHERE path LIKE '%/tasks.md';",
     {"tasks.md"},
     {"new"}},
    {"Upsert",
     "INSERT INTO spec_files (project, path, content) VALUES (1, 'openspec/changes/a/tasks.md', "
     "'new'),"
     "(1, 'openspec/changes/a/fresh.md', 'born') "
     "ON CONFLICT (project, path) DO UPDATE SET content = excluded.content;",
     {"tasks.md", "fresh.md"},
     {"new", "born"}},
    {"Replace",
     "INSERT OR REPLACE INTO spec_files (project, path, content) VALUES "
     "(1, 'openspec/changes/a/tasks.md', 'new'), (1, 'openspec/changes/a/fresh.md', 'born');",
     {"tasks.md", "fresh.md"},
     {"new", "born"}},
    {"ReplaceTwice",
     "REPLACE INTO spec_files (project, path, content) VALUES (1, 'openspec/changes/a/tasks.md', "
     "'new 1');"
     "REPLACE INTO spec_files (project, path, content) VALUES (1, 'openspec/changes/a/tasks.md', "
     "'new 2');",
     {"tasks.md"},
     {"new 1", "new 2"}},
    {"ReplaceOverAnUnpushedEdit",
     "REPLACE INTO spec_files (project, path, content) VALUES (1, "
     "'openspec/changes/a/proposal.md', 'new');",
     {"proposal.md"},
     {"new"}},
    {"DeleteRow", "DELETE FROM spec_files WHERE path LIKE '%/tasks.md';", {"tasks.md"}, {}},
    {"DeleteEverything", "DELETE FROM spec_files;", {"tasks.md", "proposal.md", "design.md"}, {}},
    {"DeleteAndInsertAgain",
     "DELETE FROM spec_files WHERE path LIKE '%/tasks.md';"
     "INSERT INTO spec_files (project, path, content) VALUES (1, 'openspec/changes/a/tasks.md', "
     "'new');",
     {"tasks.md"},
     {"new"}},
    {"SoftDelete",
     "UPDATE spec_files SET deleted_at = 1 WHERE path LIKE '%/tasks.md';",
     {"tasks.md"},
     {}},
    {"View",
     "UPDATE openspec_specs SET tasks_content = 'new', title = 'ignored' WHERE id = 'a';",
     {"tasks.md"},
     {"new"}},
    {"ViewDeletes",
     "UPDATE openspec_specs SET design_content = NULL WHERE id = 'a';",
     {"design.md"},
     {}},
    {"ViewOrReplace",
     "UPDATE OR REPLACE openspec_specs SET tasks_content = 'new', design_content = 'and' WHERE id "
     "= 'a';",
     {"tasks.md", "design.md"},
     {"new", "and"}},
    {"ViewStatus", "UPDATE openspec_specs SET status = 'approved' WHERE id = 'a';", {""}, {}},
    {"NothingChanges", "UPDATE spec_files SET content = content;", {}, {}},
};

class ForeignTest : public StoreTest {
 protected:
  static constexpr const char* kOurs = "openspec/changes/a/";

  /// Three files: two clean, proposal.md with an edit of ours that is not pushed yet.
  void fill() {
    writing([&] {
      pull(path("a", "tasks.md"), "tasks base");
      pull(path("a", "design.md"), "design base");
      pull(path("a", "proposal.md"), "proposal base");
      must(tables().files.edit({.project = project_,
                                .path = path("a", "proposal.md"),
                                .spec = key("a"),
                                .role = spec::Role::proposal,
                                .planned = rev(path("a", "proposal.md")),
                                .content = "proposal edit",
                                .edit = {},
                                .now = kNow}));
      must(tables().dirty.clear(project_, path("a", "proposal.md"), Rev{INT64_MAX}));
    });
  }

  Ran run(Client client, const std::string& sql, bool foreign_keys, bool recursive_triggers) {
    return run_foreign(client, store_->path(),
                       "PRAGMA foreign_keys = " + std::string(foreign_keys ? "ON" : "OFF") +
                           ";\nPRAGMA recursive_triggers = " + (recursive_triggers ? "ON" : "OFF") +
                           ";\n" + sql);
  }

  /// What is wrong after `done` on a database that `fill` made. Nothing, if the guards hold.
  std::vector<std::string> problems(const Case& done) {
    std::vector<std::string> found;
    std::set<std::string> contents = done.contents;
    contents.insert({"tasks base", "design base", "proposal base", "proposal edit"});
    const auto files = must(tables().files.of_spec(key("a")));
    std::set<std::string> current;
    for (const FileRow& file : files) current.insert(row(file.path).content);
    for (const std::string& content : contents) {
      const bool kept = tables().versions.content(sha256(content)).has_value();
      if (!kept && !current.contains(content)) found.push_back("gone: " + content);
    }
    std::set<std::string> dirty;
    for (const Dirty& entry : must(tables().dirty.list(100))) {
      dirty.insert(entry.path == "openspec/changes/a" ? "" : entry.path.substr(strlen(kOurs)));
      if (!entry.foreign) found.push_back("not foreign: " + entry.path);
    }
    for (const std::string& path : done.dirty) {
      if (!dirty.contains(path)) found.push_back("not dirty: " + path);
    }
    for (const std::string& path : dirty) {
      if (!done.dirty.contains(path)) found.push_back("dirty without reason: " + path);
    }
    // The comparison of revs, which the batch trusts, finds every edit of a present row as well.
    std::set<std::string> unpushed;
    for (const FileRow& file : must(tables().files.unpushed(project_))) unpushed.insert(file.path);
    for (const FileRow& file : files) {
      const std::string name = file.path.substr(strlen(kOurs));
      if (done.dirty.contains(name) && !unpushed.contains(file.path)) {
        found.push_back("looks pushed: " + name);
      }
      if (name == "tasks.md" && file.role != spec::Role::tasks) found.push_back("role lost");
    }
    return found;
  }
};

struct Matrix : ForeignTest, testing::WithParamInterface<std::tuple<Client, Case>> {};

TEST_P(Matrix, LosesNothingAndMarksWhatChanged) {
  const auto& [client, what] = GetParam();
  for (const bool foreign_keys : {false, true}) {
    for (const bool recursive : {false, true}) {
      SCOPED_TRACE(testing::Message()
                   << "foreign_keys " << foreign_keys << ", recursive_triggers " << recursive);
      fresh();
      fill();
      const Ran ran = run(client, what.sql, foreign_keys, recursive);
      ASSERT_TRUE(ran.ok) << ran.output;
      EXPECT_EQ(problems(what), std::vector<std::string>{});
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Clients, Matrix,
                         testing::Combine(testing::Values(Client::shell, Client::better_sqlite3,
                                                          Client::node_sqlite),
                                          testing::ValuesIn(kCases)),
                         [](const auto& at) {
                           std::string name = name_of(std::get<0>(at.param));
                           std::erase_if(name, [](char c) { return !isalnum(c); });
                           return name + std::get<1>(at.param).name;
                         });

/// Each guard is needed: without it, the checks above find a loss.
struct Guard {
  const char* trigger;
  const char* without;  ///< name of the case that then goes wrong
};
struct Needed : ForeignTest, testing::WithParamInterface<Guard> {};

TEST_P(Needed, WithoutItSomethingIsLost) {
  const auto what = std::find_if(std::begin(kCases), std::end(kCases), [&](const Case& one) {
    return std::string_view(one.name) == GetParam().without;
  });
  ASSERT_NE(what, std::end(kCases));
  fill();
  const std::string drop = "DROP TRIGGER " + std::string(GetParam().trigger) + ";\n";
  const Ran ran = run(Client::shell, drop + what->sql, false, false);
  ASSERT_TRUE(ran.ok) << ran.output;
  EXPECT_NE(problems(*what), std::vector<std::string>{});
}

INSTANTIATE_TEST_SUITE_P(
    Triggers, Needed,
    testing::Values(Guard{"spec_files_update", "Update"}, Guard{"spec_files_update", "SoftDelete"},
                    Guard{"spec_files_insert", "Upsert"}, Guard{"spec_files_insert", "Replace"},
                    Guard{"spec_files_insert_rescue", "Replace"},
                    Guard{"spec_files_insert_rescue", "ReplaceOverAnUnpushedEdit"},
                    Guard{"spec_files_delete", "DeleteRow"},
                    Guard{"openspec_specs_update_tasks", "View"},
                    Guard{"openspec_specs_update_status", "ViewStatus"}),
    [](const auto& at) { return std::string(at.param.trigger) + "_" + at.param.without; });

/// What a client is told that does what it must not.
struct Refusal {
  const char* name;
  const char* sql;
  const char* message;
};
struct Refused : ForeignTest, testing::WithParamInterface<Refusal> {};

TEST_P(Refused, WithAMessageAndWithoutAnyChange) {
  const std::string gone = path("gone", "tasks.md");
  const std::string binary = path("a", "image.png");
  writing([&] {
    pull(path("a", "tasks.md"), "tasks base");
    pull(binary, std::string("\x89PNG\0", 5));
    Spec deleted = spec("gone");
    must(tables().specs.insert(deleted));
    pull(gone, "gone base", "gone");
    must(tables().files.soft_delete(project_, gone, rev(gone), kNow));
    deleted.deleted_at = kNow;
    must(tables().specs.update(deleted));
  });
  for (const Client client : {Client::shell, Client::better_sqlite3}) {
    const Ran ran = run(client, GetParam().sql, true, true);
    EXPECT_FALSE(ran.ok);
    EXPECT_NE(ran.output.find(GetParam().message), std::string::npos) << ran.output;
  }
  EXPECT_EQ(row(path("a", "tasks.md")).content, "tasks base");
  EXPECT_EQ(row(binary).content, std::string("\x89PNG\0", 5));
  EXPECT_EQ(row(gone).content, "gone base");
  EXPECT_EQ(must(tables().dirty.count()), 0);
  EXPECT_EQ(must(tables().rescued.count()), 0);
}

INSTANTIATE_TEST_SUITE_P(
    Edits, Refused,
    testing::Values(
        Refusal{"TextOverBinary", "UPDATE spec_files SET content = 'text' WHERE path LIKE '%.png';",
                "not UTF-8 text"},
        Refusal{"TextReplacesBinary",
                "REPLACE INTO spec_files (project, path, content) VALUES "
                "(1, 'openspec/changes/a/image.png', 'text');",
                "not UTF-8 text"},
        Refusal{"FileOfADeletedSpec",
                "UPDATE spec_files SET content = 'x' WHERE spec = 'KEY-gone';",
                "this spec was deleted"},
        Refusal{"NewFileOfADeletedSpec",
                "INSERT INTO spec_files (project, path, content) VALUES "
                "(1, 'openspec/changes/gone/new.md', 'x');",
                "this spec was deleted"},
        Refusal{"RevivalOfADeletedSpec",
                "UPDATE spec_files SET deleted_at = NULL WHERE spec = 'KEY-gone';",
                "this spec was deleted"},
        Refusal{"NoContent", "UPDATE spec_files SET content = NULL WHERE spec = 'KEY-a';",
                "set deleted_at"},
        Refusal{"AnotherPath", "UPDATE spec_files SET path = 'b' WHERE path LIKE '%tasks.md';",
                "cannot be moved"},
        Refusal{"AnInventedRev",
                "UPDATE spec_files SET rev = 999, content = 'x' WHERE spec = 'KEY-a';",
                "leave out spec_files.rev"},
        Refusal{"ANumber", "UPDATE spec_files SET content = 7 WHERE spec = 'KEY-a';", "CHECK"},
        Refusal{"AnUnknownProject",
                "INSERT INTO spec_files (project, path, content) VALUES (77, 'a', 'x');",
                "no such project"},
        Refusal{"InsertIntoTheView", "INSERT INTO openspec_specs (id) VALUES ('x');",
                "made as folders"},
        Refusal{"DeleteFromTheView", "DELETE FROM openspec_specs;", "not deleted by SQL"}),
    [](const auto& at) { return std::string(at.param.name); });

TEST_F(ForeignTest, ABinaryFileCanBeEditedAsBlob) {
  writing([&] { pull(path("a", "image.png"), std::string("\x89PNG\0", 5)); });
  const Ran ran =
      run(Client::better_sqlite3,
          "UPDATE spec_files SET content = x'8900ff' WHERE path LIKE '%.png';", true, true);
  ASSERT_TRUE(ran.ok) << ran.output;
  EXPECT_EQ(row(path("a", "image.png")).content, std::string("\x89\0\xff", 3));
  EXPECT_EQ(must(tables().dirty.count()), 1);
}

TEST_F(ForeignTest, TheViewMakesAFileThatWasNotThere) {
  const Ran ran =
      run(Client::shell, "UPDATE openspec_specs SET proposal_content = 'first' WHERE id = 'a';",
          false, false);
  ASSERT_TRUE(ran.ok) << ran.output;
  const FileRow made = row(path("a", "proposal.md"));
  EXPECT_EQ(made.content, "first");
  EXPECT_EQ(made.role, spec::Role::proposal);
  EXPECT_EQ(made.spec, key("a"));
}

TEST_F(ForeignTest, NewContentBringsADeletedFileBack) {
  fill();
  const std::string file = path("a", "tasks.md");
  writing([&] { must(tables().files.soft_delete(project_, file, rev(file), kNow)); });
  const Ran ran =
      run(Client::shell, "UPDATE spec_files SET content = 'x' WHERE path LIKE '%/tasks.md';", false,
          true);
  ASSERT_TRUE(ran.ok) << ran.output;
  EXPECT_EQ(row(file).deleted_at, std::nullopt);
}

TEST_F(ForeignTest, F62TenThousandRowsAtOnceAreAllDirtyAndKept) {
  constexpr int kRows = 10'000;
  writing([&] {
    for (int i = 0; i < kRows; ++i) {
      pull(path("a", std::to_string(i) + ".md"), "base " + std::to_string(i));
    }
  });
  const char* statements[] = {
      "UPDATE spec_files SET content = content || 'x';",
      "INSERT OR REPLACE INTO spec_files (project, path, content) "
      "SELECT project, path, content || 'y' FROM spec_files;",
      "INSERT INTO spec_files (project, path, content) "
      "SELECT project, path, content || 'z' FROM spec_files WHERE true "
      "ON CONFLICT (project, path) DO UPDATE SET content = excluded.content;",
      "DELETE FROM spec_files;",
  };
  std::string suffix;
  for (const char* sql : statements) {
    SCOPED_TRACE(sql);
    writing([&] {
      for (const Dirty& entry : must(tables().dirty.list(kRows))) {
        must(tables().dirty.clear(entry.project, entry.path, entry.rev));
      }
      must(tables().rescued.move_to_versions(tables().versions, 4 * kRows));
    });
    const Ran ran = run(Client::better_sqlite3, sql, true, true);
    ASSERT_TRUE(ran.ok) << ran.output;
    EXPECT_EQ(must(tables().dirty.count()), kRows);
    for (const int i : {0, 4711, kRows - 1}) {
      EXPECT_TRUE(must(tables().versions.has(project_, path("a", std::to_string(i) + ".md"),
                                             sha256("base " + std::to_string(i) + suffix))));
    }
    suffix += sql == statements[0] ? "x" : sql == statements[1] ? "y" : "z";
  }
  EXPECT_EQ(must(tables().files.missing(project_)).size(), static_cast<size_t>(kRows));
}

}  // namespace
}  // namespace specd::store
