// Which spec a folder is: after a rename, in the archive, back from a deletion.

#include <gtest/gtest.h>

#include "tests/sync/engine_fixture.h"

namespace specd::sync {
namespace {

using spec::Kind;
using What = Hint::What;

class IdentityTest : public EngineTest {};

TEST_F(IdentityTest, ADeletedSpecIsGoneAfterTheGraceAndRevivesWithItsKey) {
  put("openspec/changes/x/tasks.md", "- [ ] a\n");
  put("openspec/changes/x/proposal.md", "# X\n");
  put("openspec/changes/y/proposal.md", "# Y\n");
  add();
  const std::string before = key(Kind::change, "x");
  remove("openspec/changes/x");
  hint(What::subtree, "openspec/changes/x");
  EXPECT_TRUE(live(Kind::change, "x")) << "within the grace";
  grace();
  EXPECT_FALSE(live(Kind::change, "x"));
  EXPECT_EQ(events().back(), "spec.deleted");
  expect_in_step();

  put("openspec/changes/x/tasks.md", "- [x] a\n");
  put("openspec/changes/x/proposal.md", "# X\n");
  hint(What::subtree, "openspec/changes/x");
  EXPECT_EQ(key(Kind::change, "x"), before) << "F71: the same row is back";
  expect_in_step();
}

TEST_F(IdentityTest, F71ASpecThatComesBackFolderFirstIsTheSame) {
  put("openspec/changes/x/tasks.md", "- [ ] a\n");
  add();
  const std::string before = key(Kind::change, "x");
  remove("openspec/changes/x");
  hint(What::subtree, "openspec/changes/x");
  grace();
  ASSERT_FALSE(live(Kind::change, "x"));
  std::filesystem::create_directories(at("openspec/changes/x"));
  hint(What::subtree, "openspec/changes/x");
  hint(What::everywhere, "");
  EXPECT_FALSE(live(Kind::change, "x")) << "not yet decided";
  put("openspec/changes/x/tasks.md", "- [ ] a\n");
  saved("openspec/changes/x/tasks.md");
  EXPECT_EQ(key(Kind::change, "x"), before);
  expect_in_step();
}

TEST_F(IdentityTest, AnotherSpecUnderADeletedName) {
  put("openspec/changes/x/proposal.md", "# X\n");
  add();
  const std::string before = key(Kind::change, "x");
  remove("openspec/changes/x");
  hint(What::subtree, "openspec/changes/x");
  grace();
  put("openspec/changes/x/proposal.md", "# Something else\n");
  hint(What::subtree, "openspec/changes/x");
  grace();
  EXPECT_TRUE(live(Kind::change, "x"));
  EXPECT_NE(key(Kind::change, "x"), before);
  expect_in_step();
}

TEST_F(IdentityTest, F16ArchivingSeenByTheWatcherKeepsKeyAndRows) {
  put("openspec/changes/x/tasks.md", "- [x] a\n");
  add();
  const std::string before = key(Kind::change, "x");
  rename("openspec/changes/x", "openspec/changes/archive/2026-11-21-x");
  hint(What::moved, "openspec/changes/archive/2026-11-21-x", "openspec/changes/x");
  EXPECT_EQ(key(Kind::archived, "2026-11-21-x"), before);
  EXPECT_FALSE(live(Kind::change, "x"));
  EXPECT_EQ(live(Kind::archived, "2026-11-21-x")->status, "done");
  grace();
  expect_in_step();
  ASSERT_EQ(history().size(), 2u) << "created, and renamed; nothing besides";
  EXPECT_EQ(history()[0].change, "renamed");
  EXPECT_EQ(history()[0].spec_name, "2026-11-21-x");
  EXPECT_EQ(history()[1].change, "created");
  EXPECT_EQ(history()[1].spec_name, "x");
  // And back.
  rename("openspec/changes/archive/2026-11-21-x", "openspec/changes/x");
  hint(What::moved, "openspec/changes/x", "openspec/changes/archive/2026-11-21-x");
  EXPECT_EQ(key(Kind::change, "x"), before);
  EXPECT_FALSE(live(Kind::change, "x")->archived_at);
  grace();
  expect_in_step();
}

TEST_F(IdentityTest, ArchivingSeenByNobodyKeepsKeyAndRows) {
  put("openspec/changes/x/tasks.md", "- [x] a\n");
  add();
  const std::string before = key(Kind::change, "x");
  rename("openspec/changes/x", "openspec/changes/archive/2026-11-21-x");
  batch();
  EXPECT_EQ(key(Kind::archived, "2026-11-21-x"), before);
  expect_in_step();
}

TEST_F(IdentityTest, F17NamesSwappedWhileNobodyLookedKeepTheirKeys) {
  put("openspec/changes/a/proposal.md", "# A\n");
  put("openspec/changes/b/proposal.md", "# B\n");
  add();
  const std::string a = key(Kind::change, "a"), b = key(Kind::change, "b");
  rename("openspec/changes/a", "openspec/changes/tmp");
  rename("openspec/changes/b", "openspec/changes/a");
  rename("openspec/changes/tmp", "openspec/changes/b");
  reopen();
  EXPECT_EQ(key(Kind::change, "b"), a);
  EXPECT_EQ(key(Kind::change, "a"), b);
  expect_in_step();
}

TEST_F(IdentityTest, F17ASpecThatTakesThePlaceOfOneThatIsGoneKeepsItsOwnKey) {
  put("openspec/changes/a/proposal.md", "# A\n");
  put("openspec/changes/b/proposal.md", "# B\n");
  add();
  const std::string b = key(Kind::change, "b");
  std::filesystem::rename(at("openspec/changes/a"), dir_.path() + "/away");
  rename("openspec/changes/b", "openspec/changes/a");
  batch();
  EXPECT_TRUE(deleted_events().empty()) << "within the grace";
  grace();
  EXPECT_EQ(key(Kind::change, "a"), b);
  expect_in_step();
  // What stood there is kept as a version, since it is nowhere else.
  EXPECT_EQ(must(tables().versions.content(sha256("# A\n"))), "# A\n");
}

// Found under load: what was still to be believed of the time before the deletion was taken for a
// word about the folder that came back.
TEST_F(IdentityTest, F71AFolderThatReturnsAheadOfItsFilesIsNotTakenForANewSpec) {
  put("openspec/changes/x/tasks.md", "one");
  put("openspec/changes/x/proposal.md", "two");
  add();
  const std::string before = key(Kind::change, "x");
  remove("openspec/changes/x");
  saved("openspec/changes/x/tasks.md");
  wait(options_.absence_grace / 2);
  saved("openspec/changes/x/proposal.md");
  wait(options_.absence_grace / 2);
  ASSERT_FALSE(live(Kind::change, "x"));
  std::filesystem::create_directories(at("openspec/changes/x"));
  hint(What::subtree, "openspec/changes/x");
  wait(options_.absence_grace / 2);
  EXPECT_FALSE(live(Kind::change, "x")) << "its files are still to come";
  put("openspec/changes/x/tasks.md", "one");
  put("openspec/changes/x/proposal.md", "two");
  hint(What::subtree, "openspec/changes/x");
  EXPECT_EQ(key(Kind::change, "x"), before);
  expect_in_step();
}

TEST_F(IdentityTest, F15EditsInARenamedFolderFollowIt) {
  put("openspec/changes/x/tasks.md", "old");
  add();
  const std::string before = key(Kind::change, "x");
  put("openspec/changes/x/tasks.md", "new");
  rename("openspec/changes/x", "openspec/changes/z");
  engine_->post({{project_, What::file, "openspec/changes/x/tasks.md", ""},
                 {project_, What::moved, "openspec/changes/z", "openspec/changes/x"}});
  rounds();
  EXPECT_EQ(key(Kind::change, "z"), before);
  grace();
  expect_in_step();
}

TEST_F(IdentityTest, F70TheSameIdInTwoProjectsIsTwoSpecs) {
  put("openspec/changes/x/tasks.md", "first");
  add();
  const ProjectId first = project_;
  const std::string other = dir_.path() + "/other";
  std::filesystem::create_directories(other + "/openspec/changes/x");
  std::ofstream(other + "/openspec/changes/x/tasks.md") << "second";
  const store::Project second = must(engine_->add_project(other, "app"));
  rounds();
  EXPECT_EQ(second.slug, "app-2");
  EXPECT_EQ(must(tables().files.get(first, "openspec/changes/x/tasks.md"))->content, "first");
  EXPECT_EQ(must(tables().files.get(second.id, "openspec/changes/x/tasks.md"))->content, "second");
}

TEST_F(IdentityTest, TwoArchivesMayHoldTheSameName) {
  put("openspec/changes/archive/2026-01-01-x/tasks.md", "one");
  put("openspec/archive/2026-01-01-x/tasks.md", "two");
  add();
  EXPECT_EQ(must(tables().specs.list_live(project_)).size(), 2u);
  EXPECT_EQ(row("openspec/changes/archive/2026-01-01-x/tasks.md"), "one");
  EXPECT_EQ(row("openspec/archive/2026-01-01-x/tasks.md"), "two");
  batch();
  reopen();
  EXPECT_EQ(must(tables().specs.list_live(project_)).size(), 2u);
}

TEST_F(IdentityTest, ArchivingUnderANameOfTheOtherArchiveKeepsTheKey) {
  put("openspec/archive/2026-01-01-x/tasks.md", "another");
  put("openspec/changes/x/tasks.md", "this one");
  add();
  const std::string before = key(Kind::change, "x");
  const std::string archived = "openspec/changes/archive/2026-01-01-x";
  rename("openspec/changes/x", archived);
  hint(What::moved, archived, "openspec/changes/x");
  grace();
  EXPECT_EQ(key(Kind::archived, archived), before) << "called by its path, since the id is taken";
  EXPECT_TRUE(live(Kind::archived, "2026-01-01-x"));
}

// Two specs that swap names by way of a folder that is none of ours, looked at after each step.
TEST_F(IdentityTest, F17NamesSwappedByWayOfAnOutsideFolderKeepTheirKeys) {
  put("openspec/changes/a/proposal.md", "# A\n");
  put("openspec/changes/b/proposal.md", "# B\n");
  add();
  const std::string a = key(Kind::change, "a"), b = key(Kind::change, "b");
  std::filesystem::rename(at("openspec/changes/a"), dir_.path() + "/away");
  hint(What::subtree, "openspec/changes/a");
  rename("openspec/changes/b", "openspec/changes/a");
  hint(What::moved, "openspec/changes/a", "openspec/changes/b");
  EXPECT_EQ(must(tables().specs.get(SpecKey{Ulid{a}}))->deleted_at, std::nullopt)
      << "within the grace";
  std::filesystem::rename(dir_.path() + "/away", at("openspec/changes/b"));
  hint(What::subtree, "openspec/changes/b");
  EXPECT_EQ(key(Kind::change, "b"), a);
  EXPECT_EQ(key(Kind::change, "a"), b);
  grace();
  batch();
  EXPECT_EQ(key(Kind::change, "b"), a);
  EXPECT_EQ(key(Kind::change, "a"), b);
  EXPECT_TRUE(deleted_events().empty());
  expect_in_step();
}

TEST_F(IdentityTest, F17NamesSwappedSlowlyByWayOfAnOutsideFolderKeepTheirKeys) {
  put("openspec/changes/a/proposal.md", "# A\n");
  put("openspec/changes/b/proposal.md", "# B\n");
  add();
  const std::string a = key(Kind::change, "a"), b = key(Kind::change, "b");
  std::filesystem::rename(at("openspec/changes/a"), dir_.path() + "/away");
  hint(What::subtree, "openspec/changes/a");
  rename("openspec/changes/b", "openspec/changes/a");
  hint(What::moved, "openspec/changes/a", "openspec/changes/b");
  grace();
  EXPECT_EQ(key(Kind::change, "a"), b) << "whose place it took is given up";
  expect_in_step();
  std::filesystem::rename(dir_.path() + "/away", at("openspec/changes/b"));
  hint(What::subtree, "openspec/changes/b");
  grace();
  EXPECT_EQ(key(Kind::change, "b"), a);
  EXPECT_EQ(key(Kind::change, "a"), b);
  expect_in_step();
}

TEST_F(IdentityTest, F17NamesExchangedInOneStepKeepTheirKeys) {
  put("openspec/changes/a/proposal.md", "# A\n");
  put("openspec/changes/b/proposal.md", "# B\n");
  put("openspec/changes/b/tasks.md", "- [ ] b\n");
  add();
  const std::string a = key(Kind::change, "a"), b = key(Kind::change, "b");
  exchange("openspec/changes/a", "openspec/changes/b");
  engine_->post({{project_, What::moved, "openspec/changes/b", "openspec/changes/a"},
                 {project_, What::moved, "openspec/changes/a", "openspec/changes/b"}});
  rounds();
  EXPECT_EQ(key(Kind::change, "b"), a);
  EXPECT_EQ(key(Kind::change, "a"), b);
  grace();
  expect_in_step();
  // And once more, with nothing but a saved file to tell of it.
  exchange("openspec/changes/a", "openspec/changes/b");
  saved("openspec/changes/a/proposal.md");
  batch();
  EXPECT_EQ(key(Kind::change, "a"), a);
  EXPECT_EQ(key(Kind::change, "b"), b);
  expect_in_step();
}

TEST_F(IdentityTest, F17AFolderThatIsReplacedWithinTheGraceIsNotTakenForTheOneThatMovedThere) {
  put("openspec/changes/a/proposal.md", "# A\n");
  put("openspec/changes/b/proposal.md", "# B\n");
  add();
  const std::string a = key(Kind::change, "a"), b = key(Kind::change, "b");
  remove("openspec/changes/a");
  rename("openspec/changes/b", "openspec/changes/a");
  hint(What::subtree, "openspec/changes/a");  // what became of b nobody has told yet
  EXPECT_NE(row("openspec/changes/a/proposal.md"), "# B\n") << "not under the key of a";
  hint(What::subtree, "openspec/changes/b");
  grace();
  EXPECT_EQ(key(Kind::change, "a"), b);
  EXPECT_FALSE(live(Kind::change, "b"));
  EXPECT_TRUE(must(tables().specs.get(SpecKey{Ulid{a}}))->deleted_at);
  expect_in_step();
}

TEST_F(IdentityTest, F17CapabilitiesThatSwappedNamesWhileNobodyLookedKeepTheirKeys) {
  put("openspec/specs/auth/spec.md", "# Auth\n");
  put("openspec/specs/pay/spec.md", "# Pay\n");
  put("openspec/specs/pay/card/spec.md", "# Card\n");
  add();
  const std::string auth = key(Kind::capability, "auth"), pay = key(Kind::capability, "pay");
  const std::string card = key(Kind::capability, "pay/card");
  exchange("openspec/specs/auth", "openspec/specs/pay");
  reopen();
  EXPECT_EQ(key(Kind::capability, "pay"), auth);
  EXPECT_EQ(key(Kind::capability, "auth"), pay);
  EXPECT_EQ(key(Kind::capability, "auth/card"), card);
  expect_in_step();
  exchange("openspec/specs/auth", "openspec/specs/pay");
  batch();
  EXPECT_EQ(key(Kind::capability, "auth"), auth);
  EXPECT_EQ(key(Kind::capability, "pay"), pay);
  EXPECT_EQ(key(Kind::capability, "pay/card"), card);
  expect_in_step();
}

TEST_F(IdentityTest, ANestedCapabilityThatMovedWhileNobodyLookedKeepsItsKey) {
  put("openspec/specs/pay/spec.md", "# Pay\n");
  put("openspec/specs/pay/card/spec.md", "# Card\n");
  put("openspec/specs/shop/spec.md", "# Shop\n");
  add();
  const std::string pay = key(Kind::capability, "pay"), card = key(Kind::capability, "pay/card");
  const std::string shop = key(Kind::capability, "shop");
  rename("openspec/specs/pay/card", "openspec/specs/shop/cards");
  reopen();
  EXPECT_EQ(key(Kind::capability, "shop/cards"), card);
  EXPECT_EQ(key(Kind::capability, "shop"), shop);
  EXPECT_EQ(key(Kind::capability, "pay"), pay);
  expect_in_step();
  // To the top and into another name of the same unit.
  rename("openspec/specs/shop/cards", "openspec/specs/cards");
  batch();
  EXPECT_EQ(key(Kind::capability, "cards"), card);
  rename("openspec/specs/cards", "openspec/specs/pay/plastic");
  batch();
  EXPECT_EQ(key(Kind::capability, "pay/plastic"), card);
  EXPECT_EQ(must(tables().specs.list_live(project_)).size(), 3u);
  expect_in_step();
}

TEST_F(IdentityTest, ANestedCapabilityThatMovesByWayOfAnOutsideFolderKeepsItsKey) {
  put("openspec/specs/pay/spec.md", "# Pay\n");
  put("openspec/specs/pay/card/spec.md", "# Card\n");
  put("openspec/specs/shop/spec.md", "# Shop\n");
  add();
  const std::string card = key(Kind::capability, "pay/card");
  std::filesystem::rename(at("openspec/specs/pay/card"), dir_.path() + "/away");
  hint(What::subtree, "openspec/specs/pay/card");
  std::filesystem::rename(dir_.path() + "/away", at("openspec/specs/shop/card"));
  hint(What::subtree, "openspec/specs/shop/card");
  EXPECT_EQ(key(Kind::capability, "shop/card"), card);
  grace();
  expect_in_step();
  // Longer than the grace: given up, and known again.
  std::filesystem::rename(at("openspec/specs/shop/card"), dir_.path() + "/away");
  hint(What::subtree, "openspec/specs/shop/card");
  grace();
  EXPECT_FALSE(live(Kind::capability, "shop/card"));
  std::filesystem::rename(dir_.path() + "/away", at("openspec/specs/pay/card"));
  hint(What::subtree, "openspec/specs/pay/card");
  grace();
  EXPECT_EQ(key(Kind::capability, "pay/card"), card);
  expect_in_step();
}

TEST_F(IdentityTest, F71ADeletedSpecReturnsToAnotherPlaceWhenItsOwnIsTaken) {
  put("openspec/changes/a/proposal.md", "# A\n");
  put("openspec/changes/b/proposal.md", "# B\n");
  add();
  const std::string a = key(Kind::change, "a"), b = key(Kind::change, "b");
  std::filesystem::rename(at("openspec/changes/a"), dir_.path() + "/away");
  hint(What::subtree, "openspec/changes/a");
  grace();
  rename("openspec/changes/b", "openspec/changes/a");
  hint(What::moved, "openspec/changes/a", "openspec/changes/b");
  grace();
  ASSERT_EQ(key(Kind::change, "a"), b);
  std::filesystem::rename(dir_.path() + "/away", at("openspec/changes/again"));
  hint(What::subtree, "openspec/changes/again");
  EXPECT_EQ(key(Kind::change, "again"), a);
  EXPECT_EQ(key(Kind::change, "a"), b);
  expect_in_step();
}

TEST_F(IdentityTest, F71ADeletedSpecIsKnownAgainAfterAnotherHadItsName) {
  put("openspec/changes/x/proposal.md", "# First\n");
  put("openspec/changes/y/proposal.md", "# Y\n");
  add();
  const std::string first = key(Kind::change, "x");
  remove("openspec/changes/x");
  hint(What::subtree, "openspec/changes/x");
  grace();
  put("openspec/changes/x/proposal.md", "# Second\n");
  hint(What::subtree, "openspec/changes/x");
  grace();
  const std::string second = key(Kind::change, "x");
  ASSERT_NE(second, first);
  for (const auto& [text, expected] :
       {std::pair("# First\n", first), {"# Second\n", second}, {"# First\n", first}}) {
    remove("openspec/changes/x");
    hint(What::subtree, "openspec/changes/x");
    grace();
    ASSERT_FALSE(live(Kind::change, "x"));
    put("openspec/changes/x/proposal.md", text);
    hint(What::subtree, "openspec/changes/x");
    grace();
    EXPECT_EQ(key(Kind::change, "x"), expected) << text;
    expect_in_step();
  }
}

TEST_F(IdentityTest, TwoThatMoveToOneIdAtOnceKeepTheirKeys) {
  put("openspec/changes/a/tasks.md", "one");
  put("openspec/changes/b/tasks.md", "two");
  add();
  const std::string a = key(Kind::change, "a"), b = key(Kind::change, "b");
  std::filesystem::create_directories(at("openspec/archive"));
  rename("openspec/changes/a", "openspec/changes/archive/2026-01-01-x");
  rename("openspec/changes/b", "openspec/archive/2026-01-01-x");
  reopen();
  EXPECT_EQ(status().failure, "");
  const auto keys = {
      must(tables().specs.live_at(project_, "openspec/changes/archive/2026-01-01-x")),
      must(tables().specs.live_at(project_, "openspec/archive/2026-01-01-x"))};
  EXPECT_EQ(keys.begin()[0]->key.value.text, a);
  EXPECT_EQ(keys.begin()[1]->key.value.text, b);
  EXPECT_NE(keys.begin()[0]->id, keys.begin()[1]->id);
  EXPECT_EQ(row("openspec/archive/2026-01-01-x/tasks.md"), "two");
}

// The kernel tells of both halves of a rename, but the watcher keeps the first back for a while.
TEST_F(IdentityTest, AFolderThatAppearsBeforeItIsMissedElsewhereIsTheSameSpec) {
  put("openspec/changes/a/proposal.md", "# A\n");
  put("openspec/specs/pay/spec.md", "# Pay\n");
  add();
  const std::string a = key(Kind::change, "a"), pay = key(Kind::capability, "pay");
  rename("openspec/changes/a", "openspec/changes/c");
  hint(What::subtree, "openspec/changes/c");
  EXPECT_EQ(key(Kind::change, "c"), a);
  std::filesystem::create_directories(at("openspec/specs/group"));
  rename("openspec/specs/pay", "openspec/specs/group/pay");
  hint(What::subtree, "openspec/specs/group");
  EXPECT_EQ(key(Kind::capability, "group/pay"), pay);
  hint(What::subtree, "openspec/changes/a");
  hint(What::subtree, "openspec/specs/pay");
  grace();
  expect_in_step();
}

TEST_F(IdentityTest, F71ADeletedSpecReturnsToAPlaceThatAnotherHasJustLeft) {
  put("openspec/changes/a/proposal.md", "# A\n");
  put("openspec/changes/b/proposal.md", "# B\n");
  add();
  const std::string a = key(Kind::change, "a"), b = key(Kind::change, "b");
  std::filesystem::rename(at("openspec/changes/a"), dir_.path() + "/a-away");
  hint(What::subtree, "openspec/changes/a");
  grace();
  rename("openspec/changes/b", "openspec/changes/a");
  hint(What::moved, "openspec/changes/a", "openspec/changes/b");
  ASSERT_EQ(key(Kind::change, "a"), b);
  std::filesystem::rename(at("openspec/changes/a"), dir_.path() + "/b-away");
  std::filesystem::rename(dir_.path() + "/a-away", at("openspec/changes/a"));
  hint(What::subtree, "openspec/changes/a");
  std::filesystem::rename(dir_.path() + "/b-away", at("openspec/changes/c"));
  hint(What::subtree, "openspec/changes/c");
  grace();
  EXPECT_EQ(key(Kind::change, "a"), a);
  EXPECT_EQ(key(Kind::change, "c"), b);
  expect_in_step();
}

TEST_F(IdentityTest, F71ADeletedSpecReturnsToAPlaceWhoseOwnerIsGoneForGood) {
  put("openspec/changes/a/proposal.md", "# A\n");
  put("openspec/changes/b/proposal.md", "# B\n");
  add();
  const std::string a = key(Kind::change, "a"), b = key(Kind::change, "b");
  std::filesystem::rename(at("openspec/changes/a"), dir_.path() + "/a-away");
  hint(What::subtree, "openspec/changes/a");
  grace();
  rename("openspec/changes/b", "openspec/changes/a");
  hint(What::moved, "openspec/changes/a", "openspec/changes/b");
  remove("openspec/changes/a");
  std::filesystem::rename(dir_.path() + "/a-away", at("openspec/changes/a"));
  reopen();
  EXPECT_EQ(key(Kind::change, "a"), a);
  EXPECT_TRUE(must(tables().specs.get(SpecKey{Ulid{b}}))->deleted_at);
  expect_in_step();
}

TEST_F(IdentityTest, F71AReturnThatIsBrokenOffDoesNotSpoilTheNext) {
  put("openspec/changes/x/tasks.md", "one");
  put("openspec/changes/x/proposal.md", "two");
  put("openspec/changes/x/design.md", "three");
  add();
  const std::string before = key(Kind::change, "x");
  remove("openspec/changes/x");
  hint(What::subtree, "openspec/changes/x");
  grace();
  ASSERT_FALSE(live(Kind::change, "x"));
  put("openspec/changes/x/tasks.md", "one");
  hint(What::subtree, "openspec/changes/x");
  remove("openspec/changes/x");
  hint(What::subtree, "openspec/changes/x");
  grace();
  wait(std::chrono::seconds(3));
  put("openspec/changes/x/tasks.md", "one");
  hint(What::subtree, "openspec/changes/x");
  EXPECT_FALSE(live(Kind::change, "x")) << "its other files are still to come";
  put("openspec/changes/x/proposal.md", "two");
  hint(What::subtree, "openspec/changes/x");
  EXPECT_EQ(key(Kind::change, "x"), before);
  expect_in_step();
}

}  // namespace
}  // namespace specd::sync
