// What the openspec CLI does, which is asked to: its rules are its own.

#include "api/answers.h"
#include "api/edits.h"
#include "api/handlers.h"
#include "api/spec_answers.h"
#include "base/json.h"
#include "base/path.h"
#include "proto/json_build.h"

namespace specd::api {
namespace {

constexpr std::chrono::seconds kPatience{10};
constexpr const char* kCapabilities = "openspec/specs";

struct Target {
  store::Project project;
  store::Spec spec;
};

Error no_openspec() {
  return {Code::refused,
          "LeanSpec has no such command; its archive is the status: set it to archived"};
}

// A change or a capability, by a name that the CLI takes for one.
Result<Target> target_of(const Api& api, const net::Request& request) {
  const auto open = open_project(api, request);
  if (!open) return tl::unexpected(open.error());
  auto spec = spec_to_edit(open->tables(), open->project.id, request);
  if (!spec) return tl::unexpected(spec.error());
  if (spec->kind == spec::Kind::leanspec) return tl::unexpected(no_openspec());
  if (spec->kind == spec::Kind::archived)
    return fail(Code::refused, "the change is archived, and openspec does not look at it any more");
  if (spec->id.starts_with('-'))
    return fail(Code::refused, "openspec would take this id for an option; rename the folder");
  return Target{open->project, std::move(*spec)};
}

Result<bool> wants(const Value& body, std::string_view name) {
  const auto member = bool_member(body, name);
  if (!member) return tl::unexpected(member.error());
  return member->value_or(false);
}

Value result_value(const ToolEnd& end, const Value& result) {
  Value value = proto::object();
  value.entries.emplace_back("exit_code", proto::number(end.exit_code));
  value.entries.emplace_back("result", result);
  return value;
}

net::Response tool_problem(const Error& error) {
  if (error.code != Code::not_found) return problem_answer(error);
  return net::problem(501, "openspec_missing", error.message);
}

Result<net::Response> failed_problem(const ToolEnd& end) {
  net::Response response =
      net::problem(422, "openspec_failed",
                   "openspec ended with exit code " + std::to_string(end.exit_code) +
                       "; `output` has its words");
  auto value = json::parse(response.body);
  if (!value) return tl::unexpected(value.error());
  value->entries.emplace_back("exit_code", proto::number(end.exit_code));
  const auto told = json::parse(end.out);
  value->entries.emplace_back("output",
                              told ? *told : proto::text(printable_utf8(end.out + end.err)));
  response.body = json::dump(*value);
  return response;
}

using Arguments = std::vector<std::string>;

// `what`: which of its specs, as words of the CLI.
void validate(const Api& api, const net::Request& request, const std::string& root,
              const Arguments& what, net::Responder respond) {
  const auto body = body_object(request);
  if (!body) return answer(respond, tl::unexpected(body.error()));
  if (auto good = has_only(*body, {"strict"}); !good)
    return answer(respond, tl::unexpected(good.error()));
  const auto is_strict = wants(*body, "strict");
  if (!is_strict) return answer(respond, tl::unexpected(is_strict.error()));
  Arguments arguments{"validate"};
  arguments.insert(arguments.end(), what.begin(), what.end());
  arguments.insert(arguments.end(), {"--json", "--no-interactive"});
  if (*is_strict) arguments.emplace_back("--strict");
  api.services.openspec(root, arguments,
                        [respond = std::move(respond)](const Result<ToolEnd>& end) {
                          if (!end) return respond(tool_problem(end.error()));
                          // One that is not valid is told by what it prints, and by its exit code.
                          const auto result = json::parse(end->out);
                          const bool is_told = result && result->find("items") != nullptr;
                          if (!is_told) return answer(respond, failed_problem(*end));
                          respond(json_answer(result_value(*end, *result)));
                        });
}

}  // namespace

void post_validate(const Api& api, const net::Request& request, net::Responder respond) {
  const auto target = target_of(api, request);
  if (!target) return answer(respond, tl::unexpected(target.error()));
  const bool is_change = target->spec.kind == spec::Kind::change;
  validate(api, request, target->project.root,
           {target->spec.id, "--type", is_change ? "change" : "spec"}, std::move(respond));
}

void post_validate_all(const Api& api, const net::Request& request, net::Responder respond) {
  const auto open = open_project(api, request);
  if (!open) return answer(respond, tl::unexpected(open.error()));
  if (open->project.layout != spec::Layout::openspec)
    return answer(respond, tl::unexpected(no_openspec()));
  validate(api, request, open->project.root, {"--all"}, std::move(respond));
}

namespace {

Result<Arguments> archive_arguments(const Target& target, const net::Request& request) {
  if (target.spec.kind != spec::Kind::change)
    return fail(Code::refused, "only a change can be archived");
  const auto body = body_object(request);
  if (!body) return tl::unexpected(body.error());
  if (auto good = has_only(*body, {"skip_specs", "no_validate"}); !good)
    return tl::unexpected(good.error());
  const auto skips = wants(*body, "skip_specs"), trusts = wants(*body, "no_validate");
  if (!skips) return tl::unexpected(skips.error());
  if (!trusts) return tl::unexpected(trusts.error());
  Arguments arguments{"archive", target.spec.id, "--yes", "--json"};
  if (*skips) arguments.emplace_back("--skip-specs");
  if (*trusts) arguments.emplace_back("--no-validate");
  return arguments;
}

void archive(const Api& api, const Target& target, const Arguments& arguments,
             const net::Responder& respond) {
  api.services.openspec(target.project.root, arguments,
                        [api, project = target.project.id, respond](const Result<ToolEnd>& end) {
                          if (!end) return respond(tool_problem(end.error()));
                          const auto result = json::parse(end->out);
                          if (end->exit_code != 0 || !result)
                            return answer(respond, failed_problem(*end));
                          // Answered when the database has it.
                          api.services.sync_paths(
                              {{project, "openspec/changes"}, {project, kCapabilities}},
                              api.services.clock->steady() + kPatience,
                              [respond, told = result_value(*end, *result)](const auto&) {
                                respond(json_answer(told));
                              });
                        });
}

/// Files that the CLI would read or write, and whose edits are in the database alone.
Result<std::string> waiting_edits(const Api& api, const Target& target) {
  const auto reader = api.readers.take();
  if (!reader) return tl::unexpected(reader.error());
  const auto rows = reader->tables().files.unpushed(target.project.id);
  if (!rows) return tl::unexpected(rows.error());
  std::string waiting;
  for (const store::FileRow& row : *rows) {
    if (row.spec == target.spec.key || path::is_within(row.path, kCapabilities))
      waiting += (waiting.empty() ? "" : ", ") + printable_utf8(row.path);
  }
  return waiting;
}

void archive_if_written(const Api& api, const Target& target, const Arguments& arguments,
                        const net::Responder& respond) {
  const auto waiting = waiting_edits(api, target);
  if (!waiting) return answer(respond, tl::unexpected(waiting.error()));
  if (waiting->empty()) return archive(api, target, arguments, respond);
  answer(respond, fail(Code::conflict,
                       "edits wait in the database, and the openspec CLI would not "
                       "see them: " +
                           *waiting + "; `specd status` says why, and then try again"));
}

}  // namespace

void post_archive(const Api& api, const net::Request& request, net::Responder respond) {
  const auto target = target_of(api, request);
  if (!target) return answer(respond, tl::unexpected(target.error()));
  const auto arguments = archive_arguments(*target, request);
  if (!arguments) return answer(respond, tl::unexpected(arguments.error()));
  const auto waiting = waiting_edits(api, *target);
  if (!waiting) return answer(respond, tl::unexpected(waiting.error()));
  if (waiting->empty()) return archive(api, *target, *arguments, respond);
  // What can be written is, before the CLI reads it.
  api.services.sync_paths(
      {{target->project.id, target->spec.dir}, {target->project.id, kCapabilities}},
      edit_deadline(api),
      [api, target = *target, arguments = *arguments, respond = std::move(respond)](const auto&) {
        const bool is_posted =
            api.services.on_worker([=] { archive_if_written(api, target, arguments, respond); });
        if (!is_posted) answer(respond, fail(Code::busy, "too much to do; try again later"));
      });
}

}  // namespace specd::api
