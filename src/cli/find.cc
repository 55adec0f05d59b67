// show, search.

#include "cli/find.h"

#include <algorithm>
#include <map>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/table.h"

namespace specd::cli {

Result<Answer> find_spec(const AskArgs& ask, const std::string& name) {
  const std::string kind = ask.kind.empty() ? "" : "?kind=" + encode(ask.kind);
  const auto of = [&](const std::string& slug) {
    return get(ask, "/api/v1/projects/" + encode(slug) + "/specs/" + encode(name) + kind);
  };
  if (!ask.project.empty()) return of(ask.project);
  const auto projects = get(ask, "/api/v1/projects");
  if (!projects) return tl::unexpected(projects.error());
  std::map<std::string, Answer> found;
  for (const Value& project : list_of(projects->value, "projects")) {
    const std::string slug = text_of(project, "slug");
    auto answer = of(slug);
    if (answer) {
      found.emplace(slug, std::move(*answer));
    } else if (!answer.error().message.starts_with("there is no spec")) {
      return fail_within(slug, answer.error());
    }
  }
  if (found.empty())
    return fail(Code::not_found, "there is no spec \"" + name + "\"; see `specd list`");
  if (found.size() == 1) return std::move(found.begin()->second);
  std::string slugs;
  for (const auto& [slug, answer] : found) slugs += (slugs.empty() ? "" : ", ") + slug;
  return fail(Code::conflict,
              "several projects have a spec \"" + name + "\": " + slugs + "; say --project");
}

namespace {

std::string line(const char* name, const std::string& text) {
  if (text.empty()) return "";
  return std::string(name) + std::string(10 - std::string_view(name).size(), ' ') + plain(text) +
         "\n";
}

std::string in_one_line(std::string text) {
  std::ranges::replace_if(text, [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return text;
}

std::string tags(const Value& spec) {
  std::string all;
  for (const Value& tag : list_of(spec, "tags")) all += (all.empty() ? "" : ", ") + tag.text;
  return all;
}

std::string tasks(const Value& of) {
  const std::string total = text_of(of, "tasks_total");
  return total == "0" ? "" : text_of(of, "tasks_done") + "/" + total;
}

}  // namespace

int show(const AskArgs& ask, const FindArgs& args) {
  const auto answer = find_spec(ask, args.spec);
  if (!answer) return give_up(answer.error());
  if (ask.json) {
    print(answer->text + "\n");
    return 0;
  }
  const Value& spec = answer->value;
  print(bold(plain(text_of(spec, "title"))) + "\n");
  print(line("project", text_of(spec, "project")) + line("kind", text_of(spec, "kind")) +
        line("id", text_of(spec, "id")) + line("key", text_of(spec, "key")) +
        line("folder", text_of(spec, "path")) + line("status", text_of(spec, "status")) +
        line("tasks", tasks(spec)) + line("priority", text_of(spec, "priority")) +
        line("assignee", text_of(spec, "assignee")) + line("tags", tags(spec)) +
        line("changed", text_of(spec, "filesystem_modified_at")) +
        line("archived", text_of(spec, "archived_at")) +
        line("deleted", text_of(spec, "deleted_at")) + line("!", text_of(spec, "sync_error")));
  Table table({"FILE", "ROLE", "TASKS", ""});
  for (const Value& file : list_of(spec, "files")) {
    const std::string error = text_of(file, "error");
    const bool waits = error.empty() && text_of(file, "in_step") == "false";
    table.add(
        {text_of(file, "path"), text_of(file, "role"), tasks(file),
         error.empty() ? (waits ? "edited in the database, not on disk" : "") : "! " + error});
  }
  print("\n" + table.text());
  return 0;
}

int search(const AskArgs& ask, const FindArgs& args) {
  std::string words;
  for (const std::string& word : args.words) words += (words.empty() ? "" : " ") + word;
  if (words.find_first_not_of(" \t\n") == std::string::npos)
    return give_up({Code::invalid, "search for what? Say a word, such as `specd search login`"});
  std::string target = "/api/v1/search?q=" + encode(words) + "&limit=" + std::to_string(ask.limit);
  if (!ask.project.empty()) target += "&project=" + encode(ask.project);
  const auto answer = get(ask, target);
  if (!answer) return give_up(answer.error());
  const std::vector<Value>& hits = list_of(answer->value, "hits");
  if (ask.json) {
    print(answer->text + "\n");
    return hits.empty() ? 1 : 0;
  }
  for (const Value& hit : hits) {
    print(bold(plain(text_of(hit, "project") + ": " + text_of(hit, "path"))) + "\n  " +
          plain(in_one_line(text_of(hit, "snippet"))) + "\n");
  }
  if (hits.empty()) print("nothing found\n");
  return hits.empty() ? 1 : 0;
}

}  // namespace specd::cli
