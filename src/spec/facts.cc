#include "spec/facts.h"

#include <algorithm>

#include "base/assert.h"
#include "base/path.h"
#include "base/yaml.h"
#include "spec/frontmatter.h"
#include "spec/lifecycle.h"
#include "spec/markdown.h"
#include "spec/tasks.h"
#include "spec/text.h"
#include "spec/workflow.h"

namespace specd::spec {
namespace {

bool has_title(Role role) {
  return role == Role::proposal || role == Role::spec || role == Role::readme ||
         role == Role::delta;
}

void read_meta(std::string_view content, FileFacts& facts) {
  if (const Result<std::string> schema = read_change_meta(content); !schema) {
    facts.error = "metadata: " + schema.error().message;
  }
  // Read again without the CLI's demands: a `created` counts though a `schema` is missing.
  Result<Value> value = yaml::parse(content);
  if (value && value->kind == Value::Kind::map) facts.front_matter = std::move(*value);
}

void read_front_matter(Role role, std::string_view path, std::string_view content,
                       FileFacts& facts) {
  std::optional<FrontMatter> found = front_matter(content);
  if (!found) return;
  if (found->value) {
    if (found->value->kind == Value::Kind::map) facts.front_matter = std::move(*found->value);
  } else if (role == Role::readme && path::first(path) != "openspec") {
    facts.error = "front matter: " + found->value.error().message;
  }
}

std::string text_of(const Value& map, std::string_view key) {
  const Value* value = map.find(key);
  return value != nullptr && value->is_scalar() ? value->text : std::string();
}

std::vector<std::string> texts_of(const Value& map, std::string_view key) {
  std::vector<std::string> texts;
  const Value* value = map.find(key);
  if (value == nullptr) return texts;
  if (value->is_scalar() && !value->text.empty()) texts.push_back(value->text);
  for (const Value& item : value->items) {
    if (item.is_scalar() && !item.text.empty()) texts.push_back(item.text);
  }
  return texts;
}

// LeanSpec reads these as the same; anything else stays as it is.
std::string canonical_priority(std::string priority) {
  if (priority == "med") return "medium";
  if (priority == "urgent") return "critical";
  return priority;
}

// The file that speaks for the spec.
Role main_role(Kind kind) {
  switch (kind) {
    case Kind::change:
    case Kind::archived:
      return Role::proposal;
    case Kind::capability:
      return Role::spec;
    case Kind::leanspec:
      return Role::readme;
  }
  return Role::other;
}

// The CLI's template opens every proposal with a bare "# Proposal": a name for the document, not
// for the change. Main specs that the CLI creates are called "<id> Specification".
std::string spec_title(const FoundSpec& spec, std::string title) {
  const bool change = spec.kind == Kind::change || spec.kind == Kind::archived;
  if (change && equal_ignoring_case(title, "Proposal")) return {};
  constexpr std::string_view kTail = " Specification";
  if (spec.kind == Kind::capability && title.ends_with(kTail)) {
    title.resize(title.size() - kTail.size());
  }
  return title;
}

std::string derived_status(const FoundSpec& spec, const SpecFacts& facts) {
  switch (spec.kind) {
    case Kind::change:
      if (facts.tasks_done == 0) return "proposing";
      return facts.progress == Progress::complete ? "review" : "in_progress";
    case Kind::archived:
      return "done";
    case Kind::capability:
      return "";
    case Kind::leanspec:
      break;
  }
  std::string status(canonical_status(text_of(facts.front_matter, "status")));
  const bool in_archive = path::name(path::parent(spec.dir)) == "archived";
  return status.empty() && in_archive ? "archived" : status;
}

}  // namespace

FileFacts facts_of(Role role, bool tracked, std::string_view path, std::string_view content) {
  FileFacts facts;
  if (tracked) {
    const TaskCount count = count_tasks(content);
    facts.tasks_done = count.done;
    facts.tasks_total = count.total;
  }
  if (role == Role::other) return facts;
  if (role == Role::meta) {
    read_meta(content, facts);
    return facts;
  }
  if (has_title(role)) {
    read_front_matter(role, path, content, facts);
    facts.title = title(content);
  }
  if (facts.error.empty() && !is_utf8(content)) facts.error = "not UTF-8";
  return facts;
}

SpecFacts summarize(const FoundSpec& spec, std::span<const FileFacts> facts) {
  SPECD_ASSERT(facts.size() == spec.files.size());
  SpecFacts summary;
  const bool lean = spec.kind == Kind::leanspec;
  for (size_t i = 0; i < facts.size(); ++i) {
    const FoundFile& file = spec.files[i];
    if (file.tracked) {
      summary.tasks_done += facts[i].tasks_done;
      summary.tasks_total += facts[i].tasks_total;
    }
    // A capability has one `spec.md` that is its own; no kind has two files of its main role.
    if (file.role == main_role(spec.kind)) summary.title = spec_title(spec, facts[i].title);
    const bool speaks =
        file.role == (lean || spec.kind == Kind::capability ? main_role(spec.kind) : Role::meta);
    if (speaks && facts[i].front_matter) summary.front_matter = *facts[i].front_matter;
  }
  summary.progress = progress_of(summary.tasks_done, summary.tasks_total);
  summary.status = derived_status(spec, summary);
  if (lean) {
    if (summary.title.empty()) summary.title = text_of(summary.front_matter, "title");
    summary.priority = canonical_priority(text_of(summary.front_matter, "priority"));
    summary.assignee = text_of(summary.front_matter, "assignee");
    summary.parent = text_of(summary.front_matter, "parent");
    summary.tags = texts_of(summary.front_matter, "tags");
    summary.depends_on = texts_of(summary.front_matter, "depends_on");
  }
  if (summary.title.empty()) summary.title = printable_utf8(spec.change_id);
  if (std::string created = text_of(summary.front_matter, "created"); !created.empty()) {
    summary.created = std::move(created);
  }
  return summary;
}

}  // namespace specd::spec
