#include "cli/client.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/standing.h"
#include "cli/table.h"

namespace specd::cli {
namespace {

// What is to be said of a project besides its line in the table; a line each.
std::string remarks(const Value& project) {
  const std::string name = text_of(project, "slug") + ": ";
  std::string lines;
  const auto say = [&](const std::string& text) {
    if (!text.empty()) lines += name + text + "\n";
  };
  const auto say_count = [&](const char* field, const char* one, const char* many) {
    const std::string count = text_of(project, field);
    if (count != "0") say(counted(count, one, many));
  };
  say(text_of(project, "reason"));
  const std::string failure = text_of(project, "failure");
  if (!failure.empty()) say("failing: " + failure);
  if (const std::string edits = waiting_edits(project); !edits.empty()) lines += edits + "\n";
  for (const Value& path : list_of(project, "waiting_for_spec"))
    say(path.text + " was written by SQL, and waits for a spec to be there");
  say_count("open_conflicts", "open conflict; the overruled text is kept",
            "open conflicts; the overruled texts are kept");
  say_count("failing_specs", "spec with an error; `specd list` says which",
            "specs with an error; `specd list` says which");
  say_count("polled_subtrees", "folder cannot be watched, and is polled; the log says why",
            "folders cannot be watched, and are polled; the log says why");
  return lines;
}

// What fails beside projects, whose failures are told with them.
std::string of_the_database(const Value& status) {
  const std::string failure = text_of(status, "failure");
  for (const Value& project : list_of(status, "projects")) {
    if (!text_of(project, "failure").empty()) return "";
  }
  return failure.empty() ? "" : failure + "\n";
}

}  // namespace

int status(const AskArgs& ask) {
  const auto answer = get(ask, "/api/v1/status");
  if (!answer) return give_up(answer.error());
  const int exit_code = text_of(answer->value, "well") == "true" ? 0 : 1;
  if (ask.json) {
    print(answer->text + "\n");
    return exit_code;
  }
  Table table({"PROJECT", "STATE", "SPECS", "WAITING", "LAST SCAN", "FOLDER"});
  std::string lines;
  for (const Value& project : list_of(answer->value, "projects")) {
    table.add({text_of(project, "slug"), text_of(project, "state"), text_of(project, "specs"),
               text_of(project, "waiting"), text_of(project, "last_scan_at"),
               text_of(project, "root")});
    lines += remarks(project);
  }
  print(table.text() + lines + of_the_database(answer->value));
  return exit_code;
}

}  // namespace specd::cli
