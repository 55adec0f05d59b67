#include "tests/store/store_fixture.h"

namespace specd::store {
namespace {

class ClaimsTest : public StoreTest {
 protected:
  [[nodiscard]] Claim claim(const std::string& agent, const std::string& id = "a") const {
    return {.spec = key(id),
            .project = project_,
            .agent = agent,
            .claimed_at = kNow,
            .renewed_at = kNow,
            .expires_at = kNow + std::chrono::minutes(30),
            .status_before = "approved",
            .status_set_before = true,
            .assignee_before = "bob",
            .status_claimed = "in_progress"};
  }
  void add(const Claim& made) {
    writing([&] { must(tables().claims.add(made)); });
  }
  bool is_claimed(const std::string& id) { return must(tables().claims.of(key(id))).has_value(); }
  void update(const Spec& changed) {
    writing([&] { must(tables().specs.update(changed)); });
  }
};

TEST_F(ClaimsTest, OneAgentHasASpecAndNoOther) {
  add(claim("ann"));
  {
    auto tx = must(store_->begin());
    EXPECT_EQ(tables().claims.add(claim("bob")).error().code, Code::conflict);
    EXPECT_EQ(tables().claims.add(claim("ann")).error().code, Code::conflict);
  }
  const Claim kept = must(tables().claims.of(key("a"))).value();
  EXPECT_EQ(kept.agent, "ann");
  EXPECT_EQ(kept.expires_at, kNow + std::chrono::minutes(30));
  EXPECT_EQ(kept.status_before, "approved");
  EXPECT_TRUE(kept.status_set_before);
  EXPECT_EQ(kept.assignee_before, "bob");
  EXPECT_EQ(kept.status_claimed, "in_progress");
}

TEST_F(ClaimsTest, ALeaseIsRenewedAndAClaimRemovedWhereThereIsOne) {
  add(claim("ann"));
  const WallTime later = kNow + std::chrono::hours(1);
  writing([&] {
    EXPECT_TRUE(must(tables().claims.renew(key("a"), kNow, later)));
    EXPECT_FALSE(must(tables().claims.renew(key("b"), kNow, later)));
  });
  EXPECT_EQ(must(tables().claims.list(project_)).at(0).expires_at, later);
  EXPECT_TRUE(must(tables().claims.list(ProjectId{99})).empty());
  writing([&] {
    EXPECT_TRUE(must(tables().claims.remove(key("a"))));
    EXPECT_FALSE(must(tables().claims.remove(key("a"))));
  });
  EXPECT_TRUE(must(tables().claims.list()).empty());
}

TEST_F(ClaimsTest, AClaimGoesWithItsSpecWhoeverDeletesOrArchivesIt) {
  Spec archived = spec("b"), put_by = spec("c"), moved = spec("d");
  for (const Spec& each : {archived, put_by, moved})
    writing([&] { must(tables().specs.insert(each)); });
  for (const char* id : {"a", "b", "c", "d"}) add(claim("ann", id));
  Spec deleted = spec("a");
  deleted.deleted_at = kNow;
  update(deleted);
  archived.kind = spec::Kind::archived;
  update(archived);
  put_by.status = "archived";
  update(put_by);
  for (const char* id : {"a", "b", "c"}) EXPECT_FALSE(is_claimed(id)) << id;
  moved.status = "review";
  moved.title = "Another";
  update(moved);
  EXPECT_TRUE(is_claimed("d"));
  writing([&] {
    must(tables().specs.move({{{key("d"), spec::Kind::archived, "d", "d", "archive/d"}}}, kNow));
  });
  EXPECT_FALSE(is_claimed("d"));
}

TEST_F(ClaimsTest, AProjectTakesItsClaimsAlong) {
  add(claim("ann"));
  writing([&] { must(tables().projects.remove(project_)); });
  EXPECT_TRUE(must(tables().claims.list()).empty());
}

TEST_F(ClaimsTest, HistoryTellsWhichMoveOfTheStatusItWas) {
  writing([&] {
    must(tables().history.add({.project = project_,
                               .spec = key("a"),
                               .status_from = "approved",
                               .status_to = "assigned",
                               .origin = "api",
                               .actor = "ann",
                               .at = kNow}));
  });
  const HistoryEntry entry = must(tables().history.list({})).at(0);
  EXPECT_EQ(entry.status_from + ">" + entry.status_to, "approved>assigned");
}

}  // namespace
}  // namespace specd::store
