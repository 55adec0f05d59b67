// GET /api/v1/projects/{slug}/graph: who depends on whom. With an ETag. No query.
//
//   project            string   its slug
//   layout             string   "openspec" or "leanspec"
//   nodes              list     every live spec, by kind, then id
//     key, id, kind    string
//     title            string
//     status           string or null (none)
//   edges              list     LeanSpec: links whose other end is known
//     type             string   "depends_on", "parent" or "related"
//     from, to         string   keys; `from` is the spec that says it
//   broken             list     LeanSpec: links whose other end is not known
//     type, from       string   as above
//     name             string   what stands in the front matter
//     why              string   "none" has that name, or it is "ambiguous"
//     candidates       list     of keys: the first ten that it may mean; empty where there are none
//   cycles             list     of lists of keys: specs that depend on each other in a circle, each
//                               spec in one circle at most; one alone depends on itself
//   overlaps           list     OpenSpec: requirements that more than one active change touches
//     capability       string   its id, whether it is there yet or not
//     requirement      string   its name
//     changes          list     by id
//       key, id        string
//       operations     list     of "added", "modified", "removed", "renamed" (from or to this name)
//   overlaps_complete  boolean  false: there are more deltas than were read (16 MiB), and perhaps
//                               more overlaps

#include <algorithm>
#include <map>
#include <set>

#include "api/answers.h"
#include "api/handlers.h"
#include "api/links.h"
#include "base/path.h"
#include "proto/json_build.h"
#include "spec/delta.h"

namespace specd::api {
namespace {

constexpr size_t kMaxCandidates = 10;
constexpr size_t kMaxDeltaBytes = size_t{16} << 20;

struct Requirement {
  std::string capability;
  std::string name;
  friend auto operator<=>(const Requirement&, const Requirement&) = default;
};
/// What each change, by its place, does to it.
using Touches = std::map<Requirement, std::map<size_t, std::set<std::string_view>>>;

struct Overlaps {
  Touches touches;
  bool is_complete = true;
};

Value to_node(const store::Spec& spec) {
  Value node = proto::object();
  node.entries.emplace_back("key", proto::text(spec.key.value.text));
  node.entries.emplace_back("id", proto::text(spec.id));
  node.entries.emplace_back("kind", proto::text(spec::to_string(spec.kind)));
  node.entries.emplace_back("title", proto::text(spec.title));
  node.entries.emplace_back("status", proto::text_or_null(spec.status));
  return node;
}

Value keys_of(const std::vector<store::Spec>& specs, std::span<const size_t> places) {
  Value keys = proto::list();
  for (size_t place : places) keys.items.push_back(proto::text(specs[place].key.value.text));
  return keys;
}

void add_links(const std::vector<store::Spec>& specs, Value& graph) {
  Value edges = proto::list(), broken = proto::list(), cycles = proto::list();
  spec::Links dependencies(specs.size());
  for (const Link& link : read_links(specs)) {
    Value told = proto::object();
    told.entries.emplace_back("type", proto::text(link.type));
    told.entries.emplace_back("from", proto::text(specs[link.from].key.value.text));
    if (link.is_resolved()) {
      if (link.type == "depends_on") dependencies[link.from].push_back(link.to.front());
      told.entries.emplace_back("to", proto::text(specs[link.to.front()].key.value.text));
      edges.items.push_back(std::move(told));
    } else {
      const std::span<const size_t> all(link.to);
      told.entries.emplace_back("name", proto::text(link.name));
      told.entries.emplace_back("why", proto::text(link.why()));
      told.entries.emplace_back("candidates",
                                keys_of(specs, all.first(std::min(all.size(), kMaxCandidates))));
      broken.items.push_back(std::move(told));
    }
  }
  for (const std::vector<size_t>& cycle : spec::find_cycles(dependencies))
    cycles.items.push_back(keys_of(specs, cycle));
  graph.entries.emplace_back("edges", std::move(edges));
  graph.entries.emplace_back("broken", std::move(broken));
  graph.entries.emplace_back("cycles", std::move(cycles));
}

// `openspec/changes/<id>/specs/<capability>/spec.md`
std::string capability_of(const store::Spec& change, std::string_view path) {
  if (!path::is_within(path, change.dir)) return {};
  const std::string_view below = path::below(path, change.dir);
  if (!path::is_within(below, "specs") || below == "specs") return {};
  return std::string(path::parent(path::below(below, "specs")));
}

void note(const spec::Delta& delta, const std::string& capability, size_t change, Touches& all) {
  const auto touch = [&](const std::string& requirement, std::string_view operation) {
    all[{capability, requirement}][change].insert(operation);
  };
  for (const spec::Requirement& each : delta.added) touch(each.name, "added");
  for (const spec::Requirement& each : delta.modified) touch(each.name, "modified");
  for (const spec::Requirement& each : delta.removed) touch(each.name, "removed");
  for (const spec::Rename& each : delta.renamed) {
    touch(each.from, "renamed");
    touch(each.to, "renamed");
  }
}

Result<Overlaps> find_overlaps(const store::Tables& tables, ProjectId project,
                               const std::vector<store::Spec>& specs) {
  std::map<SpecKey, size_t> places;
  for (size_t i = 0; i < specs.size(); ++i) places.emplace(specs[i].key, i);
  Overlaps found;
  size_t bytes = 0;
  auto read = tables.reports.each_delta(project, [&](const store::DeltaFile& file) {
    bytes += file.content.size();
    found.is_complete = bytes <= kMaxDeltaBytes;
    const auto change = places.find(file.spec);
    if (!found.is_complete || change == places.end()) return found.is_complete;
    const std::string capability = capability_of(specs[change->second], file.path);
    if (!capability.empty())
      note(spec::delta(file.content), capability, change->second, found.touches);
    return true;
  });
  if (!read) return tl::unexpected(read.error());
  std::erase_if(found.touches, [](const auto& touched) { return touched.second.size() < 2; });
  return found;
}

Value to_value(const Overlaps& overlaps, const std::vector<store::Spec>& specs) {
  Value all = proto::list();
  for (const auto& [requirement, touches] : overlaps.touches) {
    Value changes = proto::list();
    for (const auto& [place, operations] : touches) {
      Value listed = proto::list();
      for (std::string_view operation : operations) listed.items.push_back(proto::text(operation));
      Value change = proto::object();
      change.entries.emplace_back("key", proto::text(specs[place].key.value.text));
      change.entries.emplace_back("id", proto::text(specs[place].id));
      change.entries.emplace_back("operations", std::move(listed));
      changes.items.push_back(std::move(change));
    }
    Value overlap = proto::object();
    overlap.entries.emplace_back("capability", proto::text(requirement.capability));
    overlap.entries.emplace_back("requirement", proto::text(requirement.name));
    overlap.entries.emplace_back("changes", std::move(changes));
    all.items.push_back(std::move(overlap));
  }
  return all;
}

}  // namespace

Result<net::Response> get_graph(const Api& api, const net::Request& request) {
  const auto open = open_project(api, request);
  if (!open) return tl::unexpected(open.error());
  const store::Tables& tables = open->tables();
  const auto specs = tables.specs.list_live(open->project.id);
  if (!specs) return tl::unexpected(specs.error());
  const auto overlaps = find_overlaps(tables, open->project.id, *specs);
  if (!overlaps) return tl::unexpected(overlaps.error());

  Value nodes = proto::list();
  for (const store::Spec& spec : *specs) nodes.items.push_back(to_node(spec));
  Value graph = proto::object();
  graph.entries.emplace_back("project", proto::text(open->project.slug));
  graph.entries.emplace_back("layout", proto::text(spec::to_string(open->project.layout)));
  graph.entries.emplace_back("nodes", std::move(nodes));
  add_links(*specs, graph);
  graph.entries.emplace_back("overlaps", to_value(*overlaps, *specs));
  graph.entries.emplace_back("overlaps_complete", proto::boolean(overlaps->is_complete));
  return tagged_answer(graph);
}

}  // namespace specd::api
