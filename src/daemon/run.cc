#include "daemon/run.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <tuple>

#include "base/json.h"
#include "base/log.h"
#include "base/path.h"
#include "daemon/access.h"
#include "daemon/lives.h"
#include "daemon/roots.h"
#include "daemon/serving.h"
#include "proto/json_build.h"

namespace specd::daemon {
namespace {

namespace stdfs = std::filesystem;

// The file that is read: the one that was named, or the one in its usual place; empty: none.
std::string config_path(const std::string& named) {
  return named.empty() ? default_config() : named;
}

Result<Config> read_config_file(const std::string& path) {
  if (path.empty()) return Config{};
  const auto text = read_text_file(path);
  if (!text) return tl::unexpected(text.error());
  auto read = read_config(*text);
  if (!read) return fail_within(path, read.error());
  read->file = path;
  if (read->revalidation_secret.empty()) return read;
  if (auto secret = check_is_secret(path); !secret) {
    return fail(Code::refused, secret.error().message + ", since revalidation_secret is in it");
  }
  return read;
}

// Where the database is to be: the default place, or beside the file that was named.
Result<Places> settle_places(const Config& config) {
  auto places = default_places();
  if (config.db.empty()) return places;
  std::error_code error;
  const std::string db = stdfs::absolute(config.db, error).lexically_normal().string();
  if (error) return fail_os(config.db, error.value());
  const bool is_folder = stdfs::is_directory(db);
  if (!is_folder && !db.ends_with(".db"))
    return fail(Code::invalid,
                told_by(config, "db") + " " + config.db + ": the name must end in .db");
  Places settled{.state = db, .runtime = is_folder ? db : stdfs::path(db).parent_path().string()};
  if (places) settled.runtime = places->runtime;
  return settled;
}

// All that can be said before anything is made or taken down: whether a daemon can be what this
// says.
Result<> check_usable(const Config& config) {
  if (auto fits = check_together(config); !fits) return fits;
  if (auto places = settle_places(config); !places) return tl::unexpected(places.error());
  return check_files(config);
}

Result<Config> read_file_and_environment(const std::string& path) {
  auto config = read_config_file(path);
  if (!config) return config;
  if (auto done = read_environment(*config); !done) return tl::unexpected(done.error());
  return config;
}

// What `specd run` with these arguments would be told, if it can be.
Result<Config> load_config(const cli::RunArgs& args) {
  auto config = read_file_and_environment(config_path(args.config));
  if (!config) return config;
  const std::tuple<const char*, const char*, std::string> typed[] = {
      {"listen", "--listen", args.listen},
      {"db", "--db", args.db},
      {"behind_proxy", "--behind-proxy", args.behind_proxy ? "true" : ""},
      {"auth", "--no-auth", args.no_auth ? "false" : ""},
      {"poll", "--poll", args.poll ? "true" : ""},
      {"read_only", "--read-only", args.read_only ? "true" : ""},
      {"log", "--verbose", args.verbose ? "debug" : ""},
  };
  for (const auto& [key, option, text] : typed) {
    if (text.empty()) continue;
    if (auto done = set_config(*config, key, text, option); !done)
      return tl::unexpected(done.error());
  }
  if (!args.projects.empty()) {
    config->projects = args.projects;
    config->sources["projects"] = "command line";
  }
  if (auto usable = check_usable(*config); !usable) return tl::unexpected(usable.error());
  return config;
}

Result<> settle_roots(AppOptions& options, const std::vector<std::string>& folders) {
  for (const std::string& folder : folders) {
    auto root = find_root(folder);
    if (!root && options.roots_named_by == NamedBy::configuration) {
      if (!is_absent(folder)) {
        options.unusable.push_back(root.error());
        continue;
      }
      root = absent_root(folder);  // which may be registered already
    }
    if (!root) return tl::unexpected(root.error());
    if (auto apart = check_apart(*root, options.places); !apart) return apart;
    options.roots.push_back(std::move(*root));
  }
  return {};
}

Result<AppOptions> settle(const cli::RunArgs& args) {
  auto config = load_config(args);
  if (!config) return tl::unexpected(config.error());
  AppOptions options{.config = std::move(*config)};
  auto places = settle_places(options.config);
  if (!places) return tl::unexpected(places.error());
  options.places = std::move(*places);
  if (options.config.is_auth) {
    const auto token = check_token_file(token_path(options.places));
    if (!token) return tl::unexpected(token.error());
  }
  std::vector<std::string> folders = options.config.projects;
  if (!args.projects.empty()) {
    options.roots_named_by = NamedBy::person;
  } else if (!folders.empty() || args.registered) {
    options.roots_named_by = NamedBy::configuration;
  } else {
    folders = {"."};
  }
  if (auto done = settle_roots(options, folders); !done) return tl::unexpected(done.error());
  options.is_terminal = isatty(STDERR_FILENO) == 1;
  return options;
}

// What a daemon can do without, and would only log.
std::vector<std::string> warnings_of(const Config& config) {
  std::vector<std::string> warnings = unknown_variables();
  for (const std::string& folder : config.projects) {
    if (const auto root = find_root(folder); !root)
      warnings.push_back(told_by(config, "projects") + ": " + root.error().message +
                         "; the rest is served without it");
  }
  return warnings;
}

// {"file": "/home/ann/.config/specd/config.yaml", "good": true, "warnings": []}; null: none is
// read.
std::string good_as_json(const std::string& path, const std::vector<std::string>& warnings) {
  Value all = proto::object();
  all.entries.emplace_back("file", path.empty() ? Value{} : proto::text(path));
  all.entries.emplace_back("good", proto::boolean(true));
  Value list = proto::list();
  for (const std::string& warning : warnings) list.items.push_back(proto::text(warning));
  all.entries.emplace_back("warnings", std::move(list));
  return json::dump(all);
}

void print_warnings(const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) std::fprintf(stderr, "specd: %s\n", warning.c_str());
}

void print_good(const std::string& path, const std::vector<std::string>& warnings) {
  print_warnings(warnings);
  std::printf("%s: good\n", path.empty() ? "no configuration file" : path.c_str());
}

}  // namespace

Result<admin::Setting> setting(const cli::RunArgs& args) {
  admin::Setting setting;
  auto config = load_config(args);
  if (!config) {
    setting.failure = std::move(config.error().message);
    config = Config{};
    config->db = args.db;
    config->sources["db"] = "--db";
  }
  auto places = settle_places(*config);
  if (!places) return tl::unexpected(places.error());
  setting.places = std::move(*places);
  setting.is_default_db = config->db.empty();
  setting.folders = std::move(config->projects);
  setting.always_poll = config->always_poll;
  setting.needed_descriptors = descriptors_for(*config);
  return setting;
}

int run(const cli::RunArgs& args) {
  auto options = settle(args);
  if (!options) {
    std::fprintf(stderr, "specd: %s\n", options.error().message.c_str());
    return 2;
  }
  print_warnings(unknown_variables());
  return run_app(std::move(*options), [&args] { return settle(args); });
}

int config(const cli::ConfigArgs& args) {
  const std::string path = config_path(args.file);
  auto config =
      args.verb == "check" ? load_config({.config = args.file}) : read_file_and_environment(path);
  if (!config) {
    std::fprintf(stderr, "specd: %s\n", config.error().message.c_str());
    return 2;
  }
  if (args.verb == "check" && args.json) {
    std::fputs((good_as_json(path, warnings_of(*config)) + "\n").c_str(), stdout);
  } else if (args.verb == "show") {
    print_warnings(unknown_variables());
    std::fputs((args.json ? to_json(*config) + "\n" : to_yaml(*config)).c_str(), stdout);
  } else {
    print_good(path, warnings_of(*config));
  }
  return 0;
}

}  // namespace specd::daemon
