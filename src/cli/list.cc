#include <algorithm>
#include <set>

#include "base/json.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/standing.h"
#include "cli/table.h"

namespace specd::cli {
namespace {

std::string tasks(const Value& spec) {
  const std::string total = text_of(spec, "tasks_total");
  return total == "0" ? "-" : text_of(spec, "tasks_done") + "/" + total;
}

// Capabilities have none.
std::string status(const Value& spec) {
  const std::string status = text_of(spec, "status");
  return status.empty() ? "-" : status;
}

// Only what the table shows: a thousand specs are told in a tenth of the bytes.
constexpr const char* kShown =
    "&fields=project,kind,id,status,title,tasks_done,tasks_total,sync_error";

std::string query(const AskArgs& ask) {
  std::string query = "?limit=100000";
  if (!ask.project.empty()) query += "&project=" + encode(ask.project);
  for (const std::string& kind : ask.kinds) query += "&kind=" + encode(kind);
  for (const std::string& status : ask.statuses) query += "&status=" + encode(status);
  if (!ask.json) query += kShown;
  return query;
}

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::ranges::find(words, word) != words.end();
}

// Statuses are what a project's files say, so none is wrong; but one that no spec has may be a
// slip.
void tell_statuses(const AskArgs& ask) {
  const std::string project = ask.project.empty() ? "" : "?project=" + encode(ask.project);
  const auto stats = get(ask, "/api/v1/stats" + project);
  if (!stats) return;
  std::set<std::string> known;
  for (const Value& count : list_of(stats->value, "statuses")) {
    const std::string status = text_of(count, "status");
    const bool is_asked = ask.kinds.empty() || contains(ask.kinds, text_of(count, "kind"));
    if (is_asked && !status.empty()) known.insert(status);
  }
  std::string all;
  for (const std::string& status : known) all += (all.empty() ? "" : ", ") + status;
  note(all.empty() ? "no spec has any status" : "no spec has that status; there are " + all);
}

void tell_waiting_edits(const AskArgs& ask) {
  const auto projects = standing(ask);
  if (!projects) return;
  for (const Value& project : *projects) {
    if (const std::string edits = waiting_edits(project); !edits.empty()) note(edits);
  }
}

}  // namespace

int list(const AskArgs& ask) {
  Table table({"PROJECT", "KIND", "ID", "STATUS", "TASKS", "TITLE"});
  Value all{.kind = Value::Kind::list};
  std::string errors, cursor;
  bool is_empty = true;
  do {
    const auto page = get(ask, "/api/v1/specs" + query(ask) + cursor);
    if (!page) return give_up(page.error());
    for (const Value& spec : list_of(page->value, "specs")) {
      is_empty = false;
      if (ask.json) {
        all.items.push_back(spec);
        continue;
      }
      table.add({text_of(spec, "project"), text_of(spec, "kind"), text_of(spec, "id"), status(spec),
                 tasks(spec), text_of(spec, "title")});
      const std::string error = text_of(spec, "sync_error");
      if (!error.empty()) errors += "! " + plain(error) + "\n";
    }
    const std::string next = text_of(page->value, "next");
    cursor = next.empty() ? "" : "&cursor=" + next;
  } while (!cursor.empty());
  print(ask.json ? json::dump(all) + "\n" : table.text() + errors);
  if (is_empty && !ask.statuses.empty()) tell_statuses(ask);
  tell_waiting_edits(ask);
  return 0;
}

}  // namespace specd::cli
