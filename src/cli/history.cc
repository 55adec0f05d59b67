#include "cli/client.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/table.h"

namespace specd::cli {
namespace {

// "a.md, b.md and 3 more"
std::string files(const Value& entry) {
  const auto& changed = list_of(entry, "files_changed");
  std::string text;
  for (size_t i = 0; i < changed.size() && i < 2; ++i)
    text += (i == 0 ? "" : ", ") + changed[i].text;
  if (changed.size() > 2) text += " and " + std::to_string(changed.size() - 2) + " more";
  return text;
}

}  // namespace

int history(const AskArgs& ask) {
  std::string target = "/api/v1/history?limit=" + std::to_string(ask.limit);
  if (!ask.project.empty()) target += "&project=" + encode(ask.project);
  const auto answer = get(ask, target);
  if (!answer) return give_up(answer.error());
  if (ask.json) {
    print(answer->text + "\n");
    return 0;
  }
  Table table({"WHEN", "PROJECT", "SPEC", "WHAT", "WHY", "FILES"});
  for (const Value& entry : list_of(answer->value, "history")) {
    const std::string error = text_of(entry, "error_message");
    const std::string name = text_of(entry, "spec_name");
    table.add({text_of(entry, "synced_at"), text_of(entry, "project"),
               name.empty() ? text_of(entry, "spec_id") : name, text_of(entry, "change"),
               text_of(entry, "triggered_by"), error.empty() ? files(entry) : "! " + error});
  }
  print(table.text());
  return 0;
}

}  // namespace specd::cli
