#include "cli/client.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/table.h"

namespace specd::cli {

int status(const AskArgs& ask) {
  const auto answer = get(ask, "/api/v1/status");
  if (!answer) return give_up(answer.error());
  bool is_well = text_of(answer->value, "failure").empty();
  Table table({"PROJECT", "STATE", "SPECS", "WAITING", "LAST SCAN", "FOLDER"});
  std::string reasons;
  for (const Value& project : list_of(answer->value, "projects")) {
    const std::string state = text_of(project, "state");
    is_well = is_well && (state == "ok" || state == "read_only");
    table.add({text_of(project, "slug"), state, text_of(project, "specs"),
               text_of(project, "waiting"), text_of(project, "last_scan_at"),
               text_of(project, "root")});
    const std::string reason = text_of(project, "reason");
    const std::string name = text_of(project, "slug") + ": ";
    if (!reason.empty()) reasons += name + reason + "\n";
    const std::string trouble = text_of(project, "failure");
    if (!trouble.empty()) reasons += name + "failing: " + trouble + "\n";
    const auto say = [&](const char* field, const std::string& what) {
      const std::string count = text_of(project, field);
      if (!count.empty() && count != "0") reasons += name + count + " " + what + "\n";
      return count != "0";
    };
    const bool has_edits =
        say("pending_pushes", "edits in the database are not on disk, and wait there");
    const bool has_conflicts = say("open_conflicts", "open conflicts; the overruled text is kept");
    is_well = is_well && !has_edits && !has_conflicts;
    say("failing_specs", "specs with an error; `specd list` says which");
    say("polled_subtrees", "folders cannot be watched, and are polled; the log says why");
  }
  if (ask.json) {
    print(answer->text + "\n");
    return is_well ? 0 : 1;
  }
  print(table.text() + reasons);
  return is_well ? 0 : 1;
}

}  // namespace specd::cli
