#include "spec/lifecycle.h"

#include "spec/text.h"

namespace specd::spec {

std::string_view canonical_status(std::string_view status) {
  if (status == "in_progress" || status == "inprogress") return "in-progress";
  return status == "completed" ? "complete" : status;
}

bool is_finished(Kind kind, std::string_view status) {
  switch (kind) {
    case Kind::archived:
      return true;
    case Kind::change:
      return status == "done" || status == "archived";
    case Kind::leanspec:
      return status == "complete" || status == "archived";
    case Kind::capability:
      return false;
  }
  return false;
}

int priority_rank(std::string_view priority) {
  struct Word {
    std::string_view word;
    int rank;
  };
  constexpr Word words[] = {{"critical", 0}, {"urgent", 0}, {"high", 1}, {"medium", 2},
                            {"med", 2},      {"low", 3},    {"", 4}};
  for (const Word& known : words) {
    if (equal_ignoring_case(priority, known.word)) return known.rank;
  }
  return 5;
}

}  // namespace specd::spec
