// Every call to the file system and to SQLite's files that a push or a pull makes fails once, with
// each error that it may well fail with; and all of them, for a while. Then everything must be in
// step again, nothing that was acknowledged or saved may be missing, and nothing may lie about.

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>

#include "tests/fake/fault_fs.h"
#include "tests/fake/fault_vfs.h"
#include "tests/fake/hook_ops.h"
#include "tests/sync/engine_fixture.h"

namespace specd::sync {
namespace {

using Op = HookOps::Call;
using Look = FaultFs::Call;
using Sql = FaultVfs::Call;

std::vector<int> plausible(Op call) {
  switch (call) {
    case Op::create_unnamed:
    case Op::create:
    case Op::make_folder:
      return {ENOSPC, EACCES};
    case Op::write:
    case Op::sync:
      return {ENOSPC, EIO};
    case Op::name:
    case Op::exchange:
    case Op::rename:
    case Op::move:
    case Op::link:
    case Op::unlink:
    case Op::remove_folder:
      return {EIO, EACCES};
    case Op::set_attributes:
      return {EPERM};
    default:
      return {EIO, EMFILE};
  }
}

std::vector<int> plausible(Look) {
  return {EIO, EMFILE};
}

std::vector<int> plausible(Sql call) {
  switch (call) {
    case Sql::open:
      return {SQLITE_CANTOPEN};
    case Sql::read:
      return {SQLITE_IOERR_READ};
    case Sql::write:
      return {SQLITE_FULL, SQLITE_IOERR_WRITE};
    case Sql::truncate:
      return {SQLITE_IOERR_TRUNCATE};
    case Sql::sync:
      return {SQLITE_IOERR_FSYNC};
    case Sql::lock:
      return {SQLITE_BUSY, SQLITE_IOERR_LOCK};
    case Sql::shm:
      // Busy all the time, SQLite would wait ten seconds at each lock.
      return {SQLITE_BUSY, SQLITE_IOERR_SHMLOCK};
  }
  return {};
}

/// Which call fails, and how. The calls come from several threads.
class Faults {
 public:
  void fail(size_t nth, size_t how, bool is_lasting) {
    seen_ = 0;
    hits_ = 0;
    how_ = how;
    is_lasting_ = is_lasting;
    nth_ = nth;
  }
  void stop() { nth_ = 0; }
  [[nodiscard]] size_t calls() const { return seen_; }
  [[nodiscard]] size_t hits() const { return hits_; }
  /// 0: it goes through.
  template <class Call>
  int ask(Call call) {
    const size_t nth = nth_;
    const size_t now = ++seen_;
    if (nth == 0 || now < nth || (now > nth && !is_lasting_)) return 0;
    const std::vector<int> errors = plausible(call);
    if (how_ >= errors.size() && !is_lasting_) return 0;
    ++hits_;
    return errors[how_ % errors.size()];
  }

 private:
  std::atomic<size_t> nth_ = 0, seen_ = 0, hits_ = 0, how_ = 0;
  std::atomic<bool> is_lasting_ = false;
};

/// What the rig stands on, and so is made before it.
struct FaultyGround {
  Faults files_, database_;
  FaultVfs vfs_{[this](Sql call) { return database_.ask(call); }};
};

/// Something to do, in a folder of its own for each run.
struct Scenario {
  std::function<void(const std::string& dir)> prepare;
  std::function<void(const std::string& dir)> act;
  /// What must be so afterwards, besides that rows equal files.
  std::function<void(const std::string& dir)> check;
};

class NthFaultTest : public testing::Test, protected FaultyGround, protected EngineRig {
 protected:
  NthFaultTest() {
    put("openspec/changes/other/tasks.md", "not touched");
    add();
  }

  std::unique_ptr<Fs> open_fs(const std::string& root) override {
    return std::make_unique<FaultFs>(posix_fs(root),
                                     [this](Look call, const std::string&) { return fault(call); });
  }
  Result<std::unique_ptr<FileOps>> open_ops(const std::string& root) override {
    auto ops = std::make_unique<HookOps>(must(posix_file_ops(root)));
    ops->before([this](Op call) { return fault(call); });
    return ops;
  }
  template <class Call>
  std::optional<Error> fault(Call call) {
    const int error = files_.ask(call);
    if (error == 0) return std::nullopt;
    return fail_os("a fault", error).value();
  }

  void save(const std::string& path, const std::string& text) {
    put(path, text);
    saved(path);
  }
  void edit(std::vector<FileEdit> files) {
    is_acknowledged_ = false;
    engine_->edit(project_, {.files = std::move(files), .actor = "ann"}, clock_.steady(),
                  [this](const auto& answer) { is_acknowledged_ = answer.has_value(); });
    rounds();
  }
  void sql(const std::string& script) {
    auto other = sqlite::Database::open(store_->path(), {});
    is_acknowledged_ = other && other->script(script);
    engine_->notice_log(Lookout::Writer::others);
    rounds();
  }
  [[nodiscard]] static FileEdit change(const std::string& path, std::optional<std::string> text) {
    return {path, std::move(text), {Expected::What::anything, {}}};
  }
  void expect_if_acknowledged(const std::string& path, std::optional<std::string> text,
                              std::optional<std::string> otherwise) {
    const auto found = disk();
    const auto at = found.find(path);
    const auto is = at == found.end() ? std::nullopt : std::optional(at->second);
    const bool must_be = is_acknowledged_ || is != otherwise;
    EXPECT_EQ(is, must_be ? text : otherwise) << path;
  }

  [[nodiscard]] std::vector<std::string> staged() {
    std::vector<std::string> names;
    const std::string folder =
        dir_.path() + "/state/staging/" + must(tables().projects.list()).front().uuid;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
      names.push_back(entry.path().filename());
    return names;
  }
  void settle_down() {
    wait(std::chrono::seconds(6));
    grace();
    wait(std::chrono::seconds(31));
    grace();
  }
  void expect_all_well(const std::string& what) {
    EXPECT_EQ(rows(), disk()) << what;
    EXPECT_EQ(status().pending_pushes, 0u) << what;
    EXPECT_EQ(status().failure, "") << what;
    EXPECT_EQ(status().state, store::ProjectState::ok) << what << status().reason;
    EXPECT_EQ(conflicts().size(), 0u) << what;
    EXPECT_EQ(staged(), std::vector<std::string>()) << what;
    for (const store::Spec& spec : must(tables().specs.list_live(project_)))
      EXPECT_EQ(spec.sync_error, "") << what;
  }

  /// Whether a call failed.
  bool run(const Scenario& scenario, Faults& faults, size_t nth, size_t how, bool is_lasting) {
    const std::string dir = "openspec/changes/run" + std::to_string(++runs_);
    const std::string what = "call " + std::to_string(nth) + ", error " + std::to_string(how) +
                             (is_lasting ? ", and all after it" : "");
    scenario.prepare(dir);
    faults.fail(nth, how, is_lasting);
    scenario.act(dir);
    if (is_lasting) {
      const size_t before = faults.calls();
      for (int i = 0; i < 50; ++i) wait(std::chrono::milliseconds(100));
      EXPECT_LT(faults.calls() - before, 3'000u) << what << ": it spins";
    }
    const size_t hits = faults.hits();
    faults.stop();
    settle_down();
    // What could not even be removed is found at the next start.
    if (is_lasting) reopen();
    if (is_lasting) settle_down();
    expect_all_well(what);
    scenario.check(dir);
    remove(dir);
    hint(Hint::What::subtree, dir);
    grace();
    return hits != 0;
  }

  /// Each call, and each error of it, until there are no more; then all from some call on.
  void sweep(const Scenario& scenario, Faults& faults) {
    size_t failed = 0;
    for (size_t nth = 1, misses = 0; misses < 3 && nth < 1'000; ++nth) {
      size_t hits = 0;
      for (size_t how = 0; how < 2; ++how) hits += run(scenario, faults, nth, how, false) ? 1 : 0;
      misses = hits == 0 ? misses + 1 : 0;
      failed += hits;
      if (HasFailure()) return;
    }
    EXPECT_GT(failed, 3u);
    std::cerr << "faults: " << failed << "\n";
    for (const size_t nth : {size_t{1}, size_t{5}, size_t{20}}) run(scenario, faults, nth, 1, true);
  }
  void sweep(const Scenario& scenario) {
    sweep(scenario, files_);
    if (!HasFailure()) sweep(scenario, database_);
  }

  bool is_acknowledged_ = false;
  int runs_ = 0;
};

TEST_F(NthFaultTest, F41OfAnEditOfAFile) {
  sweep({.prepare = [&](const std::string& dir) { save(dir + "/tasks.md", "before"); },
         .act = [&](const std::string& dir) { edit({change(dir + "/tasks.md", "after")}); },
         .check =
             [&](const std::string& dir) {
               expect_if_acknowledged(dir + "/tasks.md", "after", "before");
             }});
}

TEST_F(NthFaultTest, F41OfAnEditThatMakesAFileInANewFolder) {
  sweep({.prepare = [&](const std::string& dir) { save(dir + "/tasks.md", "before"); },
         .act =
             [&](const std::string& dir) {
               edit({{dir + "/specs/auth/spec.md", "new", {Expected::What::nothing, {}}}});
             },
         .check =
             [&](const std::string& dir) {
               expect_if_acknowledged(dir + "/specs/auth/spec.md", "new", std::nullopt);
             }});
}

TEST_F(NthFaultTest, F41OfAnEditThatDeletesAFile) {
  sweep({.prepare =
             [&](const std::string& dir) {
               save(dir + "/tasks.md", "before");
               save(dir + "/design.md", "goes");
             },
         .act = [&](const std::string& dir) { edit({change(dir + "/design.md", std::nullopt)}); },
         .check =
             [&](const std::string& dir) {
               expect_if_acknowledged(dir + "/design.md", std::nullopt, "goes");
             }});
}

TEST_F(NthFaultTest, F41OfARowThatAnotherClientEdits) {
  sweep({.prepare = [&](const std::string& dir) { save(dir + "/tasks.md", "before"); },
         .act =
             [&](const std::string& dir) {
               sql("UPDATE spec_files SET content = 'after " + dir + "' WHERE path = '" + dir +
                   "/tasks.md'");
             },
         .check =
             [&](const std::string& dir) {
               expect_if_acknowledged(dir + "/tasks.md", "after " + dir, "before");
             }});
}

TEST_F(NthFaultTest, OfASave) {
  sweep({.prepare = [&](const std::string& dir) { save(dir + "/tasks.md", "before"); },
         .act = [&](const std::string& dir) { save(dir + "/tasks.md", "after"); },
         .check = [&](const std::string& dir) { EXPECT_EQ(row(dir + "/tasks.md"), "after"); }});
}

TEST_F(NthFaultTest, OfASpecThatIsMade) {
  sweep({.prepare = [](const std::string&) {},
         .act =
             [&](const std::string& dir) {
               put(dir + "/tasks.md", "new");
               put(dir + "/specs/auth/spec.md", "new, too");
               hint(Hint::What::subtree, dir);
             },
         .check = [&](const std::string& dir) { EXPECT_EQ(row(dir + "/tasks.md"), "new"); }});
}

TEST_F(NthFaultTest, OfASpecThatIsRenamedAndOneThatGoes) {
  sweep({.prepare =
             [&](const std::string& dir) {
               put(dir + "a/tasks.md", dir + " is renamed");
               put(dir + "b/tasks.md", dir + " goes");
               hint(Hint::What::subtree, dir + "a");
               hint(Hint::What::subtree, dir + "b");
             },
         .act =
             [&](const std::string& dir) {
               rename(dir + "a", dir + "c");
               hint(Hint::What::moved, dir + "c", dir + "a");
               remove(dir + "b");
               hint(Hint::What::subtree, dir + "b");
             },
         .check =
             [&](const std::string& dir) {
               EXPECT_EQ(row(dir + "c/tasks.md"), dir + " is renamed");
               EXPECT_EQ(row(dir + "b/tasks.md"), std::nullopt);
               remove(dir + "c");
               hint(Hint::What::subtree, dir + "c");
             }});
}

}  // namespace
}  // namespace specd::sync
