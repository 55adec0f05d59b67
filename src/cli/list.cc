#include "base/json.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/table.h"

namespace specd::cli {
namespace {

std::string tasks(const Value& spec) {
  const std::string total = text_of(spec, "tasks_total");
  return total == "0" ? "-" : text_of(spec, "tasks_done") + "/" + total;
}

// Only what the table shows: a thousand specs are told in a tenth of the bytes.
constexpr const char* kShown =
    "&fields=project,kind,id,status,title,tasks_done,tasks_total,sync_error";

std::string query(const AskArgs& ask) {
  std::string query = "?limit=100000";
  if (!ask.project.empty()) query += "&project=" + encode(ask.project);
  if (!ask.kind.empty()) query += "&kind=" + encode(ask.kind);
  if (!ask.status.empty()) query += "&status=" + encode(ask.status);
  if (!ask.json) query += kShown;
  return query;
}

}  // namespace

int list(const AskArgs& ask) {
  Table table({"PROJECT", "KIND", "ID", "STATUS", "TASKS", "TITLE"});
  Value all{.kind = Value::Kind::list};
  std::string errors;
  std::string cursor;
  do {
    const auto page = get(ask, "/api/v1/specs" + query(ask) + cursor);
    if (!page && page.error().message.starts_with("there is no project"))
      return give_up({Code::not_found, page.error().message + "; see `specd projects`"});
    if (!page) return give_up(page.error());
    for (const Value& spec : list_of(page->value, "specs")) {
      if (ask.json) {
        all.items.push_back(spec);
        continue;
      }
      table.add({text_of(spec, "project"), text_of(spec, "kind"), text_of(spec, "id"),
                 text_of(spec, "status"), tasks(spec), text_of(spec, "title")});
      const std::string error = text_of(spec, "sync_error");
      if (!error.empty()) errors += "! " + plain(error) + "\n";
    }
    const std::string next = text_of(page->value, "next");
    cursor = next.empty() ? "" : "&cursor=" + next;
  } while (!cursor.empty());
  print(ask.json ? json::dump(all) + "\n" : table.text() + errors);
  return 0;
}

}  // namespace specd::cli
