#include "tests/crash/power_cut.h"

#include <algorithm>
#include <utility>

namespace specd::crash {
namespace {

constexpr size_t kNone = 0, kAll = 1;
constexpr size_t kZeros = 2, kFirstHalf = 3, kWaysOfAFile = 4;
constexpr size_t kFirstOnes = 2, kNotTheFirst = 3, kLastTorn = 4, kWaysOfADatabase = 5;

const DiskChange& disk_change(const Timeline& line, size_t at) {
  return std::get<DiskChange>(line.steps[at]);
}

DiskChange damaged(DiskChange change, size_t how) {
  if (change.what != DiskChange::What::written) return change;
  if (how == kZeros) change.content.assign(change.content.size(), '\0');
  if (how == kFirstHalf) change.content.resize(change.content.size() / 2);
  return change;
}

/// How many bytes of the `i`th of some writes have survived; none: it has not.
size_t surviving(const std::vector<size_t>& writes, size_t i, size_t how, size_t bytes) {
  const bool is_last = i + 1 == writes.size();
  const bool is_there = how == kAll || (how == kFirstOnes && i < writes.size() / 2) ||
                        (how == kNotTheFirst && i != 0) || how == kLastTorn;
  if (!is_there) return 0;
  return how == kLastTorn && is_last ? bytes / 2 : bytes;
}

void describe(const MemTree& tree, uint64_t inode, std::string& text) {
  const MemNode& node = tree.at(inode);
  text += std::to_string(inode) + ":" + std::to_string(node.attributes.mode) + node.content;
  for (const auto& [name, target] : node.names) {
    text += "/" + name + "=";
    describe(tree, target, text);
  }
  text += ";";
}

}  // namespace

size_t hash_of(const Survived& survived) {
  std::string text;
  describe(survived.tree, MemTree::kRoot, text);
  for (const auto& [path, content] : survived.databases) text += content;
  for (const std::string& promise : survived.promises) text += promise;
  return std::hash<std::string>()(text);
}

PowerCut::PowerCut(const Timeline& line, size_t at, Order order)
    : line_(line), at_(at), order_(order) {
  for (size_t i = 0; i < at; ++i) {
    const Step& step = line.steps[i];
    if (const auto* change = std::get_if<DiskChange>(&step)) note(*change, i);
    if (const auto* change = std::get_if<DatabaseChange>(&step)) note(*change, i);
    if (const auto* promise = std::get_if<Promise>(&step)) promises_.insert(promise->what);
  }
  find_ways();
}

void PowerCut::note(const DiskChange& change, size_t at) {
  using What = DiskChange::What;
  if (change.what == What::written || change.what == What::attributed)
    files_[change.inode].push_back(at);
  if (change.what == What::named) note_name(change, at);
  if (change.what != What::synced) return;
  files_.erase(change.inode);
  sync_folder(change.inode);
}

void PowerCut::note_name(const DiskChange& change, size_t at) {
  const bool is_of_last =
      !names_.empty() && disk_change(line_, names_.back().steps.front()).call == change.call;
  if (!is_of_last || order_ == Order::sides) names_.emplace_back();
  names_.back().steps.push_back(at);
}

void PowerCut::sync_folder(uint64_t folder) {
  const auto is_in_it = [&](size_t at) { return disk_change(line_, at).inode == folder; };
  auto synced = names_.begin();
  for (auto unit = names_.begin(); unit != names_.end(); ++unit) {
    if (!std::ranges::any_of(unit->steps, is_in_it)) continue;
    unit->is_durable = true;
    synced = unit;
  }
  if (order_ != Order::journalled) return;
  for (auto unit = names_.begin(); unit != synced; ++unit) unit->is_durable = true;
}

void PowerCut::note(const DatabaseChange& change, size_t at) {
  if (change.what == DatabaseChange::What::synced) {
    databases_.erase(change.path);
  } else {
    databases_[change.path].push_back(at);
  }
}

void PowerCut::find_ways() {
  const auto pending = static_cast<size_t>(
      std::ranges::count_if(names_, [](const Unit& unit) { return !unit.is_durable; }));
  if (order_ == Order::journalled) {
    if (pending != 0) ways_.push_back(pending + 1);
  } else {
    ways_.assign(pending, 2);
  }
  names_chosen_ = ways_.size();
  ways_.insert(ways_.end(), files_.size(), kWaysOfAFile);
  ways_.insert(ways_.end(), databases_.size(), kWaysOfADatabase);
}

std::vector<PowerCut::Ways> PowerCut::chosen(size_t most, Random& random) const {
  std::vector<Ways> all;
  size_t count = 1;
  for (const size_t ways : ways_) count = std::min(count * ways, most + 1);
  if (count <= most) {
    for (size_t i = 0; i < count; ++i) {
      Ways choice;
      size_t rest = i;
      for (const size_t ways : ways_) {
        choice.push_back(rest % ways);
        rest /= ways;
      }
      all.push_back(std::move(choice));
    }
    return all;
  }
  for (const size_t names : {kNone, kAll}) {
    for (const size_t files : {kNone, kAll, kZeros}) {
      for (const size_t databases : {kNone, kAll}) {
        Ways choice(names_chosen_, names);
        choice.insert(choice.end(), files_.size(), files);
        choice.insert(choice.end(), databases_.size(), databases);
        all.push_back(std::move(choice));
      }
    }
  }
  while (all.size() < most) {
    Ways choice;
    for (const size_t ways : ways_) choice.push_back(random.next() % ways);
    all.push_back(std::move(choice));
  }
  return all;
}

/// For each step that gives or takes a name, whether it has survived.
void PowerCut::choose_names(const Ways& choice, std::vector<size_t>& how) const {
  size_t pending = 0;
  for (const Unit& unit : names_) {
    bool is_there = unit.is_durable;
    if (!is_there) {
      // Of a journal: nothing, all, or the first ones.
      const size_t first_ones = choice[0] == kAll    ? SIZE_MAX
                                : choice[0] == kNone ? 0
                                                     : choice[0] - 1;
      is_there = order_ == Order::journalled ? pending < first_ones : choice[pending] == kAll;
      ++pending;
    }
    for (const size_t at : unit.steps) how[at] = is_there ? kAll : kNone;
  }
}

Survived PowerCut::survive(const Ways& choice) const {
  std::vector<size_t> how(at_, kAll);  // each step has survived
  choose_names(choice, how);
  size_t next = names_chosen_;
  for (const auto& [inode, steps] : files_) {
    for (const size_t at : steps) how[at] = choice[next];
    ++next;
  }
  Survived left{{}, line_.databases, promises_};
  for (size_t i = 0; i < at_; ++i) {
    const auto* change = std::get_if<DiskChange>(&line_.steps[i]);
    if (change != nullptr && how[i] != kNone) left.tree.apply(damaged(*change, how[i]));
  }
  left.tree.drop_unreachable();
  std::map<std::string, size_t> ways;
  for (const auto& [path, steps] : databases_) ways[path] = choice[next++];
  std::map<std::string, size_t> seen;
  for (size_t i = 0; i < at_; ++i) {
    const auto* change = std::get_if<DatabaseChange>(&line_.steps[i]);
    if (change == nullptr || change->what == DatabaseChange::What::synced) continue;
    const auto pending = databases_.find(change->path);
    size_t bytes = change->bytes.size();
    if (pending != databases_.end() && i >= pending->second.front()) {
      const size_t nth = seen[change->path]++;
      const size_t full = std::max(bytes, size_t{1});  // a truncation has none
      const size_t left_of_it = surviving(pending->second, nth, ways[change->path], full);
      if (left_of_it == 0) continue;
      bytes = std::min(bytes, left_of_it);
    }
    apply(left.databases[change->path], *change, bytes);
  }
  return left;
}

void PowerCut::each(size_t most, Random& random,
                    const std::function<void(const Survived&)>& judge) const {
  for (const Ways& choice : chosen(most, random)) judge(survive(choice));
}

}  // namespace specd::crash
