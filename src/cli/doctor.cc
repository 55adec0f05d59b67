#include <algorithm>

#include "base/columns.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/table.h"
#include "proto/json_build.h"

namespace specd::cli {
namespace {

using admin::Finding;
using admin::Level;

struct Shown {
  const char* word;
  Colour colour;
};

Shown shown(Level level) {
  switch (level) {
    case Level::ok:
      return {"ok", Colour::green};
    case Level::note:
      return {"note", Colour::yellow};
    case Level::problem:
      break;
  }
  return {"problem", Colour::red};
}

bool is_well(const std::vector<Finding>& findings) {
  return std::ranges::none_of(
      findings, [](const Finding& finding) { return finding.level == Level::problem; });
}

// A line for each, and below it what to do.
std::string text_of(const std::vector<Finding>& findings) {
  constexpr size_t kLevel = 9;  // "problem" and two spaces
  size_t widest = 0;
  for (const Finding& finding : findings)
    widest = std::max(widest, columns(plain(finding.subject)));
  std::string text;
  for (const Finding& finding : findings) {
    const auto [word, colour] = shown(finding.level);
    const std::string subject = plain(finding.subject);
    text += painted(word, colour) + std::string(kLevel - columns(word), ' ') + subject +
            std::string(widest - columns(subject) + 2, ' ') + plain(finding.text) + "\n";
    if (!finding.remedy.empty())
      text += std::string(kLevel + 2, ' ') + "→ " + plain(finding.remedy) + "\n";
  }
  return text;
}

std::string json_of(const std::vector<Finding>& findings) {
  Value checks = proto::list();
  for (const Finding& finding : findings) {
    Value check = proto::object();
    check.entries.emplace_back("level", proto::text(shown(finding.level).word));
    check.entries.emplace_back("subject", proto::text(finding.subject));
    check.entries.emplace_back("text", proto::text(finding.text));
    check.entries.emplace_back("remedy", proto::text_or_null(finding.remedy));
    checks.items.push_back(std::move(check));
  }
  Value all = proto::object();
  all.entries.emplace_back("well", proto::boolean(is_well(findings)));
  all.entries.emplace_back("checks", std::move(checks));
  return json::dump(all) + "\n";
}

}  // namespace

int doctor(const AskArgs& ask, const Result<admin::Setting>& setting) {
  if (!setting) return give_up(setting.error());
  const std::vector<Finding> findings = admin::examine(*setting);
  print(ask.json ? json_of(findings) : text_of(findings));
  return is_well(findings) ? 0 : 1;
}

}  // namespace specd::cli
