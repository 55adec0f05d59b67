// new: a spec that did not exist.

#include "base/json.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/edited.h"
#include "cli/print.h"
#include "cli/project.h"
#include "proto/json_build.h"

namespace specd::cli {
namespace {

Value body_of(const NewArgs& args) {
  Value body = proto::object();
  const auto add = [&](const char* name, Value value) {
    body.entries.emplace_back(name, std::move(value));
  };
  add("id", proto::text(args.id));
  if (!args.title.empty()) add("title", proto::text(args.title));
  if (args.status) add("status", proto::text(*args.status));
  if (args.priority) add("priority", proto::text(*args.priority));
  if (!args.tags.empty()) {
    Value tags = proto::list();
    for (const std::string& tag : args.tags) tags.items.push_back(proto::text(tag));
    add("tags", std::move(tags));
  }
  if (args.is_forced) add("force", proto::boolean(true));
  return body;
}

// The spec that has the name, too.
int tell_taken(const Value& problem) {
  const Value* spec = problem.find("spec");
  const bool is_archived = spec != nullptr && text_of(*spec, "archived") == "true";
  const std::string who = spec == nullptr
                              ? ""
                              : " (id " + text_of(*spec, "id") + ", key " + text_of(*spec, "key") +
                                    (is_archived ? ", archived)" : ")");
  const bool may_be_forced =
      spec != nullptr && (is_archived || text_of(*spec, "kind") == "leanspec");
  return give_up({Code::conflict, text_of(problem, "detail") + who +
                                      (may_be_forced ? "; --force makes another one" : "")});
}

}  // namespace

int create(const AskArgs& ask, const NewArgs& args) {
  const auto project = find_project(ask, ask.project);
  if (!project) return give_up(project.error());
  auto response =
      exchange(ask, {.method = "POST",
                     .target = "/api/v1/projects/" + encode(text_of(*project, "slug")) + "/specs",
                     .body = json::dump(body_of(args))});
  if (response && response->status == 409) {
    const auto problem = json::parse(response->body);
    if (problem) return tell_taken(*problem);
  }
  const auto answer = read_answer(std::move(response));
  if (!answer) return give_up(answer.error());
  const Value& made = answer->value;
  return tell_edit(
      ask, *answer,
      text_of(made, "id") + "\n" + text_of(made, "key") + "\n" + text_of(made, "path"));
}

}  // namespace specd::cli
