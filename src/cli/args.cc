#include "cli/args.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>

#include "cli/slips.h"
#include "cli/syntax.h"

namespace specd::cli {
namespace {

constexpr const char* kAbout = "specd keeps a project's spec files and a SQLite database in step.";
constexpr const char* kKinds = "change|archived|capability|leanspec";

// What a script's empty variable leaves; it must not mean what nothing means.
CLI::Validator not_empty() {
  return {[](const std::string& text) { return text.empty() ? "it is empty" : ""; }, ""};
}

// Without CLI11's own words for them in the help.
CLI::Validator existing_file() {
  return CLI::Validator(CLI::ExistingFile).description("");
}

CLI::Validator from_one_to(int most) {
  return CLI::Range(1, most).description("");
}

CLI::App* add_run(CLI::App& app, RunArgs& run) {
  CLI::App* command =
      app.add_subcommand("run", "Keep projects in step, in the foreground, until it is stopped");
  command->add_option("PROJECT", run.projects, "Folders with specs (default: the current folder)")
      ->type_name("FOLDER");
  command
      ->add_option("--db", run.db,
                   "Database file, ending in .db (default: in the XDG state folder)")
      ->type_name("FILE");
  command
      ->add_option("--listen", run.listen,
                   "Where to serve; port 0 takes any free one (default: 127.0.0.1:4400)")
      ->type_name("HOST:PORT");
  command->add_option("--config", run.config, "Configuration file (YAML)")
      ->type_name("FILE")
      ->check(existing_file());
  command->add_flag("--registered", run.registered,
                    "Without PROJECT: only what is registered or configured, not this folder");
  command->add_flag("--behind-proxy", run.behind_proxy,
                    "A proxy stands before it, and speaks TLS to clients: any address may be used");
  command->add_flag(
      "--no-auth", run.no_auth,
      "Ask nobody for a token: all who have an account here may read and change everything");
  command->add_flag("--poll", run.poll,
                    "Look for changes every two seconds instead of watching for them");
  command->add_flag("--read-only", run.read_only, "Never write to a project's files");
  command->add_flag("-v,--verbose", run.verbose, "Log every decision");
  return command;
}

CLI::App* add_config(CLI::App& app, ConfigArgs& config) {
  CLI::App* command = app.add_subcommand("config", "What a daemon is told here");
  command->require_subcommand(1);
  const std::pair<const char*, const char*> verbs[] = {
      {"show", "Every key, its value, and where that comes from"},
      {"check", "Whether the file and the environment can be used"},
  };
  for (const auto& [verb, what] : verbs) {
    CLI::App* sub = command->add_subcommand(verb, what);
    sub->callback([&config, name = verb] { config.verb = name; });
    sub->add_option("FILE", config.file, "Configuration file (default: the usual one)")
        ->type_name("FILE")
        ->check(existing_file());
    sub->add_flag("--json", config.json, "As JSON");
  }
  return command;
}

CLI::App* add_service(CLI::App& app, ServiceArgs& service) {
  CLI::App* command =
      app.add_subcommand("service", "Run specd in the background, by systemd or launchd");
  command->require_subcommand(1);
  const std::pair<const char*, const char*> verbs[] = {
      {"install", "Install it for this user, and start it now and at each login"},
      {"uninstall", "Stop it, and do not start it again; the database stays"},
      {"start", "Start it"},
      {"stop", "Stop it until the next login or start"},
      {"status", "What the service manager says of it"},
      {"logs", "Its log"},
  };
  for (const auto& [verb, what] : verbs) {
    CLI::App* sub = command->add_subcommand(verb, what);
    sub->callback([&service, name = verb] { service.verb = name; });
    if (std::string_view(verb) != "logs") continue;
    sub->add_flag("-f,--follow", service.follow, "Go on as it grows");
    sub->add_option("-n,--lines", service.lines, "How many lines, up to 100000 (default: 50)")
        ->type_name("N")
        ->check(from_one_to(100'000));
  }
  return command;
}

CLI::App* add_ask(CLI::App& app, const char* name, const char* what, AskArgs& ask) {
  CLI::App* command = app.add_subcommand(name, what);
  command->add_option("--url", ask.url, "The daemon's address (default: this user's daemon)")
      ->type_name("URL");
  command
      ->add_option("--token-file", ask.token_file,
                   "The file of that daemon's token (default: that of this user's daemon)")
      ->type_name("FILE");
  command->add_flag("--json", ask.json, "The daemon's answer as JSON");
  return command;
}

CLI::App* add_conflicts(CLI::App& app, Args& args) {
  CLI::App* command =
      add_ask(app, "conflicts", "Where disk and database had both changed a file", args.ask);
  command->add_flag("--all", args.ask.all, "Resolved ones, too");
  ConflictsArgs& conflicts = args.conflicts;
  const auto add = [&](const char* verb, const char* what) {
    CLI::App* sub = add_ask(*command, verb, what, args.ask);
    sub->callback([&conflicts, verb] { conflicts.verb = verb; });
    sub->add_option("ID", conflicts.id, "Its number, as `specd conflicts` lists it")
        ->required()
        ->check(not_empty());
    return sub;
  };
  CLI::App* show = add("show", "What each side changed, and what a merge would be");
  show->add_flag("--merged", conflicts.is_merged,
                 "The text of the merge alone, with git's markers where there is to choose");
  CLI::App* merge = add("merge", "Write the merge that `show` tells of");
  merge->add_option("--file", conflicts.file, "Write this file's text instead; -: that of stdin")
      ->type_name("FILE")
      ->check(not_empty());
  merge
      ->add_option("--seen", conflicts.seen,
                   "Only if the file still is the version that begins so, as `show --merged` says")
      ->type_name("VERSION");
  add("restore", "Write what the edit had made of the file, which the disk overruled");
  add("dismiss", "Leave the disk as it is; what was overruled need not be kept any longer");
  return command;
}

CLI::App* add_new(CLI::App& app, Args& args) {
  CLI::App* command =
      add_ask(app, "new", "Make a change, or a LeanSpec spec under the next number", args.ask);
  NewArgs& create = args.create;
  command->add_option("ID", create.id, "Its name, such as add-login")
      ->required()
      ->check(not_empty());
  command->add_option("--title", create.title, "Its heading")
      ->type_name("TITLE")
      ->check(not_empty());
  command->add_option("--status", create.status, "LeanSpec (default: planned)")
      ->type_name("STATUS")
      ->check(not_empty());
  command->add_option("--priority", create.priority, "LeanSpec (default: medium)")
      ->type_name("PRIORITY")
      ->check(not_empty());
  command->add_option("--tags", create.tags, "LeanSpec: with commas between them")
      ->type_name("TAGS")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(not_empty());
  command->add_flag("--force", create.is_forced,
                    "Also if an archived spec has the name, or a LeanSpec one of another number");
  return command;
}

std::pair<CLI::App*, CLI::App*> add_tools(CLI::App& app, Args& args) {
  ToolArgs& tool = args.tool;
  CLI::App* archive = add_ask(app, "archive", "Archive a change, by the openspec CLI", args.ask);
  CLI::App* validate =
      add_ask(app, "validate", "Validate changes and capabilities, by the openspec CLI", args.ask);
  archive->add_option("SPEC", tool.spec, "Its id or its key")->required()->check(not_empty());
  validate->add_option("SPEC", tool.spec, "Its id or its key; without it, all of the project")
      ->check(not_empty());
  archive->add_flag("--skip-specs", tool.skip_specs, "Leave the capabilities as they are");
  archive->add_flag("--no-validate", tool.no_validate, "Also if it is not valid");
  validate->add_flag("--strict", tool.is_strict, "Warnings are failures");
  return {archive, validate};
}

void add_file(CLI::App& command, FileArgs& named) {
  command.add_option("SPEC", named.spec, "Its id, its number (035), or its key; or a file's path")
      ->required()
      ->check(not_empty());
  command
      .add_option("NAME", named.file,
                  "Which of its files, such as tasks.md (default: the only one)")
      ->check(not_empty());
}

CLI::App* add_edit(CLI::App& app, Args& args) {
  CLI::App* command =
      add_ask(app, "edit", "Change a file in an editor: $VISUAL, $EDITOR, or vi", args.ask);
  add_file(*command, args.edit.named);
  command
      ->add_flag("--merge", args.edit.is_merged,
                 "Do not ask before a save that came in between is merged with it")
      ->excludes(command->add_flag("--force", args.edit.is_forced,
                                   "Write over what was saved in between, which is kept"));
  return command;
}

std::pair<CLI::App*, CLI::App*> add_versions(CLI::App& app, Args& args) {
  VersionsArgs& wanted = args.versions;
  CLI::App* versions = add_ask(app, "versions", "What a file contained before", args.ask);
  CLI::App* restore =
      add_ask(app, "restore",
              "Make what a file contained before its content again, or bring a deleted spec back",
              args.ask);
  restore
      ->add_option("VERSION", wanted.version,
                   "How it begins, as `specd versions` lists it; or, alone, a deleted spec's id")
      ->required()
      ->check(not_empty());
  for (CLI::App* command : {versions, restore}) add_file(*command, wanted.named);
  restore->get_option("SPEC")->required(false);
  return {versions, restore};
}

std::pair<CLI::App*, CLI::App*> add_changes(CLI::App& app, Args& args) {
  ChangeArgs& change = args.change;
  CLI::App* set = add_ask(app, "set", "Set status, priority, assignee, tags of a spec", args.ask);
  CLI::App* tick = add_ask(app, "tick", "Tick a task of a spec", args.ask);
  for (CLI::App* command : {set, tick}) {
    command->add_option("SPEC", change.spec, "Its id, its number (035), or its key")
        ->required()
        ->check(not_empty());
  }
  set->add_option("--status", change.status, "\"\": as its tasks say")->type_name("STATUS");
  set->add_option("--priority", change.priority, "\"\": none")->type_name("PRIORITY");
  set->add_option("--assignee", change.assignee, "\"\": nobody")->type_name("NAME");
  set->add_option("--tags", change.tags, "All of them, with commas between them; \"\": none")
      ->type_name("TAGS")
      ->delimiter(',')
      ->allow_extra_args(false);
  set->add_flag("--force", change.force, "Also a status that the workflow does not lead to");
  tick->add_option("TASK", change.task, "Its text, or how that begins, such as 1.2")
      ->required()
      ->check(not_empty());
  tick->add_flag("--undo", change.undo, "Take the tick away");
  return {set, tick};
}

// Those about work; by name, since each has a command of its own.
std::map<const CLI::App*, Command> add_work(CLI::App& app, Args& args) {
  WorkArgs& work = args.work;
  CLI::App* next = add_ask(app, "next", "What is to be done first", args.ask);
  CLI::App* claim = add_ask(app, "claim", "Take work under a lease, or renew it", args.ask);
  CLI::App* release = add_ask(app, "release", "Give work back, as it was before", args.ask);
  CLI::App* complete = add_ask(app, "complete", "Say that work is done", args.ask);
  claim
      ->add_option("SPEC", work.spec,
                   "Its id, its number (035), or its key (default: the first that is ready)")
      ->check(not_empty());
  for (CLI::App* command : {release, complete}) {
    command->add_option("SPEC", work.spec, "Its id, its number (035), or its key")
        ->required()
        ->check(not_empty());
  }
  for (CLI::App* command : {claim, release, complete}) {
    command
        ->add_option("--agent", work.agent,
                     "Who works on it (default: SPECD_AGENT, or user and machine)")
        ->type_name("NAME")
        ->check(not_empty());
  }
  claim
      ->add_option("--lease", work.lease,
                   "For how long, such as 90s, 30m, 2h; up to a day (default: 30m)")
      ->type_name("TIME");
  complete
      ->add_option("--status", work.status,
                   "Its status now (default: review; of a LeanSpec folder complete)")
      ->type_name("STATUS")
      ->check(not_empty());
  return {{next, Command::next},
          {claim, Command::claim},
          {release, Command::release},
          {complete, Command::complete}};
}

// Those about projects; by name, since each has a command of its own.
std::map<const CLI::App*, Command> add_projects(CLI::App& app, Args& args) {
  ProjectArgs& project = args.project;
  CLI::App* add = add_ask(app, "add", "Keep another folder's specs, too", args.ask);
  add->add_option("FOLDER", project.folder, "The project's folder (default: the current one)")
      ->check(not_empty());
  CLI::Option* read_only = add->add_flag_callback(
      "--read-only", [&project] { project.read_only = true; },
      "Never write to its files; also for a project that is kept already");
  add->add_flag_callback(
         "--writable", [&project] { project.read_only = false; }, "Undo --read-only")
      ->excludes(read_only);
  add->add_option("--slug", project.slug, "What to call it (default: as its folder)")
      ->type_name("SLUG");
  CLI::App* remove = add_ask(app, "remove", "Forget a project; its files stay", args.ask);
  remove->add_option("PROJECT", project.project, "Its slug or folder")
      ->required()
      ->check(not_empty());
  CLI::App* relink = add_ask(app, "relink", "Say where a project's folder is now", args.ask);
  relink->add_option("PROJECT", project.project, "Its slug, or the folder that it had")
      ->required()
      ->check(not_empty());
  relink->add_option("FOLDER", project.folder, "Its folder now (default: the current one)")
      ->check(not_empty());
  remove->add_flag("--force", project.force, "Also if edits would be lost that are nowhere else");
  relink->add_flag("--force", project.force, "Also if none of its specs is there");
  CLI::App* projects = add_ask(app, "projects", "The projects that are kept", args.ask);
  CLI::App* pause = add_ask(app, "pause", "Leave a project alone until it is resumed", args.ask);
  CLI::App* resume = add_ask(app, "resume", "Go on with a paused project", args.ask);
  for (CLI::App* command : {pause, resume}) {
    command->add_flag("--all", project.all, "Every project");
    command
        ->add_option("PROJECT", project.project,
                     "Its slug or folder (default: that of the current folder)")
        ->check(not_empty());
  }
  return {{add, Command::add},           {remove, Command::remove}, {relink, Command::relink},
          {projects, Command::projects}, {pause, Command::pause},   {resume, Command::resume}};
}

CLI::App* add_confirm(CLI::App& app, Args& args) {
  CLI::App* command = add_ask(
      app, "confirm", "Carry out mass loss that a project holds, or take it back", args.ask);
  command->add_flag("--revert", args.project.revert, "Take it back")
      ->excludes(command->add_flag("--list", args.project.list, "Only say what is held"));
  command
      ->add_option("PROJECT", args.project.project,
                   "Its slug or folder (default: that of the current folder)")
      ->check(not_empty());
  return command;
}

// The group in which `specd --help` lists a command.
void group(const char* name, std::initializer_list<CLI::App*> commands) {
  for (CLI::App* command : commands) command->group(name);
}

CLI::App* add_completions(CLI::App& app, CompletionsArgs& completions) {
  CLI::App* command =
      app.add_subcommand("completions", "What a shell needs to complete words after specd");
  command->require_subcommand(1);
  const std::pair<const char*, const char*> verbs[] = {
      {"bash", "For bash: source <(specd completions bash)"},
      {"zsh", "For zsh: source <(specd completions zsh), after compinit"},
      {"fish", "For fish: specd completions fish | source"},
      {"projects", "The words for a project, one in each line; nothing where no daemon answers"},
      {"specs", "The words for a spec"},
  };
  for (const auto& [verb, what] : verbs) {
    CLI::App* sub = command->add_subcommand(verb, what);
    sub->callback([&completions, name = verb] { completions.verb = name; });
    // For the scripts, not for people.
    if (std::string_view(verb) == "projects" || std::string_view(verb) == "specs") sub->group("");
  }
  return command;
}

// What stands for a word without an option says all that its type could.
void leave_types_to_names(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    const std::string type = option->get_type_name();
    if (option->get_positional() && (type == "TEXT" || type == option->get_name(true)))
      option->type_name("");
  }
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    leave_types_to_names(*command);
}

// All of the command line; each command by its own App.
std::map<const CLI::App*, Command> define(CLI::App& app, Args& args) {
  app.set_version_flag("--version", "specd " SPECD_VERSION);
  app.require_subcommand(1);
  CLI::App* run = add_run(app, args.run);

  std::map<const CLI::App*, Command> commands = add_projects(app, args);
  CLI::App* list = add_ask(app, "list", "The specs in the database", args.ask);
  CLI::App* show = add_ask(app, "show", "One spec and its files", args.ask);
  show->add_option("SPEC", args.find.spec, "Its id, its number (035), or its key")
      ->required()
      ->check(not_empty());
  CLI::App* search = add_ask(app, "search", "Look for words in every file", args.ask);
  search
      ->add_option("WORDS", args.find.words,
                   "All must occur; \"a phrase\" together, word* as a beginning")
      ->required();
  CLI::App* history = add_ask(app, "history", "What sync did, latest first", args.ask);
  CLI::App* status = add_ask(app, "status", "How the daemon and its projects are doing", args.ask);
  const auto [set, tick] = add_changes(app, args);
  CLI::App* confirm = add_confirm(app, args);
  CLI::App* create = add_new(app, args);
  const auto [archive, validate] = add_tools(app, args);
  CLI::App* edit = add_edit(app, args);
  const auto [versions, restore] = add_versions(app, args);
  const std::map<const CLI::App*, Command> work = add_work(app, args);
  CLI::App* conflicts = add_conflicts(app, args);
  CLI::App* sync = add_ask(app, "sync", "Look everywhere now", args.ask);
  CLI::App* verify =
      add_ask(app, "verify", "Compare every byte on disk with the database", args.ask);
  CLI::App* doctor = app.add_subcommand(
      "doctor", "Look for what is wrong here, and say what to do about it; needs no daemon");
  doctor->add_option("--db", args.run.db, "Database file (default: as configured)")
      ->type_name("FILE");
  doctor->add_option("--config", args.run.config, "Configuration file (YAML)")
      ->type_name("FILE")
      ->check(existing_file());
  doctor->add_flag("--json", args.ask.json, "As JSON");
  CLI::App* version = add_ask(
      app, "version", "Versions of this program, its libraries, and the running daemon", args.ask);
  CLI::App* open = add_ask(app, "open", "Sign a browser in, by a link that works once", args.ask);
  open->add_flag("--no-browser", args.open.no_browser, "Only print the link");
  open->add_flag("--sign-out", args.open.sign_out, "Instead, sign all browsers out");
  CLI::App* config = add_config(app, args.config);
  CLI::App* service = add_service(app, args.service);
  for (CLI::App* command : {list, show, search, history, set, tick, create, archive, validate, edit,
                            versions, restore, conflicts, sync, verify}) {
    command
        ->add_option("-p,--project", args.ask.project,
                     "Only this project: its slug, or a folder that it keeps")
        ->type_name("PROJECT")
        ->check(not_empty());
  }
  show->add_option("--kind", args.ask.kind, "Only a spec of this kind")
      ->type_name(kKinds)
      ->check(not_empty());
  list->add_option("--kind", args.ask.kinds, "Only specs of these kinds, with commas between them")
      ->type_name(kKinds)
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(not_empty());
  search->add_option("-n,--limit", args.ask.limit, "How many, up to 1000 (default: 20)")
      ->type_name("N")
      ->check(from_one_to(1000));
  list->add_option("--status", args.ask.statuses,
                   "Only specs of these statuses, with commas between them")
      ->type_name("STATUS")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(not_empty());
  verify->add_flag("-v,--verbose", args.ask.verbose, "Every line, however many there are");
  history->add_option("-n,--limit", args.ask.limit, "How many entries, up to 1000 (default: 20)")
      ->type_name("N")
      ->check(from_one_to(1000));
  history->add_flag("-f,--follow", args.ask.follow,
                    "Oldest first, and go on as it grows; with --json an object in each line");
  history->add_option("--spec", args.ask.spec, "Only this spec: its id, its number, or its key")
      ->type_name("SPEC")
      ->check(not_empty());
  sync->add_flag("--wait", args.ask.wait,
                 "Return when everything on disk at the call is in the database");
  sync->add_option("--timeout", args.ask.timeout_s,
                   "How long to wait at the longest, up to 3600 (default: 30)")
      ->type_name("SECONDS")
      ->check(from_one_to(3600));
  CLI::App* completions = add_completions(app, args.completions);
  for (const auto& [command, which] : commands)
    app.get_subcommand(command->get_name())->group("Projects");
  for (const auto& [command, which] : work) {
    CLI::App* found = app.get_subcommand(command->get_name());
    found->group("Work");
    found
        ->add_option("-p,--project", args.ask.project,
                     "Only this project: its slug, or a folder that it keeps")
        ->type_name("PROJECT")
        ->check(not_empty());
  }
  commands.insert(work.begin(), work.end());
  leave_types_to_names(app);
  group("Projects", {run});
  group("Specs", {list, show, search, history, set, tick, create, archive, validate, edit, versions,
                  restore});
  group("In step", {status, confirm, conflicts, sync, verify, doctor});
  group("This machine", {open, service, config, completions, version});
  commands.insert({{status, Command::status},
                   {list, Command::list},
                   {show, Command::show},
                   {search, Command::search},
                   {history, Command::history},
                   {set, Command::set},
                   {tick, Command::tick},
                   {create, Command::create},
                   {archive, Command::archive},
                   {validate, Command::validate},
                   {edit, Command::edit},
                   {confirm, Command::confirm},
                   {versions, Command::versions},
                   {restore, Command::restore},
                   {conflicts, Command::conflicts},
                   {sync, Command::sync},
                   {verify, Command::verify},
                   {config, Command::config},
                   {doctor, Command::doctor},
                   {open, Command::open},
                   {version, Command::version},
                   {service, Command::service},
                   {completions, Command::completions}});
  return commands;
}

// What a value is, for completion: FILE, FOLDER, PROJECT, SPEC, words between '|', or empty.
std::string value_of(const CLI::Option& option) {
  if (option.get_items_expected_max() == 0) return "";
  std::string type = option.get_type_name();
  if (type.find("FILE") != std::string::npos) return "FILE";
  if (type.find('|') != std::string::npos) return type;
  for (const std::string& name : {type, option.get_name(true)}) {
    if (name == "FILE" || name == "FOLDER" || name == "PROJECT" || name == "SPEC") return name;
  }
  return "ANY";
}

CommandSyntax syntax_of(const CLI::App& app) {
  CommandSyntax syntax{.name = app.get_name(), .what = app.get_description()};
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) {
      syntax.positionals.push_back(
          {value_of(*option), option->get_items_expected_max() > 1 ? Repeats::yes : Repeats::no});
      continue;
    }
    OptionSyntax found{.what = option->get_description(), .value = value_of(*option)};
    for (const std::string& name : option->get_lnames()) found.names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) found.names.push_back("-" + name);
    syntax.options.push_back(std::move(found));
  }
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!command->get_group().empty()) syntax.commands.push_back(syntax_of(*command));
  }
  return syntax;
}

// Help that was asked for, or what is wrong and where help is; the exit code.
int tell(const CLI::App& app, const CLI::ParseError& error, int argc) {
  if (error.get_exit_code() == 0) return app.exit(error);
  if (argc < 2) {
    std::fputs(app.help().c_str(), stderr);
    return 2;
  }
  std::string command = "specd";
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) {
    at = at->get_subcommands().front();
    command += " " + at->get_name();
  }
  const CommandSyntax syntax = syntax_of(*at);
  const std::vector<std::string> left = at->remaining();
  std::string what = unknown_verb(syntax, left);
  if (what.empty()) what = error.what() + perhaps_option(syntax, left);
  std::fprintf(stderr, "%s: %s; see `%s --help`\n", command.c_str(), what.c_str(), command.c_str());
  return 2;
}

}  // namespace

CommandSyntax syntax() {
  Args ignored;
  CLI::App app(kAbout, "specd");
  define(app, ignored);
  return syntax_of(app);
}

std::optional<Args> parse_args(int argc, const char* const* argv, int& exit_code) {
  Args args;
  CLI::App app(kAbout, "specd");
  const auto commands = define(app, args);

  const std::vector<const char*> words = without_help_command(argc, argv);
  const int count = static_cast<int>(words.size());
  const std::string unknown = unknown_command(syntax_of(app), count, words.data());
  if (!unknown.empty()) {
    std::fprintf(stderr, "specd: %s; `specd --help` lists what there is\n", unknown.c_str());
    exit_code = 2;
    return std::nullopt;
  }
  try {
    app.parse(count, words.data());
  } catch (const CLI::ParseError& error) {
    exit_code = tell(app, error, count);
    return std::nullopt;
  }
  const auto found = commands.find(app.get_subcommands().front());
  args.command = found == commands.end() ? Command::run : found->second;
  return args;
}

}  // namespace specd::cli
