#pragma once

#include <optional>
#include <string>
#include <vector>

namespace specd::cli {

/// `specd run`, as it was typed.
struct RunArgs {
  std::vector<std::string> projects;  ///< folders; none: the current one
  std::string db;                     ///< empty: in the XDG state folder
  std::string listen;                 ///< empty: as the config says, or 127.0.0.1:4400
  std::string config;                 ///< empty: none
  bool registered = false;            ///< without projects: not the current folder either
  bool behind_proxy = false;
  bool no_auth = false;
  bool poll = false;
  bool read_only = false;
  bool verbose = false;
};

/// A command that asks a running daemon.
struct AskArgs {
  std::string url;         ///< empty: the daemon of this user
  std::string token_file;  ///< empty: that of this user's daemon
  bool json = false;
  bool verbose = false;               ///< verify: every line
  std::string project;                ///< a slug, or a folder of it; empty: all
  std::string kind;                   ///< show: of this one
  std::vector<std::string> kinds;     ///< list: only these
  std::vector<std::string> statuses;  ///< list: only these
  int limit = 20;
  bool follow = false;
  std::string spec;  ///< history: only of this one, by id, key or number
  bool all = false;  ///< conflicts: resolved ones, too
  bool wait = false;
  int timeout_s = 30;
};

/// `specd open`, as it was typed.
struct OpenArgs {
  bool no_browser = false;
  bool sign_out = false;
};

/// `specd config VERB`, as it was typed.
struct ConfigArgs {
  std::string verb;
  std::string file;  ///< empty: the usual one
  bool json = false;
};

/// What is looked for among the specs.
struct FindArgs {
  std::string spec;                ///< show: its id, key or number
  std::vector<std::string> words;  ///< search
};

/// `specd conflicts`, as it was typed.
struct ConflictsArgs {
  std::string verb;        ///< show, merge, restore, dismiss; empty: all are listed
  std::string id;          ///< of which one
  bool is_merged = false;  ///< show: the text of the merge alone
  std::string file;        ///< merge: whose text to write; `-`: stdin; empty: the proposed merge
  std::string seen;        ///< merge: how the version begins that the text was made from
};

/// A file, as a person names it.
struct FileArgs {
  std::string spec;  ///< its id, key or number; or a path in the project
  std::string file;  ///< relative to the spec's folder; empty: the only one
};

/// `specd versions` and `specd restore`, as they were typed.
struct VersionsArgs {
  FileArgs named;
  std::string version;  ///< restore: how its SHA-256 begins; without `named`, a deleted spec
};

/// `specd edit`, as it was typed.
struct EditArgs {
  FileArgs named;
  bool is_forced = false;  ///< over whatever was saved meanwhile
  bool is_merged = false;  ///< with what was saved meanwhile, unasked
};

/// `specd set` and `specd tick`, as they were typed.
struct ChangeArgs {
  std::string spec;  ///< its id, key or number
  std::string task;  ///< tick: its text, or how that begins
  bool undo = false;
  bool force = false;  ///< set: a status that the workflow does not lead to
  /// set: what is not named stays; empty: none.
  std::optional<std::string> status, priority, assignee;
  std::optional<std::vector<std::string>> tags;
};

/// `specd claim`, `release` and `complete`, as they were typed.
struct WorkArgs {
  std::string spec;           ///< its id, number or key; claim: empty: the first that is ready
  std::string agent;          ///< who works on it; empty: SPECD_AGENT, or user and machine
  std::string lease = "30m";  ///< claim: for how long
  std::string status;         ///< complete: empty: the next one
};

/// `specd new`, as it was typed.
struct NewArgs {
  std::string id;
  std::string title;  ///< empty: not given
  std::optional<std::string> status, priority;
  std::vector<std::string> tags;
  bool is_forced = false;
};

/// `specd archive` and `specd validate`, as they were typed.
struct ToolArgs {
  std::string spec;          ///< validate: empty for all of the project
  bool skip_specs = false;   ///< archive
  bool no_validate = false;  ///< archive
  bool is_strict = false;    ///< validate
};

/// A command about one project.
struct ProjectArgs {
  std::string project;  ///< its slug, or its folder; empty: the one of the current folder
  std::string folder;   ///< add: its folder; relink: where it is now; empty: the current one
  std::string slug;     ///< add: what to call it; empty: as the folder
  bool force = false;
  bool revert = false;            ///< confirm: take back what is held
  bool list = false;              ///< confirm: only tell what is held
  bool all = false;               ///< pause, resume: every project
  std::optional<bool> read_only;  ///< add: whether its files are never to be written
};

/// `specd service VERB`, as it was typed.
struct ServiceArgs {
  std::string verb;
  bool follow = false;
  int lines = 50;
};

/// `specd completions VERB`, as it was typed.
struct CompletionsArgs {
  std::string verb;  ///< bash, zsh, fish; projects, specs
};

enum class Command {
  run,
  add,
  remove,
  relink,
  projects,
  pause,
  resume,
  list,
  show,
  search,
  history,
  set,
  tick,
  create,
  archive,
  validate,
  edit,
  versions,
  restore,
  next,
  claim,
  release,
  complete,
  status,
  confirm,
  conflicts,
  sync,
  verify,
  config,
  doctor,
  open,
  service,
  version,
  completions,
};

struct Args {
  Command command = Command::run;
  RunArgs run;
  AskArgs ask;
  ProjectArgs project;
  FindArgs find;
  ConflictsArgs conflicts;
  VersionsArgs versions;
  NewArgs create;
  ToolArgs tool;
  EditArgs edit;
  ChangeArgs change;
  WorkArgs work;
  OpenArgs open;
  ConfigArgs config;
  ServiceArgs service;
  CompletionsArgs completions;
};

/// Reads the command line. None if that already said all there is to say (help, version, a
/// mistake): then `exit_code` is what the process ends with.
[[nodiscard]] std::optional<Args> parse_args(int argc, const char* const* argv, int& exit_code);

}  // namespace specd::cli
