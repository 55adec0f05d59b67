#include "cli/client.h"
#include "cli/commands.h"
#include "cli/differences.h"
#include "cli/print.h"
#include "cli/resolve.h"
#include "cli/table.h"

namespace specd::cli {
namespace {

std::string or_dash(const std::string& text) {
  return text.empty() ? "-" : text;
}

int list_conflicts(const AskArgs& ask) {
  std::string query = "?limit=1000";
  if (!ask.project.empty()) query += "&project=" + encode(ask.project);
  if (ask.all) query += "&all=true";
  const auto answer = get(ask, "/api/v1/conflicts" + query);
  if (!answer) return give_up(answer.error());
  if (ask.json) {
    print(answer->text + "\n");
    return 0;
  }
  Table table({"ID", "DETECTED", "PROJECT", "KIND", "STATE", "PATH"});
  for (const Value& conflict : list_of(answer->value, "conflicts")) {
    table.add({text_of(conflict, "id"), text_of(conflict, "detected_at"),
               text_of(conflict, "project"), text_of(conflict, "kind"),
               text_of(conflict, "resolution"), text_of(conflict, "path")});
  }
  print(table.text());
  if (!text_of(answer->value, "before").empty()) note("there are older ones; --project has fewer");
  return 0;
}

// One of the three comparisons; `why_not` where there are no two texts.
std::string part(const std::string& title, const Value& conflict, const std::string& before,
                 const std::string& after, const std::string& why_not) {
  const Value* from = conflict.find(before);
  const Value* to = conflict.find(after);
  const auto is_text = [](const Value* value) { return value != nullptr && value->is_scalar(); };
  std::string text = "\n" + bold(title) + "\n";
  // A file that both sides made has no base.
  const bool is_new = before == "base" && text_of(conflict, "base_version").empty();
  if (!is_text(to) || (!is_text(from) && !is_new)) return text + plain(why_not) + "\n";
  const auto found = differences(is_new ? "" : from->text, to->text);
  if (!found) return text + plain(found.error().message) + "\n";
  return text + (found->empty() ? "nothing\n" : *found);
}

std::string merge_title(const Value& merge) {
  const std::string count = text_of(merge, "conflicts");
  if (text_of(merge, "clean") == "true") return "A merge would change on disk:";
  return "A merge would change on disk, once you have chosen in " + count +
         (count == "1" ? " place:" : " places:");
}

std::string told(const Value& conflict) {
  std::string text = bold(plain(text_of(conflict, "project") + " " + text_of(conflict, "path"))) +
                     "\n" + text_of(conflict, "kind") + ", " + text_of(conflict, "resolution");
  const std::string undone = text_of(conflict, "undone");
  if (undone == "reverted") text += "; the edit was taken back, and nothing else was changed";
  if (undone == "overwritten") text += "; an editor had loaded the text before the edit";
  const std::pair<const char*, const char*> times[] = {
      {"file saved", "filesystem_modified_at"},
      {"database edited", "db_modified_at"},
      {"last in step", "last_synced_at"},
      {"detected", "detected_at"},
  };
  text += "\n";
  for (const auto& [what, field] : times)
    text += what + std::string(17 - std::string(what).size(), ' ') +
            or_dash(text_of(conflict, field)) + "\n";
  text += part("The disk changed:", conflict, "base", "disk",
               text_of(conflict, "disk_version").empty() ? "the file was deleted"
                                                         : "a text is none, or no longer kept");
  text += part("The edit changed:", conflict, "base", "database",
               text_of(conflict, "database_version").empty() ? "the file was deleted"
                                                             : "a text is none, or no longer kept");
  if (text_of(conflict, "present_version") != text_of(conflict, "disk_version"))
    text += "\n" + bold("The file was saved since, as the merge has it.") + "\n";
  // The text of the merge beside those of the sides, so that all are compared in one way.
  Value with_merge = conflict;
  const Value* merge = conflict.find("merge");
  if (merge == nullptr || merge->kind != Value::Kind::map)
    return text + "\n" + bold("No merge:") + "\n" + plain(text_of(conflict, "merge_error")) + "\n";
  with_merge.entries.emplace_back("merged", *merge->find("content"));
  return text + part(merge_title(*merge), with_merge, "present", "merged", "");
}

// The text alone, to be edited and given back.
int print_merge(const AskArgs& ask, const std::string& id, const Value& conflict) {
  const Value* merge = conflict.find("merge");
  if (merge == nullptr || merge->kind != Value::Kind::map)
    return give_up({Code::not_found, text_of(conflict, "merge_error")});
  print(text_of(*merge, "content"));
  const std::string version = text_of(conflict, "present_version").substr(0, 12);
  if (!ask.json)
    note("give it back with `specd conflicts merge " + id + " --file FILE --seen " + version + "`");
  return 0;
}

int show_conflict(const AskArgs& ask, const ConflictsArgs& args) {
  const auto answer = get(ask, "/api/v1/conflicts/" + encode(args.id) + "?markers=true");
  if (!answer) return give_up(answer.error());
  if (args.is_merged) return print_merge(ask, args.id, answer->value);
  print(ask.json ? answer->text + "\n" : told(answer->value));
  return 0;
}

}  // namespace

int conflicts(const AskArgs& ask, const ConflictsArgs& args) {
  if (args.id.empty()) return list_conflicts(ask);
  return args.verb == "show" ? show_conflict(ask, args) : resolve_conflict(ask, args);
}

}  // namespace specd::cli
