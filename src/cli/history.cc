#include <cstdlib>

#include "base/json.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/find.h"
#include "cli/follow.h"
#include "cli/print.h"
#include "cli/table.h"

namespace specd::cli {
namespace {

constexpr int kPage = 1'000;

// "a.md, b.md and 3 more"
std::string files(const Value& entry) {
  const auto& changed = list_of(entry, "files_changed");
  std::string text;
  for (size_t i = 0; i < changed.size() && i < 2; ++i)
    text += (i == 0 ? "" : ", ") + changed[i].text;
  if (changed.size() > 2) text += " and " + std::to_string(changed.size() - 2) + " more";
  return text;
}

void add(Table& table, const Value& entry) {
  const std::string error = text_of(entry, "error_message");
  const std::string name = text_of(entry, "spec_name");
  table.add({text_of(entry, "synced_at"), text_of(entry, "project"),
             name.empty() ? text_of(entry, "spec_id") : name, text_of(entry, "change"),
             text_of(entry, "triggered_by"), error.empty() ? files(entry) : "! " + error});
}

Table new_table() {
  return Table({"WHEN", "PROJECT", "SPEC", "WHAT", "WHY", "FILES"});
}

// What is asked for, but how many and from where: "&project=a&spec=K".
Result<std::string> filter(const AskArgs& ask) {
  std::string project = ask.project, filter;
  if (!ask.spec.empty()) {
    const auto spec = find_spec(ask, ask.spec);
    if (!spec) return tl::unexpected(spec.error());
    project = text_of(spec->value, "project");
    filter = "&spec=" + encode(text_of(spec->value, "key"));
  }
  return (project.empty() ? "" : "&project=" + encode(project)) + filter;
}

/// What was shown so far, and how.
class Shown {
 public:
  Shown(const AskArgs& ask, std::string filter) : ask_(ask), filter_(std::move(filter)) {}

  // The latest entries, the oldest of them first.
  Result<> begin() {
    const auto answer = get(ask_, target() + "&limit=" + std::to_string(ask_.limit));
    if (!answer) return tl::unexpected(answer.error());
    auto entries = list_of(answer->value, "history");
    show({entries.rbegin(), entries.rend()});
    return {};
  }

  // Everything that came since, each once: an entry's id is above those of all before.
  Result<> go_on() {
    if (auto same = look_for_another_database(); !same) return same;
    for (;;) {
      const auto answer = get(
          ask_, target() + "&limit=" + std::to_string(kPage) + "&after=" + std::to_string(last_));
      if (!answer) return tl::unexpected(answer.error());
      const auto& entries = list_of(answer->value, "history");
      show(entries);
      if (entries.empty() || text_of(answer->value, "after").empty()) return {};
    }
  }

 private:
  [[nodiscard]] std::string target() const { return "/api/v1/history?" + filter_; }

  // One that was made anew counts from the beginning.
  Result<> look_for_another_database() {
    const auto answer = get(ask_, "/api/v1/history?limit=1");
    if (!answer) return tl::unexpected(answer.error());
    const auto& latest = list_of(answer->value, "history");
    const int64_t id = latest.empty() ? 0 : std::atoll(text_of(latest[0], "id").c_str());
    if (id >= last_) return {};
    std::fputs("specd: this is another database, or its history was cut; from its beginning\n",
               stderr);
    last_ = 0;
    return {};
  }

  void show(const std::vector<Value>& entries) {
    for (const Value& entry : entries) {
      last_ = std::atoll(text_of(entry, "id").c_str());
      if (ask_.json) print(json::dump(entry) + "\n");
      if (!ask_.json) add(table_, entry);
    }
    if (!ask_.json) print(table_.take());
  }

  const AskArgs& ask_;
  const std::string filter_;
  Table table_ = new_table();
  int64_t last_ = 0;
};

int follow_history(AskArgs ask, const std::string& filter) {
  ask.timeout_s = 0;  // a daemon that stands still is asked again; Ctrl-C waits no longer than that
  Shown shown(ask, filter);
  if (auto begun = shown.begin(); !begun) return give_up(begun.error());
  const std::string project = ask.project.empty() ? "" : "?project=" + encode(ask.project);
  return follow(ask, "/api/v1/events" + project, [&shown] { return shown.go_on(); });
}

}  // namespace

int history(const AskArgs& ask) {
  const auto only = filter(ask);
  if (!only) return give_up(only.error());
  if (ask.follow) return follow_history(ask, *only);
  const auto answer = get(ask, "/api/v1/history?limit=" + std::to_string(ask.limit) + *only);
  if (!answer) return give_up(answer.error());
  if (ask.json) {
    print(answer->text + "\n");
    return 0;
  }
  Table table = new_table();
  for (const Value& entry : list_of(answer->value, "history")) add(table, entry);
  print(table.text());
  return 0;
}

}  // namespace specd::cli
