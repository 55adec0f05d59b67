// What a person says to mass loss that specd holds.

#include "base/json.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/project.h"
#include "cli/standing.h"
#include "cli/table.h"
#include "proto/json_build.h"

namespace specd::cli {
namespace {

int list_held(const AskArgs& ask, const std::string& slug, const std::string& address) {
  const auto held = get(ask, address);
  if (!held) return give_up(held.error());
  if (ask.json) {
    print(held->text + "\n");
    return 0;
  }
  const std::string reason = text_of(held->value, "reason");
  if (reason.empty()) {
    print(slug + ": nothing is held\n");
    return 0;
  }
  print(plain(slug + ": " + reason) + "\n");
  Table table({"WHAT", "PATH"});
  for (const Value& spec : list_of(held->value, "specs"))
    table.add({"gone from disk", spec.text + "/"});
  for (const Value& file : list_of(held->value, "files")) {
    const std::string what = text_of(file, "what");
    table.add({what == "made_identical" ? "made identical" : what, text_of(file, "path")});
  }
  print(table.text());
  return 0;
}

std::string counts(const Value& decided) {
  return counted(text_of(decided, "files"), "edit", "edits") + " of the database and " +
         counted(text_of(decided, "specs"), "spec", "specs") + " gone from disk";
}

}  // namespace

int confirm(const AskArgs& ask, const ProjectArgs& args) {
  const auto project = find_project(ask, args.project);
  if (!project) return give_up(project.error());
  const std::string slug = text_of(*project, "slug");
  const std::string address = "/api/v1/projects/" + encode(slug) + "/held";
  if (args.list) return list_held(ask, slug, address);
  Value wanted = proto::object();
  wanted.entries.emplace_back("decision", proto::text(args.revert ? "revert" : "confirm"));
  const auto answer = post(ask, address, json::dump(wanted));
  if (!answer) return give_up(answer.error());
  if (ask.json) {
    print(answer->text + "\n");
    return 0;
  }
  print(plain(slug) + ": " + counts(answer->value) +
        (args.revert ? " are taken back\n" : " are carried out\n"));
  return 0;
}

}  // namespace specd::cli
