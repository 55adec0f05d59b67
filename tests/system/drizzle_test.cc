// A program written with Drizzle edits the database of the real daemon, whose batch is a day away.

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "tests/net/raw_client.h"
#include "tests/system/daemon_process.h"
#include "tests/system/project_tree.h"

namespace specd {
namespace {

using testing::HasSubstr;

class DrizzleTest : public testing::Test {
 protected:
  DrizzleTest() {
    test::write_file(at("tasks.md"), "- [ ] a\n");
    test::write_file(at("design.md"), "# Design\n");
    std::ofstream(daemon_.folder() + "/c.yaml") << "batch_seconds: 86400\n";
    EXPECT_THAT(daemon_.start({root_, "--config", daemon_.folder() + "/c.yaml"}),
                HasSubstr("ready"));
  }
  void TearDown() override {
    if (HasFailure()) std::cerr << daemon_.log();
  }

  [[nodiscard]] std::string at(const std::string& name) const {
    return root_ + "/openspec/changes/x/" + name;
  }
  [[nodiscard]] test::Ran run(const std::string& statements) const {
    const std::string source = SPECD_SOURCE_DIR;
    const std::string modules = source + "/tests/tools/node_modules";
    std::ofstream(daemon_.folder() + "/edit.js") << statements;
    return daemon_.run({"sh", "-c", R"("$0" "$1" "$2" "$3" <"$4")", modules + "/.bin/node",
                        source + "/tests/system/edit_by_drizzle.mjs", modules,
                        daemon_.state() + "/specd.db", daemon_.folder() + "/edit.js"});
  }
  void edit(const std::string& statements) const {
    const test::Ran ran = run(statements);
    EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  }
  [[nodiscard]] bool comes(const std::string& name, const std::string& text) const {
    return test::comes_true(
        [&] { return std::filesystem::exists(at(name)) && test::read_file(at(name)) == text; });
  }

  test::DaemonProcess daemon_;
  const std::string root_ = daemon_.folder() + "/app";
};

TEST_F(DrizzleTest, AnUpdateOfContentIsOnDiskAtOnce) {
  edit(
      "orm.update(files).set({ content: '- [x] a\\n' })"
      "  .where(eq(files.path, 'openspec/changes/x/tasks.md')).run()");
  EXPECT_TRUE(comes("tasks.md", "- [x] a\n"));
}

TEST_F(DrizzleTest, AnUpsertMakesAFileAndThenChangesIt) {
  const auto upsert = [this](const std::string& text) {
    edit("orm.insert(files).values({ project: 1, path: 'openspec/changes/x/notes.md', content: '" +
         text +
         "' }).onConflictDoUpdate({ target: [files.project, files.path],"
         "  set: { content: sql`excluded.content` } }).run()");
  };
  upsert("one");
  EXPECT_TRUE(comes("notes.md", "one"));
  upsert("two");
  EXPECT_TRUE(comes("notes.md", "two"));
}

TEST_F(DrizzleTest, AStatusOfTheViewIsWhatTheDaemonTells) {
  edit("orm.update(specs).set({ status: 'approved' }).where(eq(specs.id, 'x')).run()");
  EXPECT_TRUE(test::comes_true([&] {
    return daemon_.specd({"history", "--json"}).out.find("external_db") != std::string::npos;
  }));
  EXPECT_THAT(daemon_.specd({"list", "--status", "approved"}).out, HasSubstr("x"));
}

TEST_F(DrizzleTest, BothUpdatesOfATransactionReachTheDisk) {
  edit(
      "orm.transaction((tx) => {"
      "  const [spec] = tx.select().from(specs).where(eq(specs.id, 'x')).all();"
      "  tx.update(specs).set({ tasksContent: spec.tasksContent.replace('[ ]', '[x]') })"
      "    .where(eq(specs.id, 'x')).run();"
      "  tx.update(files).set({ content: '# Redesign\\n' })"
      "    .where(eq(files.path, 'openspec/changes/x/design.md')).run();"
      "}, { behavior: 'immediate' })");
  EXPECT_TRUE(comes("tasks.md", "- [x] a\n"));
  EXPECT_TRUE(comes("design.md", "# Redesign\n"));
}

TEST_F(DrizzleTest, NothingOfATransactionThatFailsReachesTheDisk) {
  const test::Ran ran =
      run("orm.transaction((tx) => {"
          "  tx.update(specs).set({ tasksContent: 'half', designContent: 'half' })"
          "    .where(eq(specs.id, 'x')).run();"
          "  tx.update(files).set({ content: null })"
          "    .where(eq(files.path, 'openspec/changes/x/tasks.md')).run();"
          "})");
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.out, HasSubstr("specd: "));
  // What is written next would come after it.
  edit("orm.update(specs).set({ proposalContent: '# New\\n' }).where(eq(specs.id, 'x')).run()");
  EXPECT_TRUE(comes("proposal.md", "# New\n"));
  EXPECT_TRUE(comes("tasks.md", "- [ ] a\n"));
  EXPECT_TRUE(comes("design.md", "# Design\n"));
}

}  // namespace
}  // namespace specd
