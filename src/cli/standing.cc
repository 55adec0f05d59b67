#include "cli/standing.h"

#include <algorithm>

namespace specd::cli {

std::string counted(const std::string& count, const std::string& one, const std::string& many) {
  return count + " " + (count == "1" ? one : many);
}

bool is_kept(const Value& project) {
  const std::string state = text_of(project, "state");
  return state == "ok" || state == "read_only";
}

std::string why_not_kept(const Value& project) {
  const std::string state = text_of(project, "state"), reason = text_of(project, "reason");
  // Some reasons begin with it.
  const std::string told = reason.starts_with(state) ? reason : state + ": " + reason;
  return text_of(project, "slug") + ": " + told;
}

std::string waiting_edits(const Value& project) {
  const std::string count = text_of(project, "pending_pushes");
  if (count.empty() || count == "0") return "";
  return text_of(project, "slug") + ": " +
         counted(count, "edit waits in the database, and is not on disk",
                 "edits wait in the database, and are not on disk");
}

Result<std::vector<Value>> standing(const AskArgs& ask) {
  const auto answer = get(ask, "/api/v1/status");
  if (!answer) return tl::unexpected(answer.error());
  std::vector<Value> projects = list_of(answer->value, "projects");
  std::erase_if(projects, [&](const Value& project) {
    return !ask.project.empty() && text_of(project, "slug") != ask.project;
  });
  return projects;
}

}  // namespace specd::cli
