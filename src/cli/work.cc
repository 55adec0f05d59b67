// next, claim, release, complete: agents take work, and give it back.

#include <pwd.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <optional>

#include "base/json.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/table.h"
#include "proto/json_build.h"

namespace specd::cli {
namespace {

constexpr const char* kNothing = "nothing is ready: `specd list` shows what there is";

/// "90s", "30m", "2h", "1d", or seconds.
Result<int64_t> seconds_of(const std::string& text) {
  int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  const std::string unit(stopped, end);
  const int64_t factor = unit.empty() || unit == "s" ? 1
                         : unit == "m"               ? 60
                         : unit == "h"               ? 3'600
                         : unit == "d"               ? 86'400
                                                     : 0;
  constexpr int64_t kMost = 86'400;
  if (error == std::errc() && factor != 0 && number >= 1 && number <= kMost / factor)
    return number * factor;
  return fail(Code::invalid, "--lease wants a time such as 90s, 30m or 2h, of at most a day; \"" +
                                 text + "\" is none");
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? "" : value;
}

/// As it was said, or by whom the command is run, and where.
std::string agent(const WorkArgs& args) {
  if (!args.agent.empty()) return args.agent;
  if (std::string said = variable("SPECD_AGENT"); !said.empty()) return said;
  const passwd* user = ::getpwuid(::geteuid());  // NOLINT(concurrency-mt-unsafe)
  char host[256] = "";
  (void)::gethostname(host, sizeof host - 1);
  return (user != nullptr ? std::string(user->pw_name) : std::to_string(::geteuid())) + "@" + host;
}

Value order(const AskArgs& ask, const WorkArgs& args) {
  Value body = proto::object();
  body.entries.emplace_back("agent", proto::text(agent(args)));
  if (!args.spec.empty()) body.entries.emplace_back("spec", proto::text(args.spec));
  if (!ask.project.empty()) body.entries.emplace_back("project", proto::text(ask.project));
  return body;
}

/// "shop/add-cart", and what is to be said of it.
std::string line(const Value& spec, const std::string& more) {
  return plain(text_of(spec, "project") + "/" + text_of(spec, "id")) + more + "\n";
}

std::string in_brackets(const Value& spec) {
  const std::string status = text_of(spec, "status");
  return (status.empty() ? "" : " (" + plain(status) + ")") + ": " + plain(text_of(spec, "title"));
}

/// Prints the answer where that is wanted. The exit code: whether its file is on disk.
int told(const AskArgs& ask, const Answer& answer, const std::string& done) {
  print(ask.json ? answer.text + "\n" : done);
  for (const Value& file : list_of(answer.value, "files")) {
    if (text_of(file, "state") != "pending") continue;
    note(text_of(file, "path") + " is kept and not on disk yet: " + text_of(file, "why"));
    return 1;
  }
  return 0;
}

/// Where nothing is ready.
int nothing(const AskArgs& ask, const Answer& answer) {
  if (ask.json) print(answer.text + "\n");
  if (!ask.json) note(kNothing);
  return 1;
}

bool is_there(const Value& answer, const std::string& member) {
  const Value* found = answer.find(member);
  return found != nullptr && found->kind == Value::Kind::map;
}

int end(const AskArgs& ask, const char* verb, const Value& body) {
  const auto answer = post(ask, "/api/v1/queue/" + std::string(verb), json::dump(body));
  if (!answer) return give_up(answer.error());
  const Value* spec = answer->value.find("spec");
  return told(ask, *answer, spec == nullptr ? "" : line(*spec, in_brackets(*spec)));
}

}  // namespace

int next(const AskArgs& ask) {
  const std::string project = ask.project.empty() ? "" : "?project=" + encode(ask.project);
  const auto answer = get(ask, "/api/v1/queue/next" + project);
  if (!answer) return give_up(answer.error());
  if (!is_there(answer->value, "item")) return nothing(ask, *answer);
  const Value& item = *answer->value.find("item");
  return told(ask, *answer, line(item, in_brackets(item)));
}

int claim(const AskArgs& ask, const WorkArgs& args) {
  const auto lease = seconds_of(args.lease);
  if (!lease) return give_up(lease.error());
  Value body = order(ask, args);
  body.entries.emplace_back("lease_s", proto::number(*lease));
  const auto answer = post(ask, "/api/v1/queue/claim", json::dump(body));
  if (!answer) return give_up(answer.error());
  if (!is_there(answer->value, "spec")) return nothing(ask, *answer);
  const Value& spec = *answer->value.find("spec");
  const Value* made = answer->value.find("claim");
  const std::string until = made == nullptr ? "" : text_of(*made, "expires_at");
  return told(ask, *answer, line(spec, " until " + until + ": " + plain(text_of(spec, "title"))));
}

int release(const AskArgs& ask, const WorkArgs& args) {
  return end(ask, "release", order(ask, args));
}

int complete(const AskArgs& ask, const WorkArgs& args) {
  Value body = order(ask, args);
  if (!args.status.empty()) body.entries.emplace_back("status", proto::text(args.status));
  return end(ask, "complete", body);
}

}  // namespace specd::cli
