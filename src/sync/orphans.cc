#include "sync/orphans.h"

#include "sync/owner.h"

namespace specd::sync {
namespace {

struct Adoption {
  store::FileRow row;
  SpecKey spec;
  spec::Role role{};
};

Result<std::vector<Adoption>> find_specs_of(const store::Tables& tables,
                                            const ProjectView& project) {
  auto orphans = tables.files.orphans(project.id);
  if (!orphans) return tl::unexpected(orphans.error());
  std::vector<Adoption> found;
  for (store::FileRow& row : *orphans) {
    auto spec = spec_around(tables, project.id, row.path);
    if (!spec) return tl::unexpected(spec.error());
    if (!*spec) continue;
    auto role = role_at(tables, project, **spec, row.path);
    if (!role && role.error().code == Code::invalid) continue;
    if (!role) return tl::unexpected(role.error());
    found.push_back({std::move(row), (*spec)->key, *role});
  }
  return found;
}

}  // namespace

Result<std::vector<std::string>> adopt_orphans(store::Store& store, const ProjectView& project) {
  std::vector<std::string> adopted;
  // Before the transaction, since a schema of the project's own is read from disk.
  auto found = find_specs_of(store.tables, project);
  if (!found) return tl::unexpected(found.error());
  if (found->empty()) return adopted;
  auto tx = store.begin();
  if (!tx) return tl::unexpected(tx.error());
  for (const Adoption& each : *found) {
    auto rev =
        store.tables.files.assign(project.id, each.row.path, each.row.rev, each.spec, each.role);
    if (!rev) return tl::unexpected(rev.error());
    if (*rev) adopted.push_back(each.row.path);
  }
  if (auto done = tx->commit(); !done) return tl::unexpected(done.error());
  return adopted;
}

}  // namespace specd::sync
