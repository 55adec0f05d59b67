// archive, validate: what the openspec CLI does, where the daemon runs.

#include "base/json.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/find.h"
#include "cli/print.h"
#include "cli/project.h"
#include "cli/table.h"
#include "proto/json_build.h"

namespace specd::cli {
namespace {

// Its own words, where it could not do it.
int tell_failure(const net::Response& response) {
  const auto problem = json::parse(response.body);
  const Value* output = problem ? problem->find("output") : nullptr;
  if (output == nullptr) return give_up({Code::io, "the daemon's answer is not as expected"});
  std::string words = output->text;
  for (const Value& status : list_of(*output, "status")) {
    words += text_of(status, "message") + "\n";
    if (!text_of(status, "fix").empty()) words += text_of(status, "fix") + "\n";
  }
  while (words.ends_with('\n')) words.pop_back();
  return give_up(
      {Code::refused, "openspec: " + plain(words.empty() ? json::dump(*output) : words)});
}

Result<net::Response> call(const AskArgs& ask, const std::string& name, const std::string& what,
                           const Value& body) {
  const auto spec = find_spec(ask, name);
  if (!spec) return tl::unexpected(spec.error());
  return exchange(ask, {.method = "POST",
                        .target = "/api/v1/projects/" + encode(text_of(spec->value, "project")) +
                                  "/specs/" + encode(text_of(spec->value, "key")) + "/" + what,
                        .body = json::dump(body)});
}

}  // namespace

int archive(const AskArgs& ask, const ToolArgs& args) {
  Value body = proto::object();
  body.entries.emplace_back("skip_specs", proto::boolean(args.skip_specs));
  body.entries.emplace_back("no_validate", proto::boolean(args.no_validate));
  auto response = call(ask, args.spec, "archive", body);
  if (response && response->status == 422) return tell_failure(*response);
  const auto answer = read_answer(std::move(response));
  if (!answer) return give_up(answer.error());
  const Value* result = answer->value.find("result");
  const Value* archived = result == nullptr ? nullptr : result->find("archive");
  const std::string as = archived == nullptr ? "" : text_of(*archived, "archivedAs");
  print(ask.json ? answer->text + "\n" : plain(args.spec + " is archived as " + as) + "\n");
  return 0;
}

namespace {

// Of one spec, or of all of a project.
Result<net::Response> call_validate(const AskArgs& ask, const ToolArgs& args) {
  Value body = proto::object();
  body.entries.emplace_back("strict", proto::boolean(args.is_strict));
  if (!args.spec.empty()) return call(ask, args.spec, "validate", body);
  const auto project = find_project(ask, ask.project);
  if (!project) return tl::unexpected(project.error());
  const std::string slug = text_of(*project, "slug");
  return exchange(ask, {.method = "POST",
                        .target = "/api/v1/projects/" + encode(slug) + "/validate",
                        .body = json::dump(body)});
}

std::string issues_of(const Value& item, const std::string& indent) {
  std::string text;
  for (const Value& issue : list_of(item, "issues"))
    text += indent + text_of(issue, "level") + " " + plain(text_of(issue, "path")) + ": " +
            plain(text_of(issue, "message")) + "\n";
  return text;
}

// A line for each spec of `items`, and what is wrong with it.
std::string text_of_all(const std::vector<Value>& items) {
  std::string text;
  for (const Value& item : items) {
    const bool is_valid = text_of(item, "valid") == "true";
    text += plain(text_of(item, "type") + " " + text_of(item, "id")) +
            (is_valid ? " is valid\n" : " is not valid\n") + issues_of(item, "  ");
  }
  return text.empty() ? "there is nothing to validate\n" : text;
}

}  // namespace

int validate(const AskArgs& ask, const ToolArgs& args) {
  auto response = call_validate(ask, args);
  if (response && response->status == 422) return tell_failure(*response);
  const auto answer = read_answer(std::move(response));
  if (!answer) return give_up(answer.error());
  const bool is_valid = text_of(answer->value, "exit_code") == "0";
  const Value* result = answer->value.find("result");
  const std::vector<Value> items =
      result == nullptr ? std::vector<Value>() : list_of(*result, "items");
  std::string text;
  if (args.spec.empty()) {
    text = text_of_all(items);
  } else {
    text = args.spec + (is_valid ? " is valid\n" : " is not valid\n");
    for (const Value& item : items) text += issues_of(item, "");
  }
  print(ask.json ? answer->text + "\n" : text);
  return is_valid ? 0 : 1;
}

}  // namespace specd::cli
