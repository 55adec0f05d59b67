#include "sync/reversion.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/path.h"
#include "sync/folders.h"

namespace specd::sync {
namespace {

// Files of one transaction.
constexpr size_t kAtOnce = 256;

}  // namespace

Result<size_t> Reversion::revert_rows(const ProjectView& project,
                                      const std::vector<std::string>& paths, const Author& author) {
  size_t reverted = 0;
  for (size_t at = 0; at < paths.size(); at += kAtOnce) {
    const size_t end = std::min(at + kAtOnce, paths.size());
    auto some = revert_some(
        project,
        {paths.begin() + static_cast<ptrdiff_t>(at), paths.begin() + static_cast<ptrdiff_t>(end)},
        author);
    if (!some) return some;
    reverted += *some;
  }
  return reverted;
}

Result<size_t> Reversion::revert_some(const ProjectView& project,
                                      const std::vector<std::string>& paths, const Author& author) {
  struct Found {
    store::FileRow row;
    OnDisk disk;
  };
  std::map<SpecKey, std::vector<Found>> specs;
  for (const std::string& path : paths) {
    auto row = store_.tables.files.peek(project.id, path);
    if (!row) return tl::unexpected(row.error());
    if (!*row) continue;
    Found found{.row = std::move(**row)};
    found.disk = disk_.read(project.fs, {found_file(path, found.row.role), false, true});
    const SpecKey spec = found.row.spec;
    specs[spec].push_back(std::move(found));
  }
  auto tx = store_.begin();
  if (!tx) return tl::unexpected(tx.error());
  Journal journal(store_.tables, project.id, {store::Trigger::manual, clock_.steady()},
                  clock_.wall(), clock_.steady());
  Outcome outcome;
  PullApplier applier(store_.tables, clock_, journal, outcome);
  for (auto& [key, files] : specs) {
    auto record = store_.tables.specs.get(key);
    if (!record) return tl::unexpected(record.error());
    if (!*record || (*record)->deleted_at) continue;
    auto work = work_from_rows(store_.tables, std::move(**record));
    if (!work) return tl::unexpected(work.error());
    for (Found& found : files) {
      if (found.disk.error) continue;
      FileWork& file = work->file(found.row.path, found.row.role);
      file.disk = std::move(found.disk);
      if (auto done = applier.take_back(*work, file, found.row, author); !done)
        return tl::unexpected(done.error());
    }
    work->list_files();
    if (auto done = applier.write_record(*work); !done) return tl::unexpected(done.error());
  }
  if (auto done = journal.write(); !done) return tl::unexpected(done.error());
  if (auto done = tx->commit(); !done) return tl::unexpected(done.error());
  return outcome.pulled;
}

Result<size_t> Reversion::bring_back(const ProjectView& project, FileOps& ops,
                                     const std::vector<std::string>& dirs, const Author& author) {
  size_t specs = 0;
  for (const std::string& dir : dirs) {
    auto spec = store_.tables.specs.live_at(project.id, dir);
    if (!spec) return tl::unexpected(spec.error());
    if (!*spec) continue;
    auto folder = make_folders(ops, dir);
    if (!folder) return fail_within(dir, folder.error());
    auto names = ops.list(*folder);
    if (!names) return fail_within(dir, names.error());
    if (!names->empty()) continue;  // somebody is bringing it back
    auto stat = ops.stat(*folder);
    if (!stat) return fail_within(dir, stat.error());
    if (auto done = write_again(project, std::move(**spec), stat->stat, author); !done)
      return tl::unexpected(done.error());
    ++specs;
  }
  return specs;
}

/// As an edit of all of its files, which the disk does not have.
Result<> Reversion::write_again(const ProjectView& project, store::Spec spec,
                                const FileStat& folder, const Author& author) {
  auto tx = store_.begin(sqlite::Durability::full);
  if (!tx) return tl::unexpected(tx.error());
  store::Tables& tables = store_.tables;
  auto edit = tables.edits.add({.project = project.id,
                                .spec = spec.key,
                                .origin = author.origin,
                                .actor = author.actor,
                                .at = clock_.wall()});
  if (!edit) return tl::unexpected(edit.error());
  spec.dir_dev = folder.fingerprint.dev;
  spec.dir_ino = folder.fingerprint.ino;
  if (auto done = tables.specs.set_folder(spec); !done) return done;
  auto rows = tables.files.of_spec(spec.key);
  if (!rows) return tl::unexpected(rows.error());
  for (const store::FileRow& row : *rows) {
    if (row.deleted_at) continue;
    auto forgotten = tables.states.agree(
        {.project = project.id, .path = row.path, .base = {}, .pushed_rev = {}, .fingerprint = {}});
    if (!forgotten) return forgotten;
    auto again = tables.files.touch(project.id, row.path, row.rev, *edit, clock_.wall());
    if (!again) return tl::unexpected(again.error());
  }
  return tx->commit();
}

}  // namespace specd::sync
