#include <algorithm>

#include "base/json.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/standing.h"
#include "proto/json_build.h"

namespace specd::cli {
namespace {

// What no waiting helps against: projects that are not kept.
constexpr int kNotKept = 3;

Value order(const AskArgs& ask) {
  Value body = proto::object();
  if (!ask.project.empty()) {
    Value projects = proto::list();
    projects.items.push_back(proto::text(ask.project));
    body.entries.emplace_back("projects", std::move(projects));
  }
  body.entries.emplace_back("wait", proto::boolean(ask.wait));
  body.entries.emplace_back("timeout_ms", proto::number(int64_t{ask.timeout_s} * 1000));
  return body;
}

}  // namespace

int sync(const AskArgs& ask) {
  const auto answer = post(ask, "/api/v1/sync", json::dump(order(ask)));
  if (!answer) return give_up(answer.error());
  if (ask.json) print(answer->text + "\n");
  if (!ask.wait) {
    if (!ask.json) print("looking\n");
    return 0;
  }
  std::vector<std::string> late;
  for (const Value& left : list_of(answer->value, "left")) late.push_back(left.text);
  const auto projects = standing(ask);
  if (!projects) return give_up(projects.error());
  bool is_all_kept = true;
  for (const Value& project : *projects) {
    if (const std::string edits = waiting_edits(project); !edits.empty()) note(edits);
    if (is_kept(project)) continue;
    is_all_kept = false;
    note(why_not_kept(project));
    std::erase(late, text_of(project, "slug") + ": " + text_of(project, "reason"));
  }
  if (!ask.json && late.empty() && is_all_kept) print("in step\n");
  if (!ask.json && !late.empty()) {
    print("not everything is in the database yet:\n");
    for (const std::string& each : late) print("  " + each + "\n");
  }
  if (!late.empty()) return 1;
  return is_all_kept ? 0 : kNotKept;
}

}  // namespace specd::cli
