#include "sync/agenda.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "base/path.h"

namespace specd::sync {
namespace {

std::string renamed(const std::string& path, const std::string& from, const std::string& to) {
  return path::is_within(path, from) ? path::join(to, path::below(path, from)) : path;
}

void rename_in(std::set<std::string>& paths, const std::string& from, const std::string& to) {
  std::set<std::string> after;
  for (const std::string& path : paths) after.insert(renamed(path, from, to));
  paths = std::move(after);
}

}  // namespace

void Agenda::take(const Hint& hint, SteadyTime now) {
  if (!first_hint) first_hint = now;
  switch (hint.what) {
    case Hint::What::file:
      done_files.insert(hint.path);
      break;
    case Hint::What::open_file:
      open_files.insert(hint.path);
      break;
    case Hint::What::subtree:
      subtrees.insert(hint.path);
      break;
    case Hint::What::moved:
      // Hints that came before speak of the old name, those that come after of the new one.
      rename_in(done_files, hint.from, hint.path);
      rename_in(open_files, hint.from, hint.path);
      rename_in(unsure_files, hint.from, hint.path);
      moves.emplace_back(hint.from, hint.path);
      break;
    case Hint::What::everywhere:
      want_scan(store::Trigger::file_watcher, now);
      break;
  }
}

void Agenda::want_scan(store::Trigger why, SteadyTime now) {
  if (!first_hint) first_hint = now;
  // A scan that somebody asked for believes more than one that a timer or a hint asks for.
  const bool is_asked = why == store::Trigger::startup || why == store::Trigger::manual;
  if (!scan || is_asked) scan = why;
}

void Agenda::put_back(Agenda&& undone) {
  done_files.merge(undone.done_files);
  open_files.merge(undone.open_files);
  unsure_files.merge(undone.unsure_files);
  subtrees.merge(undone.subtrees);
  moves.insert(moves.begin(), undone.moves.begin(), undone.moves.end());
  if (undone.scan) scan = undone.scan;
  if (undone.first_hint && (!first_hint || *undone.first_hint < *first_hint))
    first_hint = undone.first_hint;
}

void Agenda::retry(const std::string& path, SteadyTime now) {
  using std::chrono::milliseconds;
  constexpr std::array<milliseconds, 7> waits{
      milliseconds(10),  milliseconds(20),  milliseconds(50),  milliseconds(100),
      milliseconds(200), milliseconds(500), milliseconds(1000)};
  int& times = tries[path];
  busy_since.try_emplace(path, now);
  busy[path] = now + waits[std::min(static_cast<size_t>(times), waits.size() - 1)];
  ++times;
}

std::optional<SteadyTime> Agenda::oldest(SteadyTime::duration grace) const {
  std::optional<SteadyTime> oldest;
  const auto older = [&](SteadyTime at) {
    if (!oldest || at < *oldest) oldest = at;
  };
  if (has_work_now() && first_hint) older(*first_hint);
  for (const auto& [path, at] : busy_since) older(at);
  for (const auto& [path, at] : absent) older(at - grace);
  return oldest;
}

bool Agenda::concerns(const std::string& path) const {
  if (scan || !moves.empty()) return true;
  const auto is_near = [&](const std::string& other) {
    return path::is_within(other, path) || path::is_within(path, other);
  };
  const auto has_near = [&](const auto& times) {
    return std::any_of(times.begin(), times.end(),
                       [&](const auto& entry) { return is_near(entry.first); });
  };
  return std::any_of(done_files.begin(), done_files.end(), is_near) ||
         std::any_of(open_files.begin(), open_files.end(), is_near) ||
         std::any_of(unsure_files.begin(), unsure_files.end(), is_near) ||
         std::any_of(subtrees.begin(), subtrees.end(), is_near) || has_near(busy) ||
         has_near(absent);
}

std::optional<SteadyTime> Agenda::next_later() const {
  std::optional<SteadyTime> next;
  const auto sooner = [&](SteadyTime at) {
    if (!next || at < *next) next = at;
  };
  for (const auto& [path, at] : busy) sooner(at);
  for (const auto& [path, at] : absent) sooner(at);
  return next;
}

std::vector<std::string> Agenda::take_due(SteadyTime now) {
  for (auto entry = busy.begin(); entry != busy.end();) {
    if (entry->second > now) {
      ++entry;
      continue;
    }
    unsure_files.insert(entry->first);
    if (!first_hint) first_hint = now;
    entry = busy.erase(entry);
  }
  if (busy.empty() && unsure_files.empty()) {
    tries.clear();
    busy_since.clear();
  }
  std::vector<std::string> due;
  for (auto entry = absent.begin(); entry != absent.end();) {
    if (entry->second > now) {
      ++entry;
      continue;
    }
    due.push_back(entry->first);
    entry = absent.erase(entry);
  }
  return due;
}

}  // namespace specd::sync
