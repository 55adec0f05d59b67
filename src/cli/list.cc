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

std::string query(const AskArgs& ask) {
  std::string query = "?limit=100000";
  if (!ask.kind.empty()) query += "&kind=" + encode(ask.kind);
  if (!ask.status.empty()) query += "&status=" + encode(ask.status);
  return query;
}

}  // namespace

int list(const AskArgs& ask) {
  const auto projects = get(ask, "/api/v1/projects");
  if (!projects) return give_up(projects.error());
  Table table({"PROJECT", "KIND", "ID", "STATUS", "TASKS", "TITLE"});
  Value all{.kind = Value::Kind::list};
  std::string errors;
  bool is_found = ask.project.empty();
  for (const Value& project : list_of(projects->value, "projects")) {
    const std::string slug = text_of(project, "slug");
    if (!ask.project.empty() && ask.project != slug) continue;
    is_found = true;
    const auto specs = get(ask, "/api/v1/projects/" + encode(slug) + "/specs" + query(ask));
    if (!specs) return give_up(specs.error());
    for (const Value& spec : list_of(specs->value, "specs")) {
      table.add({slug, text_of(spec, "kind"), text_of(spec, "id"), text_of(spec, "status"),
                 tasks(spec), text_of(spec, "title")});
      const std::string error = text_of(spec, "sync_error");
      if (!error.empty()) errors += "! " + plain(error) + "\n";
      all.items.push_back(spec);
    }
  }
  if (!is_found)
    return give_up(
        {Code::not_found, "there is no project \"" + ask.project + "\"; see `specd projects`"});
  print(ask.json ? json::dump(all) + "\n" : table.text() + errors);
  return 0;
}

}  // namespace specd::cli
