// completions: the scripts, and the words that they ask for.

#include <set>

#include "base/json.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/syntax.h"

namespace specd::cli {
namespace {

// Whoever presses a key waits for no longer.
constexpr std::chrono::milliseconds kPatience{1'000};

Value ask(const net::HttpClient& daemon, const std::string& target) {
  const auto answer = daemon.get(target);
  if (!answer || answer->status != 200) return {};
  return json::parse(answer->body).value_or(Value{});
}

// A word that a line can hold.
bool is_plain(const std::string& word) {
  return !word.empty() && word.find_first_of(std::string("\n\r\t\0", 4)) == std::string::npos;
}

std::set<std::string> words(const std::string& verb) {
  auto options = daemon_options({});
  if (!options) return {};
  options->connect_limit = kPatience;
  options->answer_limit = kPatience;
  const net::HttpClient daemon(*options);
  std::set<std::string> words;
  const Value projects = ask(daemon, "/api/v1/projects");
  for (const Value& project : list_of(projects, "projects")) {
    const std::string slug = text_of(project, "slug");
    if (verb == "projects") {
      words.insert(slug);
      continue;
    }
    const Value specs = ask(daemon, "/api/v1/projects/" + encode(slug) + "/specs?limit=100000");
    for (const Value& spec : list_of(specs, "specs")) {
      if (const std::string id = text_of(spec, "id"); is_plain(id)) words.insert(id);
    }
  }
  return words;
}

}  // namespace

int completions(const CompletionsArgs& args) {
  if (args.verb == "bash") {
    print(bash_completions(syntax()));
  } else if (args.verb == "zsh") {
    print(zsh_completions(syntax()));
  } else if (args.verb == "fish") {
    print(fish_completions(syntax()));
  } else {
    for (const std::string& word : words(args.verb)) print(word + "\n");
  }
  return 0;
}

}  // namespace specd::cli
