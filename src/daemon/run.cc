#include "daemon/run.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "base/log.h"
#include "base/path.h"
#include "daemon/app.h"
#include "daemon/roots.h"

namespace specd::daemon {
namespace {

namespace stdfs = std::filesystem;

Result<Config> load_config(const cli::RunArgs& args) {
  Config config;
  const std::string path = args.config.empty() ? default_config() : args.config;
  if (!path.empty()) {
    const auto text = read_text_file(path);
    if (!text) return tl::unexpected(text.error());
    auto read = read_config(*text);
    if (!read) return fail_within(path, read.error());
    config = std::move(*read);
  }
  if (!args.listen.empty()) {
    if (auto parsed = parse_listen(args.listen, config); !parsed)
      return fail_within("--listen", parsed.error());
  }
  if (!args.db.empty()) config.db = args.db;
  if (args.poll) config.always_poll = true;
  if (!args.projects.empty()) config.projects = args.projects;
  return config;
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
    return fail(Code::invalid, "--db " + config.db + ": the name must end in .db");
  Places settled{.state = db, .runtime = is_folder ? db : stdfs::path(db).parent_path().string()};
  if (places) settled.runtime = places->runtime;
  return settled;
}

Result<AppOptions> settle(const cli::RunArgs& args) {
  auto config = load_config(args);
  if (!config) return tl::unexpected(config.error());
  AppOptions options{.config = std::move(*config)};
  auto places = settle_places(options.config);
  if (!places) return tl::unexpected(places.error());
  options.places = std::move(*places);
  std::vector<std::string> folders = options.config.projects;
  options.is_default_root = folders.empty() && !args.registered;
  if (options.is_default_root) folders = {"."};
  for (const std::string& folder : folders) {
    auto root = settle_root(folder, options.places);
    if (!root) return tl::unexpected(root.error());
    options.roots.push_back(std::move(*root));
  }
  options.is_terminal = isatty(STDERR_FILENO) == 1;
  return options;
}

}  // namespace

int run(const cli::RunArgs& args) {
  if (args.verbose) log::set_level(log::Level::debug);
  auto options = settle(args);
  if (!options) {
    std::fprintf(stderr, "specd: %s\n", options.error().message.c_str());
    return 2;
  }
  return run_app(std::move(*options), [&args] { return settle(args); });
}

}  // namespace specd::daemon
