#include "cli/edited.h"

#include "cli/print.h"

namespace specd::cli {

int tell_edit(const AskArgs& ask, const Answer& answer, const std::string& done) {
  if (ask.json) print(answer.text + "\n");
  bool is_pending = false;
  for (const Value& file : list_of(answer.value, "files")) {
    if (text_of(file, "state") != "pending") continue;
    is_pending = true;
    note(text_of(file, "path") + " is kept and not on disk yet: " + text_of(file, "why"));
  }
  if (!ask.json && !is_pending) print(done + "\n");
  return is_pending ? 1 : 0;
}

}  // namespace specd::cli
