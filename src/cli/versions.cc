// versions, restore: what files contained before.

#include <algorithm>
#include <set>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/edited.h"
#include "cli/named_file.h"
#include "cli/print.h"
#include "cli/project.h"
#include "cli/standing.h"
#include "cli/table.h"

namespace specd::cli {
namespace {

constexpr size_t kShort = 12;

std::string short_of(const std::string& version) {
  return version.substr(0, kShort);
}

// The one that begins so; a whole one may be older than those that are listed.
Result<std::string> find_version(const AskArgs& ask, const NamedFile& file,
                                 const std::string& beginning) {
  if (beginning.size() == 64) return beginning;
  const auto listed = get(ask, file.address() + "/versions" + file.query() + "&limit=100000");
  if (!listed) return tl::unexpected(listed.error());
  std::set<std::string> found;
  for (const Value& version : list_of(listed->value, "versions")) {
    const std::string name = text_of(version, "version");
    if (name.starts_with(beginning)) found.insert(name);
  }
  if (found.size() == 1) return *found.begin();
  if (found.empty())
    return fail(Code::not_found, "no version of " + file.path + " begins with " + beginning +
                                     "; `specd versions` lists them");
  std::string names;
  for (const std::string& name : found) names += "\n  " + name;
  return fail(Code::conflict, "several versions begin so; say more of it:" + names);
}

// Its id, or its key, since nothing else is known of a deleted spec.
int restore_spec(const AskArgs& ask, const std::string& name) {
  const auto project = find_project(ask, ask.project);
  if (!project) return give_up(project.error());
  const auto answer = send(ask, {.method = "POST",
                                 .target = "/api/v1/projects/" + encode(text_of(*project, "slug")) +
                                           "/specs/" + encode(name) + "/restore"});
  if (!answer) return give_up(answer.error());
  const std::string files = std::to_string(list_of(answer->value, "files").size());
  return tell_edit(
      ask, *answer,
      "restored " + text_of(answer->value, "path") + ", with " + counted(files, "file", "files"));
}

}  // namespace

int versions(const AskArgs& ask, const VersionsArgs& args) {
  const auto file = find_file(ask, args.named);
  if (!file) return give_up(file.error());
  const auto answer = get(ask, file->address() + "/versions" + file->query() + "&limit=100000");
  if (!answer) return give_up(answer.error());
  if (ask.json) {
    print(answer->text + "\n");
    return 0;
  }
  Table table({"UNTIL", "WHY", "ORIGIN", "ACTOR", "BYTES", "VERSION"});
  for (const Value& version : list_of(answer->value, "versions")) {
    const bool is_dismissed = !text_of(version, "dismissed_at").empty();
    const std::string actor = text_of(version, "actor");
    table.add({text_of(version, "at"),
               text_of(version, "reason") + (is_dismissed ? ", dismissed" : ""),
               text_of(version, "origin"), actor.empty() ? "-" : actor, text_of(version, "size"),
               short_of(text_of(version, "version"))});
  }
  print(bold(plain(file->project + " " + file->path)) + "\n" + table.text());
  return 0;
}

int restore(const AskArgs& ask, const VersionsArgs& args) {
  if (args.named.spec.empty()) return restore_spec(ask, args.version);
  const auto file = find_file(ask, args.named);
  if (!file) return give_up(file.error());
  const auto version = find_version(ask, *file, args.version);
  if (!version) return give_up(version.error());
  const auto now = file_now(ask, file->content_address());
  if (!now) return give_up(now.error());
  const std::string& before = now->version;
  const auto answer = send(ask, {.method = "POST",
                                 .target = file->address() + "/versions/" + encode(*version) +
                                           "/restore" + file->query(),
                                 .headers = edit_of(before)});
  if (!answer) return give_up(answer.error());
  if (before == *version) return tell_edit(ask, *answer, file->path + " has that content already");
  const std::string name = args.named.spec + (args.named.file.empty() ? "" : " " + args.named.file);
  const std::string undo =
      before.empty() ? "there was no such file before"
                     : "to undo that: `specd restore " + short_of(before) + " " + name + "`";
  return tell_edit(ask, *answer,
                   "restored " + file->path + " as " + short_of(*version) + "; " + undo);
}

}  // namespace specd::cli
