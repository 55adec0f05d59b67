// add, remove, relink, projects, pause, resume.

#include <algorithm>
#include <filesystem>

#include "base/json.h"
#include "base/path.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/project.h"
#include "cli/table.h"
#include "proto/json_build.h"

namespace specd::cli {
namespace {

namespace stdfs = std::filesystem;

// The daemon may run in another folder.
Result<std::string> absolute(const std::string& folder) {
  std::error_code error;
  const stdfs::path path = stdfs::canonical(folder.empty() ? "." : folder, error);
  if (error) return fail_os(folder.empty() ? "the current folder" : folder, error.value());
  return path.string();
}

std::string address(const Value& project) {
  return "/api/v1/projects/" + encode(text_of(project, "slug"));
}

int tell(const AskArgs& ask, const Result<Answer>& answer, const std::string& done) {
  if (!answer) return give_up(answer.error());
  print(ask.json ? (answer->text.empty() ? "{}" : answer->text) + "\n" : done + "\n");
  return 0;
}

Value pausing(bool is_paused) {
  Value wanted = proto::object();
  wanted.entries.emplace_back("paused", proto::boolean(is_paused));
  return wanted;
}

// "shop: kept already, in /home/ann/shop, which is around /home/ann/shop/docs; never written to"
std::string what_add_did(const std::vector<Value>& before, const Value& project,
                         const std::string& folder, std::optional<bool> read_only) {
  const std::string slug = text_of(project, "slug"), root = text_of(project, "root");
  const bool was_kept = std::ranges::any_of(
      before, [&](const Value& other) { return text_of(other, "slug") == slug; });
  std::string told = slug + (was_kept ? ": kept already, in " : ": kept, in ") + root;
  if (root != folder)
    told += path::is_within(folder, root) ? ", which is around " + folder
                                          : ", where the specs of " + folder + " are";
  if (read_only) told += *read_only ? "; never written to" : "; may be written to";
  return told;
}

int set_all_paused(const AskArgs& ask, bool is_paused) {
  const auto projects = get(ask, "/api/v1/projects");
  if (!projects) return give_up(projects.error());
  for (const Value& project : list_of(projects->value, "projects")) {
    const auto answer = patch(ask, address(project), json::dump(pausing(is_paused)));
    if (!answer) return give_up(answer.error());
  }
  return tell(
      ask, get(ask, "/api/v1/projects"),
      is_paused ? "every project: paused until `specd resume --all`" : "every project: goes on");
}

int set_paused(const AskArgs& ask, const ProjectArgs& args, bool is_paused) {
  if (args.all) return set_all_paused(ask, is_paused);
  const auto project = find_project(ask, args.project);
  if (!project) return give_up(project.error());
  const auto answer = patch(ask, address(*project), json::dump(pausing(is_paused)));
  return tell(
      ask, answer,
      text_of(*project, "slug") + (is_paused ? ": paused until `specd resume`" : ": goes on"));
}

}  // namespace

int add(const AskArgs& ask, const ProjectArgs& args) {
  const auto folder = absolute(args.folder);
  if (!folder) return give_up(folder.error());
  const auto before = get(ask, "/api/v1/projects");
  if (!before) return give_up(before.error());
  Value wanted = proto::object();
  wanted.entries.emplace_back("root", proto::text(*folder));
  if (!args.slug.empty()) wanted.entries.emplace_back("slug", proto::text(args.slug));
  auto answer = post(ask, "/api/v1/projects", json::dump(wanted));
  if (answer && args.read_only) {
    Value change = proto::object();
    change.entries.emplace_back("read_only", proto::boolean(*args.read_only));
    answer = patch(ask, address(answer->value), json::dump(change));
  }
  return tell(ask, answer,
              answer ? what_add_did(list_of(before->value, "projects"), answer->value, *folder,
                                    args.read_only)
                     : "");
}

int remove(const AskArgs& ask, const ProjectArgs& args) {
  const auto project = find_project(ask, args.project);
  if (!project) return give_up(project.error());
  const auto answer = del(ask, address(*project) + (args.force ? "?force=true" : ""));
  return tell(
      ask, answer,
      text_of(*project, "slug") + ": forgotten; its files stay in " + text_of(*project, "root"));
}

int relink(const AskArgs& ask, const ProjectArgs& args) {
  const auto project = find_project(ask, args.project);
  if (!project) return give_up(project.error());
  const auto folder = absolute(args.folder);
  if (!folder) return give_up(folder.error());
  Value wanted = proto::object();
  wanted.entries.emplace_back("root", proto::text(*folder));
  wanted.entries.emplace_back("force", proto::boolean(args.force));
  const auto answer = patch(ask, address(*project), json::dump(wanted));
  return tell(
      ask, answer,
      text_of(*project, "slug") + ": kept, in " + (answer ? text_of(answer->value, "root") : ""));
}

namespace {

// "main", "main (worktree b)", "0123456 (detached)"
std::string branch_of(const Value& project) {
  const Value* git = project.find("git");
  if (git == nullptr || git->kind != Value::Kind::map) return "-";
  const std::string branch = text_of(*git, "branch"), worktree = text_of(*git, "worktree");
  const std::string shown =
      branch.empty() ? text_of(*git, "commit").substr(0, 7) + " (detached)" : branch;
  return worktree.empty() ? shown : shown + " (worktree " + worktree + ")";
}

}  // namespace

int projects(const AskArgs& ask) {
  const auto answer = get(ask, "/api/v1/projects");
  if (!answer) return give_up(answer.error());
  Table table({"PROJECT", "LAYOUT", "STATE", "BRANCH", "FOLDER"});
  for (const Value& project : list_of(answer->value, "projects")) {
    table.add({text_of(project, "slug"), text_of(project, "layout"), text_of(project, "state"),
               branch_of(project), text_of(project, "root")});
  }
  print(ask.json ? answer->text + "\n" : table.text());
  return 0;
}

int pause(const AskArgs& ask, const ProjectArgs& args) {
  return set_paused(ask, args, true);
}

int resume(const AskArgs& ask, const ProjectArgs& args) {
  return set_paused(ask, args, false);
}

}  // namespace specd::cli
