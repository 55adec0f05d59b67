// conflicts merge, restore, dismiss.

#include "cli/resolve.h"

#include "base/json.h"
#include "cli/client.h"
#include "cli/edited.h"
#include "cli/print.h"
#include "cli/text_in.h"
#include "proto/json_build.h"

namespace specd::cli {
namespace {

// Whether what the file has now is what the person has seen.
Result<> check_seen(const ConflictsArgs& args, const std::string& present) {
  if (args.seen.empty() || present.starts_with(args.seen)) return {};
  return fail(Code::conflict, "the file was saved since: look at `specd conflicts show " + args.id +
                                  " --merged` again, and edit that");
}

// What is to be done where the proposed merge cannot be written as it stands.
Result<> check_merge(const ConflictsArgs& args, const Value& conflict) {
  const bool is_open = text_of(conflict, "resolution") == "open";
  if (args.verb != "merge" || !args.file.empty() || !is_open) return {};
  const std::string command = "`specd conflicts ";
  const Value* merge = conflict.find("merge");
  if (merge == nullptr || merge->kind != Value::Kind::map)
    return fail(Code::refused, text_of(conflict, "merge_error") + "; " + command + "restore " +
                                   args.id + "` takes the edit, " + command + "dismiss " + args.id +
                                   "` leaves the disk as it is");
  if (text_of(*merge, "clean") == "true") return {};
  const std::string count = text_of(*merge, "conflicts");
  return fail(Code::refused, "both sides changed the same in " + count +
                                 (count == "1" ? " place" : " places") + ": " + command + "show " +
                                 args.id + " --merged >FILE`, choose in FILE, then " + command +
                                 "merge " + args.id + " --file FILE`");
}

std::string done(const ConflictsArgs& args, const Value& conflict) {
  const std::string path = text_of(conflict, "path");
  if (args.verb == "dismiss") return "dismissed; " + path + " stays as it is";
  const std::string before = text_of(conflict, "present_version").substr(0, 12);
  const bool is_merge = args.verb == "merge";
  return (is_merge ? "merged into " : "restored in ") + path +
         (before.empty() ? "" : "; what was there is its version " + before);
}

Result<net::Request> request_of(const ConflictsArgs& args, const Value& conflict) {
  Value body = proto::object();
  body.entries.emplace_back("how", proto::text(args.verb));
  if (!args.file.empty()) {
    const auto text = text_in(args.file);
    if (!text) return tl::unexpected(text.error());
    body.entries.emplace_back("content", proto::text(*text));
  }
  net::Request request{.method = "POST",
                       .target = "/api/v1/conflicts/" + encode(args.id) + "/resolve",
                       .body = json::dump(body)};
  if (args.verb != "dismiss") request.headers = edit_of(text_of(conflict, "present_version"));
  return request;
}

}  // namespace

int resolve_conflict(const AskArgs& ask, const ConflictsArgs& args) {
  const auto conflict = get(ask, "/api/v1/conflicts/" + encode(args.id));
  if (!conflict) return give_up(conflict.error());
  if (auto seen = check_seen(args, text_of(conflict->value, "present_version")); !seen)
    return give_up(seen.error());
  if (auto may = check_merge(args, conflict->value); !may) return give_up(may.error());
  const auto request = request_of(args, conflict->value);
  if (!request) return give_up(request.error());
  const auto answer = send(ask, *request);
  if (!answer) return give_up(answer.error());
  return tell_edit(ask, *answer, done(args, conflict->value));
}

}  // namespace specd::cli
