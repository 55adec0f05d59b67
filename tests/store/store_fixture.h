#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "base/digest.h"
#include "store/store.h"
#include "tests/support/must.h"
#include "tests/support/temp_dir.h"

namespace specd::store {

inline constexpr WallTime kNow = WallTime(std::chrono::seconds(1'800'000'000));

using test::must;

/// A new database with one project and one live spec "a" in openspec/changes/a.
class StoreTest : public testing::Test {
 protected:
  StoreTest() { fresh(); }

  /// Throws everything away and begins anew.
  void fresh() {
    store_.reset();
    std::filesystem::remove_all(folder());
    open();
    writing([&] {
      project_ = must(store_->tables.projects.add(project("alpha"))).id;
      must(store_->tables.specs.insert(spec("a")));
    });
  }

  void open() {
    auto opened = must(Store::open({.folder = folder(), .now = kNow, .boot_id = "boot"}));
    store_ = std::move(opened.store);
    report_ = std::move(opened.report);
  }
  [[nodiscard]] std::string folder() const { return dir_.path() + "/state"; }
  Tables& tables() { return store_->tables; }

  /// Runs `body` in a transaction of its own.
  template <class Body>
  void writing(Body body) {
    auto transaction = must(store_->begin());
    body();
    must(transaction.commit());
  }

  [[nodiscard]] static Project project(const std::string& name) {
    Project project;
    project.uuid = "uuid-" + name;
    project.slug = name;
    project.root = "/roots/" + name;
    project.source = "folder";
    project.added_at = kNow;
    return project;
  }
  [[nodiscard]] static SpecKey key(const std::string& id) { return SpecKey{Ulid{"KEY-" + id}}; }
  [[nodiscard]] Spec spec(const std::string& id) const {
    Spec spec;
    spec.key = key(id);
    spec.project = project_;
    spec.id = id;
    spec.change_id = id;
    spec.dir = "openspec/changes/" + id;
    return spec;
  }
  [[nodiscard]] static std::string path(const std::string& id, const std::string& name) {
    return "openspec/changes/" + id + "/" + name;
  }

  /// In a transaction: what a pull of `content` does, whatever the row is now.
  bool pull(const std::string& file, const std::string& content, const std::string& id = "a",
            OldContent old = OldContent::keep_superseded) {
    return must(tables().files.pull({.project = project_,
                                     .path = file,
                                     .spec = key(id),
                                     .role = spec::Role::tasks,
                                     .planned = rev(file),
                                     .content = content,
                                     .digest = sha256(content),
                                     .fingerprint = kSeen,
                                     .facts = &facts_,
                                     .old_content = old,
                                     .now = kNow}));
  }
  Rev rev(const std::string& file) {
    const auto row = must(tables().files.peek(project_, file));
    return row ? row->rev : Rev{0};
  }
  FileRow row(const std::string& file) { return must(tables().files.get(project_, file)).value(); }
  FileState state(const std::string& file) {
    return must(tables().states.get(project_, file)).value();
  }

  static constexpr Fingerprint kSeen{.dev = 1, .ino = 2, .size = 3, .mtime_ns = 4, .ctime_ns = 5};

  test::TempDir dir_;
  std::unique_ptr<Store> store_;
  OpenReport report_;
  ProjectId project_;
  FileFacts facts_;
};

}  // namespace specd::store
