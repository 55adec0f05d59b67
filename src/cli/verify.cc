#include "base/json.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/print.h"

namespace specd::cli {

namespace {

Result<Answer> compare(const AskArgs& ask, const Value& body) {
  const std::string wait =
      R"({"wait":true,"timeout_ms":)" + std::to_string(ask.timeout_s * 1000) + "}";
  if (auto synced = post(ask, "/api/v1/sync", wait); !synced) return synced;
  return post(ask, "/api/v1/verify", json::dump(body));
}

}  // namespace

int verify(const AskArgs& ask) {
  Value body{.kind = Value::Kind::map};
  if (!ask.project.empty()) {
    body.entries.emplace_back(
        "project", Value{.kind = Value::Kind::scalar, .text = ask.project, .quoted = true});
  }
  // What is being saved meanwhile is no difference: brought into step first, and once more before
  // it is believed.
  auto answer = compare(ask, body);
  if (answer && !list_of(answer->value, "differences").empty()) answer = compare(ask, body);
  if (!answer) return give_up(answer.error());
  const auto& differences = list_of(answer->value, "differences");
  if (ask.json) {
    print(answer->text + "\n");
    return differences.empty() ? 0 : 1;
  }
  const std::string compared =
      text_of(answer->value, "files") + " files, " + text_of(answer->value, "bytes") + " bytes";
  if (differences.empty()) {
    print("equal: " + compared + "\n");
  } else {
    print("different (" + compared + " compared):\n");
    for (const Value& difference : differences) print("  " + difference.text + "\n");
  }
  const auto& not_imported = list_of(answer->value, "not_imported");
  if (!not_imported.empty()) print("not imported, and so not compared:\n");
  for (const Value& file : not_imported) print("  " + file.text + "\n");
  return differences.empty() ? 0 : 1;
}

}  // namespace specd::cli
