// set, tick: small edits of one spec.

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/edited.h"
#include "cli/find.h"
#include "cli/print.h"
#include "proto/json_build.h"

namespace specd::cli {
namespace {

std::string address_of(const Value& spec) {
  return "/api/v1/projects/" + encode(text_of(spec, "project")) + "/specs/" +
         encode(text_of(spec, "key"));
}

/// Empty: it is taken away.
Value text_or_nothing(const std::string& text) {
  return text.empty() ? Value() : proto::text(text);
}

struct FoundTask {
  std::string path;
  Value task;
};

/// By its line, or by its text or how that begins.
Result<FoundTask> find_task(const Value& tasks, const std::string& wanted) {
  std::vector<FoundTask> exact, beginning;
  for (const Value& file : list_of(tasks, "files")) {
    for (const Value& task : list_of(file, "tasks")) {
      const std::string text = text_of(task, "text");
      const FoundTask found{text_of(file, "path"), task};
      if (text == wanted) exact.push_back(found);
      // "1.1" is not "1.10".
      const bool begins =
          text.starts_with(wanted) && (text.size() == wanted.size() || text[wanted.size()] == ' ');
      if (begins) beginning.push_back(found);
    }
  }
  const auto& found = exact.empty() ? beginning : exact;
  if (found.size() == 1) return found.front();
  if (found.empty())
    return fail(Code::not_found, "there is no task \"" + wanted +
                                     "\"; say its text, or the words that it begins with");
  std::string lines;
  for (const FoundTask& each : found)
    lines += "\n  line " + text_of(each.task, "line") + ": " + text_of(each.task, "text");
  return fail(Code::conflict, "several tasks are called so; say more of the text:" + lines);
}

}  // namespace

int set(const AskArgs& ask, const ChangeArgs& args) {
  Value body = proto::object();
  const auto add = [&](const char* name, const std::optional<std::string>& value) {
    if (value) body.entries.emplace_back(name, text_or_nothing(*value));
  };
  add("status", args.status);
  add("priority", args.priority);
  add("assignee", args.assignee);
  if (args.tags) {
    Value tags = proto::list();
    for (const std::string& tag : *args.tags) {
      if (!tag.empty()) tags.items.push_back(proto::text(tag));
    }
    body.entries.emplace_back("tags", std::move(tags));
  }
  if (body.entries.empty())
    return give_up({Code::invalid, "set what? Say --status, --priority, --assignee or --tags"});
  const auto spec = find_spec(ask, args.spec);
  if (!spec) return give_up(spec.error());
  const auto answer =
      patch(ask, address_of(spec->value) + (args.force ? "?force=true" : ""), json::dump(body));
  if (!answer) return give_up(answer.error());
  return tell_edit(ask, *answer, "set");
}

int tick(const AskArgs& ask, const ChangeArgs& args) {
  const auto spec = find_spec(ask, args.spec);
  if (!spec) return give_up(spec.error());
  const std::string tasks = address_of(spec->value) + "/tasks";
  const auto listed = get(ask, tasks);
  if (!listed) return give_up(listed.error());
  const auto found = find_task(listed->value, args.task);
  if (!found) return give_up(found.error());
  Value body = proto::object();
  body.entries.emplace_back("line", *found->task.find("line"));
  body.entries.emplace_back("text", *found->task.find("text"));
  body.entries.emplace_back("done", proto::boolean(!args.undo));
  body.entries.emplace_back("path", proto::text(found->path));
  const auto answer = patch(ask, tasks, json::dump(body));
  if (!answer) return give_up(answer.error());
  return tell_edit(ask, *answer, (args.undo ? "[ ] " : "[x] ") + text_of(found->task, "text"));
}

}  // namespace specd::cli
