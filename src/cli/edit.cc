// edit: a file in the person's editor, from the daemon and back to it.

#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "base/json.h"
#include "base/path.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/edited.h"
#include "cli/named_file.h"
#include "cli/print.h"
#include "cli/resolve.h"
#include "cli/text_editor.h"
#include "merge/text3.h"

namespace specd::cli {
namespace {

// A merge can be stale by the time that it is written, too.
constexpr int kMostMerges = 5;

struct Edited {
  NamedFile file;
  FileNow base;  ///< what the editor was given
  std::string text;
  TextFile copy;
};

bool is_text(const std::string& content) {
  return is_utf8(content) && content.find('\0') == std::string::npos;
}

// Whatever else goes wrong, what the person wrote is there.
int give_up_with(const TextFile& copy, const std::string& why) {
  return give_up({Code::refused, why + "; your text is in " + copy.path()});
}

// Whether the person wants it: as an option says, or asked where somebody can answer.
bool wants_merge(const EditArgs& args, const std::string& why) {
  if (args.is_merged) return true;
  if (isatty(STDIN_FILENO) != 1 || isatty(STDERR_FILENO) != 1) return false;
  note(why + "; the two go together. Write both, merged? [y/N]");
  std::string line;
  std::getline(std::cin, line);
  return line.starts_with('y') || line.starts_with('Y');
}

Result<net::Response> write(const AskArgs& ask, const EditArgs& args, const NamedFile& file,
                            const std::string& version, const std::string& text) {
  net::Request request{.method = "PUT",
                       .target = file.content_address() + (args.is_forced ? "?force=true" : ""),
                       .headers = edit_of(version),
                       .body = text};
  request.headers.add("Content-Type", "application/octet-stream");
  return exchange(ask, request);
}

// 409: the disk changed at the same moment, and the daemon keeps the text with a conflict.
int settle_overruled(const AskArgs& ask, const EditArgs& args, const Edited& edited,
                     const net::Response& response) {
  const auto value = json::parse(response.body);
  const Value* conflict = value ? value->find("conflict") : nullptr;
  if (conflict == nullptr || conflict->kind != Value::Kind::map)
    return give_up_with(edited.copy, "it was saved at the same moment, which wins");
  const std::string id = text_of(*conflict, "id");
  const Value* merge = conflict->find("merge");
  const bool is_clean = merge != nullptr && text_of(*merge, "clean") == "true";
  const std::string why = edited.file.path + " was saved at the same moment";
  if (is_clean && wants_merge(args, why)) {
    const int code = resolve_conflict(ask, {.verb = "merge", .id = id});
    if (code != 2) edited.copy.remove();
    return code;
  }
  return give_up_with(edited.copy, why + ", which wins, and what you wrote is kept as conflict " +
                                       id + ": `specd conflicts show " + id +
                                       "` tells of both, `specd conflicts merge " + id +
                                       "` writes both");
}

// 412: the file was saved while the editor was open. The merge with it; none where that cannot be,
// or is not wanted, which is told.
Result<std::string> merge_with(const EditArgs& args, const Edited& edited, const FileNow& now) {
  const std::string why = edited.file.path + " was saved meanwhile";
  const std::string how = ": run `specd edit` again, and take over what you wrote";
  if (now.version.empty())
    return fail(Code::conflict,
                edited.file.path + " was deleted meanwhile; `specd edit --force` makes it again");
  const auto merged =
      merge::text3({edited.base.content, now.content, edited.text}, merge::Markers::git);
  if (!merged) return fail(Code::conflict, why + ", and there is no merge" + how);
  if (!merged->is_clean())
    return fail(Code::conflict, why + ", and the same lines of it were changed" + how);
  if (!wants_merge(args, why))
    return fail(Code::conflict, why + how + "; --merge writes both where they go together");
  return merged->content;
}

int tell(const AskArgs& ask, const Edited& edited, Result<net::Response> response) {
  const auto answer = read_answer(std::move(response));
  if (!answer) return give_up_with(edited.copy, answer.error().message);
  edited.copy.remove();
  return tell_edit(ask, *answer, edited.file.path + " is written");
}

int bring_back(const AskArgs& ask, const EditArgs& args, const Edited& edited) {
  auto response = write(ask, args, edited.file, edited.base.version, edited.text);
  for (int merges = 0; response && response->status == 412 && merges < kMostMerges; ++merges) {
    const auto now = file_now(ask, edited.file.content_address());
    if (!now) return give_up_with(edited.copy, now.error().message);
    const auto merged = merge_with(args, edited, *now);
    if (!merged) return give_up_with(edited.copy, merged.error().message);
    response = write(ask, args, edited.file, now->version, *merged);
  }
  if (response && response->status == 409) return settle_overruled(ask, args, edited, *response);
  return tell(ask, edited, std::move(response));
}

}  // namespace

int edit(const AskArgs& ask, const EditArgs& args) {
  const auto file = find_file(ask, args.named);
  if (!file) return give_up(file.error());
  const auto base = file_now(ask, file->content_address());
  if (!base) return give_up(base.error());
  if (!is_text(base->content))
    return give_up({Code::refused, file->path + " is no text: no editor is given it"});
  const auto copy = TextFile::make(std::string(path::name(file->path)), base->content);
  if (!copy) return give_up(copy.error());
  if (auto ran = run_editor(copy->path()); !ran)
    return give_up_with(*copy, ran.error().message + "; nothing is written");
  const auto text = copy->read();
  if (!text) return give_up_with(*copy, text.error().message);
  if (*text == base->content) {
    copy->remove();
    print(ask.json ? "{\"edit\":null,\"files\":[]}\n" : file->path + " is unchanged\n");
    return 0;
  }
  return bring_back(ask, args, {*file, *base, *text, *copy});
}

}  // namespace specd::cli
