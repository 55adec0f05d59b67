#include "base/json.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "proto/json_build.h"

namespace specd::cli {
int sync(const AskArgs& ask) {
  Value body = proto::object();
  if (!ask.project.empty()) {
    Value projects = proto::list();
    projects.items.push_back(proto::text(ask.project));
    body.entries.emplace_back("projects", std::move(projects));
  }
  body.entries.emplace_back("wait", proto::boolean(ask.wait));
  body.entries.emplace_back("timeout_ms", proto::number(int64_t{ask.timeout_s} * 1000));
  const auto answer = post(ask, "/api/v1/sync", json::dump(body));
  if (!answer) return give_up(answer.error());
  const bool is_in_step = !ask.wait || text_of(answer->value, "in_step") == "true";
  if (ask.json) {
    print(answer->text + "\n");
    return is_in_step ? 0 : 1;
  }
  if (!ask.wait) {
    print("looking\n");
  } else if (is_in_step) {
    print("in step\n");
  } else {
    print("not everything is in the database yet:\n");
    for (const Value& left : list_of(answer->value, "left")) print("  " + left.text + "\n");
  }
  return is_in_step ? 0 : 1;
}

}  // namespace specd::cli
