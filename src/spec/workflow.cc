#include "spec/workflow.h"

#include <algorithm>
#include <functional>
#include <set>
#include <vector>

#include "base/path.h"
#include "base/yaml.h"

namespace specd::spec {
namespace {

// Schemas carry whole prompts.
constexpr yaml::Limits kLimits{.bytes = 1024 * 1024, .depth = 32};
constexpr size_t kMaxArtifacts = 1000;

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// A number of YAML 1.2's core schema (10.3.2), integers of other bases included.
bool is_yaml_number(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0o")) {
    return text.size() > 2 && text.find_first_not_of("0123456789abcdefABCDEF", 2) == text.npos;
  }
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  for (const std::string_view word : {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"}) {
    if (text == word) return true;
  }
  if (const size_t e = text.find_first_of("eE"); e != std::string_view::npos) {
    std::string_view exponent = text.substr(e + 1);
    if (exponent.starts_with('-') || exponent.starts_with('+')) exponent.remove_prefix(1);
    if (!is_digits(exponent)) return false;
    text = text.substr(0, e);
  }
  const size_t dot = text.find('.');
  if (dot == std::string_view::npos) return is_digits(text);
  const std::string_view whole = text.substr(0, dot);
  const std::string_view part = text.substr(dot + 1);
  return (is_digits(whole) && (part.empty() || is_digits(part))) ||
         (whole.empty() && is_digits(part));
}

bool is_yaml_bool(std::string_view text) {
  for (const std::string_view word : {"true", "True", "TRUE", "false", "False", "FALSE"}) {
    if (text == word) return true;
  }
  return false;
}

bool is_string(const Value* value) {
  if (value == nullptr || !value->is_scalar()) return false;
  return value->quoted || !(is_yaml_number(value->text) || is_yaml_bool(value->text));
}
bool is_filled(const Value* value) {
  return is_string(value) && !value->text.empty();
}
bool is_bool(const Value* value) {
  return value != nullptr && value->is_scalar() && !value->quoted && is_yaml_bool(value->text);
}
// What zod calls optional: not there. A null is there.
bool is_absent_or(const Value* value, bool (*test)(const Value*)) {
  return value == nullptr || test(value);
}

bool is_list_of(const Value* value, bool (*test)(const Value*)) {
  return value != nullptr && value->kind == Value::Kind::list &&
         std::all_of(value->items.begin(), value->items.end(),
                     [&](const Value& item) { return test(&item); });
}

// A relative path that stays where it is.
bool is_inner_path(const Value* value) {
  if (!is_filled(value)) return false;
  const std::string& text = value->text;
  if (text[0] == '/' || text[0] == '\\') return false;
  if (text.size() > 1 && std::isalpha(static_cast<unsigned char>(text[0])) && text[1] == ':') {
    return false;
  }
  std::string slashes = text;
  std::replace(slashes.begin(), slashes.end(), '\\', '/');
  for (const std::string_view part : path::parts(slashes)) {
    if (part == "..") return false;
  }
  return true;
}

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  return is_digits(text.substr(0, 4)) && is_digits(text.substr(5, 2)) && is_digits(text.substr(8));
}

bool is_kebab(const Value* value) {
  if (!is_filled(value)) return false;
  const std::string& text = value->text;
  const bool clean = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == text.npos;
  return clean && text.front() != '-' && text.back() != '-' && text.find("--") == text.npos;
}

bool is_initiative(const Value* value) {
  return value->kind == Value::Kind::map && value->entries.size() == 2 &&
         is_kebab(value->find("store")) && is_kebab(value->find("id"));
}

Failure invalid(const std::string& what) {
  return fail(Code::invalid, what);
}

struct Artifact {
  std::string id;
  std::string generates;
  std::vector<std::string> needs;
};

Result<Artifact> read_artifact(const Value& value) {
  const Value* id = value.find("id");
  if (!is_filled(id)) return invalid("an artifact without an id");
  const std::string which = "artifact \"" + id->text + "\": ";
  if (!is_inner_path(value.find("generates"))) return invalid(which + "no proper `generates`");
  if (!is_inner_path(value.find("template"))) return invalid(which + "no proper `template`");
  if (!is_string(value.find("description"))) return invalid(which + "no `description`");
  if (!is_absent_or(value.find("instruction"), is_string)) {
    return invalid(which + "`instruction` is no text");
  }
  Artifact artifact{id->text, value.find("generates")->text, {}};
  if (const Value* needs = value.find("requires")) {
    if (!is_list_of(needs, is_string)) return invalid(which + "`requires` is no list of ids");
    for (const Value& need : needs->items) artifact.needs.push_back(need.text);
  }
  return artifact;
}

const Artifact* find(const std::vector<Artifact>& artifacts, std::string_view id) {
  for (const Artifact& artifact : artifacts) {
    if (artifact.id == id) return &artifact;
  }
  return nullptr;
}

// Takes away, again and again, what needs nothing that is left (Kahn): a rest is a cycle.
bool has_cycle(const std::vector<Artifact>& artifacts) {
  std::set<std::string_view> done;
  for (bool progress = true; progress;) {
    progress = false;
    for (const Artifact& artifact : artifacts) {
      if (done.contains(artifact.id)) continue;
      const bool free = std::all_of(artifact.needs.begin(), artifact.needs.end(),
                                    [&](const std::string& need) { return done.contains(need); });
      if (free) {
        done.insert(artifact.id);
        progress = true;
      }
    }
  }
  return done.size() < artifacts.size();
}

Result<std::vector<Artifact>> read_artifacts(const Value* list) {
  if (list == nullptr || list->kind != Value::Kind::list || list->items.empty()) {
    return invalid("no list of `artifacts`");
  }
  if (list->items.size() > kMaxArtifacts) return invalid("more than 1000 artifacts");
  std::vector<Artifact> artifacts;
  for (const Value& item : list->items) {
    Result<Artifact> artifact = read_artifact(item);
    if (!artifact) return Failure(artifact.error());
    if (find(artifacts, artifact->id) != nullptr) {
      return invalid("two artifacts \"" + artifact->id + "\"");
    }
    artifacts.push_back(std::move(*artifact));
  }
  for (const Artifact& artifact : artifacts) {
    for (const std::string& need : artifact.needs) {
      if (find(artifacts, need) == nullptr) {
        return invalid("artifact \"" + artifact.id + "\" requires \"" + need +
                       "\", which does not exist");
      }
    }
  }
  if (has_cycle(artifacts)) return invalid("artifacts require each other in a circle");
  return artifacts;
}

Result<> check_apply(const Value* apply, const std::vector<Artifact>& artifacts) {
  if (apply == nullptr) return {};
  const Value* needs = apply->find("requires");
  if (!is_list_of(needs, is_string) || needs->items.empty()) {
    return invalid("`apply.requires` is no list of ids");
  }
  for (const Value& need : needs->items) {
    if (find(artifacts, need.text) == nullptr) {
      return invalid("`apply.requires` names \"" + need.text + "\", which does not exist");
    }
  }
  const Value* tracks = apply->find("tracks");
  if (tracks != nullptr && tracks->kind != Value::Kind::null && !is_inner_path(tracks)) {
    return invalid("`apply.tracks` is no proper path");
  }
  if (!is_absent_or(apply->find("instruction"), is_string)) {
    return invalid("`apply.instruction` is no text");
  }
  return {};
}

}  // namespace

Result<std::optional<std::string>> read_workflow(std::string_view text) {
  const Result<Value> root = yaml::parse(text, kLimits);
  if (!root) return Failure(root.error());
  if (!is_filled(root->find("name"))) return invalid("no `name`");
  const Value* version = root->find("version");
  if (version == nullptr || version->quoted || !is_digits(version->text) ||
      version->text.find_first_not_of('0') == std::string::npos) {
    return invalid("`version` is no positive integer");
  }
  if (!is_absent_or(root->find("description"), is_string)) {
    return invalid("`description` is no text");
  }
  const Result<std::vector<Artifact>> artifacts = read_artifacts(root->find("artifacts"));
  if (!artifacts) return Failure(artifacts.error());
  const Value* apply = root->find("apply");
  if (const Result<> checked = check_apply(apply, *artifacts); !checked) {
    return Failure(checked.error());
  }
  const Value* tracks = apply == nullptr ? nullptr : apply->find("tracks");
  for (const Artifact& artifact : *artifacts) {
    const bool tracked = tracks != nullptr && tracks->is_scalar()
                             ? artifact.generates == tracks->text
                             : artifact.id == "tasks";
    if (tracked) return artifact.generates;
  }
  return std::optional<std::string>();
}

Result<std::optional<std::string>> read_openspec_config(std::string_view text) {
  const Result<Value> root = yaml::parse(text, kLimits);
  if (!root) return Failure(root.error());
  if (root->kind != Value::Kind::map) return invalid("line 1: no YAML map");
  const Value* schema = root->find("schema");
  if (schema == nullptr) return std::optional<std::string>();
  if (!is_filled(schema)) {
    return invalid("line " + std::to_string(schema->line) + ": `schema` is no name");
  }
  return schema->text;
}

Result<std::string> read_change_meta(std::string_view text) {
  const Result<Value> root = yaml::parse(text, kLimits);
  if (!root) return Failure(root.error());
  if (!is_filled(root->find("schema"))) return invalid("no `schema`");
  const Value* created = root->find("created");
  if (created != nullptr && !(is_string(created) && is_date(created->text))) {
    return invalid("`created` is no date YYYY-MM-DD");
  }
  if (!is_absent_or(root->find("goal"), is_filled)) return invalid("`goal` is no text");
  const Value* areas = root->find("affected_areas");
  if (areas != nullptr && !is_list_of(areas, is_filled)) {
    return invalid("`affected_areas` is no list of texts");
  }
  const Value* initiative = root->find("initiative");
  if (initiative != nullptr && !is_initiative(initiative)) {
    return invalid("`initiative` needs `store` and `id`");
  }
  for (const char* flag : {"skip_specs", "retire_capabilities"}) {
    if (!is_absent_or(root->find(flag), is_bool)) {
      return invalid(std::string("`") + flag + "` is neither true nor false");
    }
  }
  return root->find("schema")->text;
}

}  // namespace specd::spec
