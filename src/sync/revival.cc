#include "sync/revival.h"

#include <algorithm>
#include <functional>

#include "base/path.h"
#include "sync/folders.h"

namespace specd::sync {
namespace {

/// Those that its rows still have, the latest deleted first: a file that had been deleted before
/// its spec was, has a row as well, and is one of these only if nothing else was like it.
Result<> take_from_rows(const store::Tables& tables, const SpecKey& key,
                        std::vector<Digest>& wanted, std::map<std::string, std::string>& found) {
  auto rows = tables.files.of_spec(key);
  if (!rows) return tl::unexpected(rows.error());
  std::ranges::stable_sort(*rows, std::greater<>(), &store::FileRow::deleted_at);
  for (const store::FileRow& row : *rows) {
    auto full = tables.files.get(row.project, row.path);
    if (!full) return tl::unexpected(full.error());
    if (!*full || !(*full)->deleted_at) continue;
    const auto is_it = std::ranges::find(wanted, sha256((*full)->content));
    if (is_it == wanted.end()) continue;
    wanted.erase(is_it);
    found.emplace(row.path, std::move((*full)->content));
  }
  return {};
}

/// Others, where another spec has taken the path since.
Result<> take_from_versions(store::Store& store, const SpecKey& key, std::vector<Digest>& wanted,
                            std::map<std::string, std::string>& found) {
  {
    auto tx = store.begin();
    if (!tx) return tl::unexpected(tx.error());
    auto moved = store.tables.rescued.move_to_versions(store.tables.versions, INT64_MAX);
    if (!moved) return tl::unexpected(moved.error());
    if (auto done = tx->commit(); !done) return done;
  }
  std::vector<Digest> missing;
  for (const Digest& digest : wanted) {
    auto paths = store.tables.versions.paths_of(key, digest);
    if (!paths) return tl::unexpected(paths.error());
    const auto free = std::ranges::find_if(
        *paths, [&](const std::string& path) { return !found.contains(path); });
    if (free == paths->end()) {
      missing.push_back(digest);
      continue;
    }
    auto content = store.tables.versions.content(digest);
    if (!content) return tl::unexpected(content.error());
    found.emplace(*free, std::move(*content));
  }
  wanted = std::move(missing);
  return {};
}

}  // namespace

Result<std::map<std::string, std::string>> contents_when_deleted(store::Store& store,
                                                                 const SpecKey& key) {
  std::map<std::string, std::string> found;
  auto wanted = store.tables.specs.contents_of_deleted(key);
  if (!wanted) return tl::unexpected(wanted.error());
  if (auto done = take_from_rows(store.tables, key, *wanted, found); !done)
    return tl::unexpected(done.error());
  if (wanted->empty()) return found;
  if (auto done = take_from_versions(store, key, *wanted, found); !done)
    return tl::unexpected(done.error());
  if (wanted->empty()) return found;
  return fail(Code::conflict, std::to_string(wanted->size()) +
                                  " of its files are not kept any more; restore the others one by "
                                  "one, once its folder is there again");
}

Result<> check_revivable(const store::Tables& tables, const store::Spec& spec) {
  const std::string id = printable_utf8(spec.id);
  if (!spec.deleted_at) return fail(Code::conflict, "the spec " + id + " is not deleted");
  auto there = tables.specs.live_at(spec.project, spec.dir);
  if (there && !*there) there = tables.specs.live(spec.project, spec.kind, spec.id);
  if (!there) return tl::unexpected(there.error());
  if (!*there) return {};
  return fail(Code::conflict, "another spec has its place by now: " +
                                  printable_utf8((*there)->dir) + "; rename that folder first");
}

Result<Fingerprint> make_folder_again(FileOps& ops, const std::string& dir) {
  auto parent = make_folders(ops, std::string(path::parent(dir)));
  if (!parent) return fail_within(dir, parent.error());
  const std::string name(path::name(dir));
  if (auto made = ops.make_folder({*parent, name}); !made) return fail_within(dir, made.error());
  if (auto synced = ops.sync(*parent); !synced) return fail_within(dir, synced.error());
  auto stat = ops.stat(Entry{*parent, name});
  if (!stat) return fail_within(dir, stat.error());
  return stat->fingerprint;
}

void take_folder_back(FileOps& ops, const std::string& dir, const std::vector<std::string>& paths) {
  const auto parent = ops.open_folder(std::string(path::parent(dir)));
  const auto folder = ops.open_folder(dir);
  if (!parent || !folder) return;
  for (const std::string& path : paths) {
    const auto below = path::below(path::parent(path), dir);
    if (!below.empty()) (void)remove_empty_folders(ops, *folder, below);
  }
  (void)ops.remove_folder({*parent, std::string(path::name(dir))});
}

}  // namespace specd::sync
