#include "base/json.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/standing.h"
#include "cli/table.h"

namespace specd::cli {
namespace {

// Lines that a person reads.
constexpr size_t kLines = 20;

Result<Answer> compare(const AskArgs& ask, const Value& body) {
  const std::string wait =
      R"({"wait":true,"timeout_ms":)" + std::to_string(ask.timeout_s * 1000) + "}";
  if (auto synced = post(ask, "/api/v1/sync", wait); !synced) return synced;
  return post(ask, "/api/v1/verify", json::dump(body));
}

void print_lines(const AskArgs& ask, const std::vector<Value>& lines) {
  // One that stands for a single line says less than that line.
  const bool is_cut = !ask.verbose && lines.size() > kLines + 1;
  const size_t shown = is_cut ? kLines : lines.size();
  for (size_t i = 0; i < shown; ++i) print("  " + plain(lines[i].text) + "\n");
  if (is_cut)
    print("  and " + std::to_string(lines.size() - shown) + " more; -v shows all of them\n");
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
  // Why there is so much, before all of it.
  const auto projects = standing(ask);
  if (!projects) return give_up(projects.error());
  for (const Value& project : *projects) {
    if (!is_kept(project)) note(why_not_kept(project));
  }
  const auto& differences = list_of(answer->value, "differences");
  if (ask.json) {
    print(answer->text + "\n");
    return differences.empty() ? 0 : 1;
  }
  const std::string compared = counted(text_of(answer->value, "files"), "file, ", "files, ") +
                               text_of(answer->value, "bytes") + " bytes";
  if (differences.empty()) {
    print("equal: " + compared + "\n");
  } else {
    print("different (" + compared + " compared):\n");
    print_lines(ask, differences);
  }
  const auto& not_imported = list_of(answer->value, "not_imported");
  if (!not_imported.empty()) print("not imported, and so not compared:\n");
  print_lines(ask, not_imported);
  return differences.empty() ? 0 : 1;
}

}  // namespace specd::cli
