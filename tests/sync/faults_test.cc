// What the disk may do to us that a test cannot make it do by itself.

#include <gtest/gtest.h>
#include <sys/mman.h>

#include "sync/verify.h"
#include "tests/fake/fault_fs.h"
#include "tests/sync/engine_fixture.h"

namespace specd::sync {
namespace {

using spec::Kind;
using What = Hint::What;
using Call = FaultFs::Call;

class FaultTest : public EngineTest {
 protected:
  std::unique_ptr<Fs> open_fs(const std::string& root) override {
    return std::make_unique<FaultFs>(posix_fs(root), [this](Call call, const std::string& path) {
      return fault_ ? fault_(call, path) : std::nullopt;
    });
  }
  // From now on, reading this file fails.
  void break_read(const std::string& path, Error error) {
    fault_ = [=](Call call, const std::string& at) {
      return call == Call::read && at == path ? std::optional(error) : std::nullopt;
    };
  }

  // From now on, listing this folder fails.
  void break_list(const std::string& path) {
    fault_ = [=](Call call, const std::string& at) {
      return call == Call::list && at == path
                 ? std::optional(Error{Code::io, "list: Permission denied", EACCES})
                 : std::nullopt;
    };
  }
  // Rows of the history that tell of one.
  size_t failures() {
    const auto entries = history();
    return static_cast<size_t>(std::count_if(entries.begin(), entries.end(),
                                             [](const auto& entry) { return !entry.success; }));
  }

  std::vector<std::string> verified() { return report().differences; }
  VerifyReport report() {
    const auto reader = must(store::Reader::open(dir_.path() + "/state"));
    const auto project = must(tables().projects.get(project_));
    const auto fs = open_fs(root_);
    must(fs->attach());
    return must(verify(*fs, *reader, *project, options_));
  }

  FaultFs::Faults fault_;
};

TEST_F(FaultTest, AFileThatIsNotImportedIsNamedByVerify) {
  options_.max_bytes_per_file = 1000;
  engine_.reset();
  store_.reset();
  open();
  put("openspec/changes/x/tasks.md", "one");
  put("openspec/changes/x/design.md", std::string(1001, 'x'));
  add();
  EXPECT_EQ(report().files, 1u);
  EXPECT_EQ(report().differences, std::vector<std::string>());
  ASSERT_EQ(report().not_imported.size(), 1u);
  EXPECT_TRUE(report().not_imported[0].starts_with("openspec/changes/x/design.md: "));
}

TEST_F(FaultTest, F27AFileThatCannotBeReadKeepsItsRowAndIsTriedAgain) {
  put("openspec/changes/x/tasks.md", "one");
  put("openspec/changes/y/tasks.md", "other");
  add();
  break_read("openspec/changes/x/tasks.md",
             {Code::io, "read openspec/changes/x/tasks.md: Permission denied", EACCES});
  put("openspec/changes/x/tasks.md", "two");
  put("openspec/changes/y/tasks.md", "goes on");
  saved("openspec/changes/x/tasks.md");
  saved("openspec/changes/y/tasks.md");
  EXPECT_EQ(row("openspec/changes/x/tasks.md"), "one");
  EXPECT_EQ(row("openspec/changes/y/tasks.md"), "goes on");
  EXPECT_NE(live(Kind::change, "x")->sync_error.find("Permission denied"), std::string::npos);
  size_t failures = 0;
  for (int i = 0; i < 5; ++i) batch();
  for (const auto& entry : history()) failures += entry.success ? 0 : 1;
  EXPECT_EQ(failures, 1u) << "one row per change of an error";
  fault_ = nullptr;
  batch();
  expect_in_step();
  EXPECT_EQ(live(Kind::change, "x")->sync_error, "");
}

TEST_F(FaultTest, F65WithoutDescriptorsOneFileFailsAndTheRestGoesOn) {
  put("openspec/changes/x/tasks.md", "one");
  add();
  break_read("openspec/changes/x/proposal.md", {Code::io, "read: Too many open files", EMFILE});
  put("openspec/changes/x/proposal.md", "# X");
  put("openspec/changes/x/tasks.md", "two");
  hint(What::subtree, "openspec/changes/x");
  EXPECT_EQ(row("openspec/changes/x/tasks.md"), "two");
  EXPECT_FALSE(row("openspec/changes/x/proposal.md"));
  fault_ = nullptr;
  batch();
  expect_in_step();
}

TEST_F(FaultTest, AnIncompleteListingDeletesNothing) {
  put("openspec/changes/x/tasks.md", "one");
  put("openspec/changes/y/tasks.md", "two");
  add();
  remove("openspec/changes/y");
  fault_ = [](Call call, const std::string& path) {
    return call == Call::list && path == "openspec/changes"
               ? std::optional(Error{Code::io, "list: I/O error", EIO})
               : std::nullopt;
  };
  batch();
  grace();
  EXPECT_TRUE(live(Kind::change, "x"));
  EXPECT_TRUE(live(Kind::change, "y"));
  EXPECT_NE(engine_->status().failure, "");
  fault_ = nullptr;
  wait(std::chrono::seconds(10));
  batch();
  grace();
  EXPECT_FALSE(live(Kind::change, "y"));
  EXPECT_EQ(engine_->status().failure, "");
  expect_in_step();
}

TEST_F(FaultTest, AProjectThatCannotBeListedKeepsNoOtherProjectWaiting) {
  put("openspec/changes/x/tasks.md", "one");
  add();
  const std::string other = dir_.path() + "/other";
  std::filesystem::create_directories(other + "/openspec/changes/y");
  std::ofstream(other + "/openspec/changes/y/tasks.md") << "one";
  const store::Project second = must(engine_->add_project(other, "other"));
  rounds();
  // Only the first project has `changes/x`: its listing fails from now on.
  fault_ = [&](Call call, const std::string& path) {
    return call == Call::list && path == "openspec/changes" &&
                   std::filesystem::exists(at("openspec/changes/x/broken"))
               ? std::optional(Error{Code::io, "list: I/O error", EIO})
               : std::nullopt;
  };
  put("openspec/changes/x/broken", "");
  hint(What::everywhere, "");
  EXPECT_NE(engine_->status().failure, "");
  fault_ = [&](Call call, const std::string& path) {
    return call == Call::list && path == "openspec/specs"
               ? std::optional(Error{Code::io, "list: I/O error", EIO})
               : std::nullopt;
  };
  std::ofstream(other + "/openspec/changes/y/tasks.md") << "two";
  engine_->post({{second.id, What::file, "openspec/changes/y/tasks.md", ""}});
  rounds();
  EXPECT_EQ(must(tables().files.get(second.id, "openspec/changes/y/tasks.md"))->content, "two");
}

TEST_F(FaultTest, AFolderThatCannotBeListedIsToldAndTheRestOfItsSpecGoesOn) {
  put("openspec/changes/x/tasks.md", "- [ ] one");
  put("openspec/changes/x/specs/a/spec.md", "two");
  add();
  const std::string before = key(Kind::change, "x");
  break_list("openspec/changes/x/specs");
  put("openspec/changes/x/tasks.md", "- [x] three");
  put("openspec/changes/x/design.md", "new");
  hint(What::subtree, "openspec/changes/x");
  EXPECT_EQ(row("openspec/changes/x/tasks.md"), "- [x] three");
  EXPECT_EQ(row("openspec/changes/x/design.md"), "new");
  EXPECT_EQ(row("openspec/changes/x/specs/a/spec.md"), "two");
  EXPECT_NE(live(Kind::change, "x")->sync_error.find("specs: cannot be listed: Permission denied"),
            std::string::npos)
      << live(Kind::change, "x")->sync_error;
  for (int i = 0; i < 3; ++i) batch();
  EXPECT_EQ(failures(), 1u) << "one row per change of an error";
  EXPECT_EQ(row("openspec/changes/x/specs/a/spec.md"), "two");
  EXPECT_EQ(status().failure, "") << "of one spec, not of the project";

  fault_ = nullptr;
  batch();
  EXPECT_EQ(live(Kind::change, "x")->sync_error, "");
  EXPECT_EQ(key(Kind::change, "x"), before);
  expect_in_step();
}

TEST_F(FaultTest, ASpecWhoseFolderCannotBeListedStaysAsItWasAndIsTold) {
  put("openspec/changes/x/tasks.md", "- [ ] one\n- [x] two");
  put("openspec/specs/pay/spec.md", "# Pay");
  put("openspec/specs/pay/card/spec.md", "# Card");
  add();
  const auto before = rows();
  break_list("openspec/changes/x");
  batch();
  break_list("openspec/specs/pay/card");
  for (int i = 0; i < 3; ++i) batch();
  grace();
  EXPECT_EQ(rows(), before);
  EXPECT_TRUE(deleted_events().empty());
  EXPECT_NE(live(Kind::capability, "pay/card")->sync_error.find("Permission denied"),
            std::string::npos);
  EXPECT_EQ(live(Kind::capability, "pay/card")->title, "Card");
  EXPECT_EQ(live(Kind::capability, "pay")->sync_error, "");
  EXPECT_EQ(verified(), std::vector<std::string>{"openspec/specs/pay/card: cannot be listed"});
  break_list("openspec/changes/x");
  batch();
  EXPECT_NE(live(Kind::change, "x")->sync_error.find("Permission denied"), std::string::npos);
  EXPECT_EQ(live(Kind::change, "x")->tasks_done, 1);
  EXPECT_EQ(live(Kind::change, "x")->tasks_total, 2);
  reopen();
  EXPECT_EQ(rows(), before);
  fault_ = nullptr;
  batch();
  EXPECT_EQ(live(Kind::change, "x")->sync_error, "");
  EXPECT_EQ(live(Kind::capability, "pay/card")->sync_error, "");
  expect_in_step();
}

TEST_F(FaultTest, AFolderOfCapabilitiesThatCannotBeListedIsToldByEachOfThem) {
  put("openspec/specs/x/k/spec.md", "# K");
  put("openspec/specs/x/l/spec.md", "# L");
  settle("openspec/specs/x/l/spec.md");
  add();
  break_list("openspec/specs/x");
  batch();
  for (const char* id : {"x/k", "x/l"}) {
    EXPECT_NE(live(Kind::capability, id)->sync_error.find("specs/x: cannot be listed"),
              std::string::npos)
        << id;
  }
  fault_ = nullptr;
  batch();
  for (const char* id : {"x/k", "x/l"}) EXPECT_EQ(live(Kind::capability, id)->sync_error, "");
  expect_in_step();
}

TEST_F(FaultTest, F17AFolderThatCannotBeListedIsKnownAgainElsewhere) {
  put("openspec/changes/a/tasks.md", "one");
  put("openspec/changes/b/tasks.md", "two");
  add();
  const std::string a = key(Kind::change, "a"), b = key(Kind::change, "b");
  exchange("openspec/changes/a", "openspec/changes/b");
  break_list("openspec/changes/b");
  engine_->post({{project_, What::moved, "openspec/changes/b", "openspec/changes/a"},
                 {project_, What::moved, "openspec/changes/a", "openspec/changes/b"}});
  rounds();
  grace();
  EXPECT_TRUE(deleted_events().empty());
  EXPECT_EQ(key(Kind::change, "b"), a);
  EXPECT_EQ(key(Kind::change, "a"), b);
  fault_ = nullptr;
  batch();
  expect_in_step();
}

TEST_F(FaultTest, F65WithoutDescriptorsAUnitIsListedAgainSoon) {
  put("openspec/changes/x/tasks.md", "one");
  add();
  fault_ = [](Call call, const std::string& path) {
    return call == Call::list && path == "openspec/changes/x"
               ? std::optional(Error{Code::io, "list: Too many open files", EMFILE})
               : std::nullopt;
  };
  put("openspec/changes/x/proposal.md", "two");
  hint(What::subtree, "openspec/changes/x");
  EXPECT_EQ(live(Kind::change, "x")->sync_error, "") << "it passes";
  fault_ = nullptr;
  wait(std::chrono::seconds(1));
  expect_in_step();
}

TEST_F(FaultTest, F5AStoreThroughMmapIsFoundByTheBatch) {
  put("openspec/changes/x/tasks.md", std::string(4096, 'a'));
  add();
  batch();
  const int file = ::open(at("openspec/changes/x/tasks.md").c_str(), O_RDWR);
  void* memory = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  ASSERT_NE(memory, MAP_FAILED);
  static_cast<char*>(memory)[0] = 'b';
  ASSERT_EQ(msync(memory, 4096, MS_SYNC), 0);
  munmap(memory, 4096);
  ::close(file);
  batch();
  wait(options_.recent);
  expect_in_step();
}

TEST_F(FaultTest, F25NamesThatOtherFileSystemsTakeForOneAreBothKeptAndTold) {
  put("openspec/changes/x/Notes.md", "upper");
  put("openspec/changes/x/notes.md", "lower");
  add();
  expect_in_step();
  EXPECT_NE(live(Kind::change, "x")->sync_error.find("the same name as"), std::string::npos);
}

TEST_F(FaultTest, F34AFileSavedEveryTenthOfASecondIsAlwaysUpToDateAtBoundedCost) {
  put("openspec/changes/x/tasks.md", "0");
  add();
  const uint64_t scans = status().scans;
  for (int i = 1; i <= 600; ++i) {
    put("openspec/changes/x/tasks.md", std::to_string(i));
    engine_->post({{project_, What::file, "openspec/changes/x/tasks.md", ""}});
    clock_.advance(std::chrono::milliseconds(100));
    engine_->step(clock_.steady());
    ASSERT_EQ(row("openspec/changes/x/tasks.md"), std::to_string(i));
  }
  EXPECT_LE(status().scans, scans + 3) << "the batches of a minute";
  EXPECT_EQ(status().missed_by_watcher, 0u) << "what was told is not missed";
  EXPECT_EQ(watcher_restarts_, 0);
  EXPECT_LE(history().size(), 602u);
}

TEST_F(FaultTest, ABusyDatabaseKeepsHintsUntilItIsFree) {
  put("openspec/changes/x/tasks.md", "one");
  add();
  // A foreign client that holds the write lock.
  auto other = must(sqlite::Database::open(store_->path(), {}));
  {
    auto held = must(other.begin());
    put("openspec/changes/x/tasks.md", "two");
    saved("openspec/changes/x/tasks.md");
    for (int i = 0; i < 100; ++i) wait(std::chrono::milliseconds(100));
    EXPECT_EQ(row("openspec/changes/x/tasks.md"), "one");
    EXPECT_NE(engine_->status().failure, "");
    EXPECT_LE(engine_->status().failures, 20u) << "F60: no spin";
  }
  wait(std::chrono::seconds(6));
  expect_in_step();
  EXPECT_EQ(engine_->status().failure, "");
}

TEST_F(FaultTest, ASpecThatIsRenamedAndGoneBeforeAnybodyLooksIsDeleted) {
  put("openspec/changes/a/tasks.md", "one");
  put("openspec/changes/z/tasks.md", "two");
  add();
  rename("openspec/changes/a", "openspec/changes/b");
  int looks = 0;
  fault_ = [&](Call call, const std::string& at) -> std::optional<Error> {
    if (call == Call::list && at == "openspec/changes/b" && ++looks == 2)
      remove("openspec/changes/b");
    return std::nullopt;
  };
  hint(What::moved, "openspec/changes/b", "openspec/changes/a");
  grace();
  grace();
  ASSERT_GE(looks, 2);
  EXPECT_FALSE(live(Kind::change, "b"));
  expect_in_step();
}

TEST_F(FaultTest, AParentThatCannotBeListedKeepsNothingElseWaiting) {
  put("openspec/changes/x/tasks.md", "one");
  put("openspec/changes/archive/2026-01-01-y/tasks.md", "two");
  add();
  fault_ = [](Call call, const std::string& at) -> std::optional<Error> {
    if (call != Call::list || at != "openspec/changes/archive") return std::nullopt;
    return Error{Code::io, "list openspec/changes/archive: Permission denied", EACCES};
  };
  put("openspec/changes/x/tasks.md", "three");
  is_ready_ = false;
  reopen();
  EXPECT_TRUE(is_ready_);
  EXPECT_EQ(row("openspec/changes/x/tasks.md"), "three");
  EXPECT_NE(status().failure.find("Permission denied"), std::string::npos);
  for (int i = 0; i < 3; ++i) batch();
  grace();
  EXPECT_TRUE(live(Kind::archived, "2026-01-01-y")) << "not seen is not gone";
  fault_ = nullptr;
  batch();
  EXPECT_EQ(status().failure, "");
  expect_in_step();
}

TEST_F(FaultTest, ADeletionThatMeetsABusyDatabaseIsMadeLater) {
  put("openspec/changes/x/tasks.md", "one");
  put("openspec/changes/y/tasks.md", "two");
  add();
  auto other = must(sqlite::Database::open(store_->path(), {}));
  {
    auto held = must(other.begin());
    remove("openspec/changes/x");
    hint(What::subtree, "openspec/changes/x");
    for (int i = 0; i < 20; ++i) wait(std::chrono::milliseconds(200));
    EXPECT_TRUE(live(Kind::change, "x"));
  }
  wait(std::chrono::seconds(6));
  grace();
  EXPECT_FALSE(live(Kind::change, "x"));
  expect_in_step();
}

TEST_F(FaultTest, AStatusThatAClientSetsWhileItsFilesAreReadStays) {
  put("openspec/changes/x/tasks.md", "- [ ] a\n");
  add();
  put("openspec/changes/x/tasks.md", "- [x] a\n");
  bool is_set = false;
  fault_ = [&](Call call, const std::string& at) -> std::optional<Error> {
    if (call != Call::read || at != "openspec/changes/x/tasks.md" || is_set) return std::nullopt;
    is_set = true;
    auto other = must(sqlite::Database::open(store_->path(), {}));
    must(other.run("UPDATE openspec_specs SET status = 'approved' WHERE id = 'x'"));
    return std::nullopt;
  };
  saved("openspec/changes/x/tasks.md");
  ASSERT_TRUE(is_set);
  const auto spec = live(Kind::change, "x");
  EXPECT_EQ(spec->status, "approved");
  EXPECT_TRUE(spec->status_set);
  EXPECT_EQ(spec->tasks_done, 1);
}

TEST_F(FaultTest, RowsThatAClientTookAwayComeBackThoughTheFirstTryFails) {
  put("openspec/changes/x/tasks.md", "one");
  add();
  auto other = must(sqlite::Database::open(store_->path(), {}));
  must(other.run("DELETE FROM spec_files"));
  {
    auto held = must(other.begin());
    batch();
    EXPECT_EQ(row("openspec/changes/x/tasks.md"), std::nullopt);
    held.rollback();
  }
  batch();
  wait(std::chrono::seconds(6));
  expect_in_step();
}

TEST_F(FaultTest, AFileThatAClientMadeInASpecThatIsThenDeletedIsAConflict) {
  const std::string made = "openspec/changes/x/design.md";
  put("openspec/changes/x/tasks.md", "one");
  add();
  {
    auto other = must(sqlite::Database::open(store_->path(), {}));
    must(
        other.run("INSERT INTO spec_files (project, path, content) VALUES "
                  "(1, 'openspec/changes/x/design.md', 'from sql')"));
  }
  remove("openspec/changes/x");
  hint(What::subtree, "openspec/changes/x");
  grace();
  grace();
  EXPECT_FALSE(live(Kind::change, "x"));
  ASSERT_EQ(conflicts().size(), 1u);
  EXPECT_EQ(conflicts()[0].path, made);
  EXPECT_EQ(conflicts()[0].row, sha256("from sql"));
  const auto kept = must(tables().files.get(project_, made));
  EXPECT_TRUE(kept->deleted_at);
  EXPECT_EQ(kept->content, "from sql");
}

TEST_F(FaultTest, AForeignEditOfAFileThatAlsoChangedOnDiskIsAConflictThatKeepsBoth) {
  put("openspec/changes/x/tasks.md", "base");
  add();
  {
    auto other = must(sqlite::Database::open(store_->path(), {}));
    must(other.run(
        "UPDATE spec_files SET content = 'from sql' WHERE path = 'openspec/changes/x/tasks.md'"));
  }
  put("openspec/changes/x/tasks.md", "from disk");
  saved("openspec/changes/x/tasks.md");
  expect_in_step();
  ASSERT_EQ(conflicts().size(), 1u);
  const store::Conflict conflict = conflicts()[0];
  EXPECT_EQ(conflict.kind, store::ConflictKind::both_changed);
  ASSERT_TRUE(conflict.row && conflict.base && conflict.disk);
  EXPECT_EQ(must(tables().versions.content(*conflict.row)), "from sql");
  EXPECT_EQ(events().back(), "conflict.detected");
  batch();
  EXPECT_EQ(must(tables().versions.content(*conflict.row)), "from sql") << "kept until dismissed";
}

TEST_F(FaultTest, AForeignEditOfAFileThatIsDeletedIsKeptAsDisplacedAlsoWhenTheFileReturns) {
  const std::string file = "openspec/changes/x/tasks.md";
  put(file, "base");
  put("openspec/changes/x/proposal.md", "stays");
  add();
  {
    auto other = must(sqlite::Database::open(store_->path(), {}));
    must(other.run("UPDATE spec_files SET content = 'from sql' WHERE path LIKE '%/tasks.md'"));
  }
  remove(file);
  saved(file);
  grace();
  ASSERT_EQ(conflicts().size(), 1u);
  EXPECT_EQ(conflicts()[0].kind, store::ConflictKind::deleted_on_disk);
  put(file, "back");
  saved(file);
  batch();
  expect_in_step();
  const auto kept = must(tables().versions.list(project_, file, 10));
  EXPECT_TRUE(std::any_of(kept.begin(), kept.end(), [](const store::Version& version) {
    return version.digest == sha256("from sql") && version.reason == store::Reason::displaced &&
           version.origin == "sql";
  }));
}

TEST_F(FaultTest, AForeignEditAloneWaitsAndTheFileIsNotTouched) {
  put("openspec/changes/x/tasks.md", "base");
  add();
  {
    auto other = must(sqlite::Database::open(store_->path(), {}));
    must(other.run(
        "UPDATE spec_files SET content = 'from sql' WHERE path = 'openspec/changes/x/tasks.md'"));
  }
  batch();
  EXPECT_EQ(disk().at("openspec/changes/x/tasks.md"), "base");
  EXPECT_EQ(row("openspec/changes/x/tasks.md"), "from sql");
  EXPECT_EQ(status().pending_pushes, 1u);
  EXPECT_TRUE(conflicts().empty());
}

TEST_F(FaultTest, ARowThatAForeignClientRemovedComesBack) {
  put("openspec/changes/x/tasks.md", "base");
  add();
  {
    auto other = must(sqlite::Database::open(store_->path(), {}));
    must(other.run("DELETE FROM spec_files WHERE path = 'openspec/changes/x/tasks.md'"));
  }
  batch();
  expect_in_step();
}

}  // namespace
}  // namespace specd::sync
