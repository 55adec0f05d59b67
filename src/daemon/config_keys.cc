#include "daemon/config_keys.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>

#include "daemon/places.h"
#include "net/origin.h"
#include "store/store.h"

namespace specd::daemon {
namespace {

Result<int64_t> number(const std::string& text, int64_t least, int64_t most) {
  int64_t parsed = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, parsed);
  const bool is_number = error == std::errc() && stopped == end && !text.empty();
  if (is_number && parsed >= least && parsed <= most) return parsed;
  return fail(Code::invalid,
              "wants a number from " + std::to_string(least) + " to " + std::to_string(most));
}

// As a shell would: a file is written by hand.
std::string expanded(const std::string& path) {
  if (!path.starts_with("~/")) return path;
  const auto homes = user_homes();
  return homes ? homes->home + path.substr(1) : path;
}

// ---- kinds of keys

template <class Get>
KeyDefinition flag(const char* name, const char* what, Get get) {
  return {.name = name,
          .what = what,
          .set = [get](Config& config, const KeyItems& items) -> Result<> {
            if (items[0] != "true" && items[0] != "false")
              return fail(Code::invalid, "is true or false");
            get(config) = items[0] == "true";
            return {};
          },
          .show =
              [get](const Config& config) {
                Config copy = config;
                return KeyItems{get(copy) ? "true" : "false"};
              }};
}

struct Range {
  int64_t least;
  int64_t most;
};

/// `get` and `put` speak of the unit of the key.
KeyDefinition amount(std::string name, std::string what, Range range,
                     std::function<int64_t(const Config&)> get,
                     std::function<void(Config&, int64_t)> put) {
  return {.name = std::move(name),
          .what = std::move(what),
          .set = [range, put = std::move(put)](Config& config, const KeyItems& items) -> Result<> {
            const auto parsed = number(items[0], range.least, range.most);
            if (!parsed) return tl::unexpected(parsed.error());
            put(config, *parsed);
            return {};
          },
          .show = [get = std::move(get)](
                      const Config& config) { return KeyItems{std::to_string(get(config))}; }};
}

Result<> set_listen(Config& config, const KeyItems& items) {
  const std::string& text = items[0];
  const size_t colon = text.rfind(':');
  std::string host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const std::string port = colon == std::string::npos ? "" : text.substr(colon + 1);
  const auto parsed = number(port, 0, 65'535);
  if (host.empty() || !parsed) {
    return fail(Code::invalid, "is HOST:PORT, such as 127.0.0.1:4400; \"" + text + "\" is not");
  }
  config.host = host;
  config.port = static_cast<uint16_t>(*parsed);
  return {};
}

KeyItems show_listen(const Config& config) {
  return {net::in_url(config.host) + ":" + std::to_string(config.port)};
}

Result<> set_hosts(Config& config, const KeyItems& items) {
  for (const std::string& item : items) {
    if (!net::is_host_name(item))
      return fail(Code::invalid,
                  "wants names such as specs.example.org, without scheme or port; \"" + item +
                      "\" is none");
  }
  config.hosts = items;
  return {};
}

KeyDefinition file(const char* name, const char* what, std::string Config::* path) {
  return {.name = name,
          .what = what,
          .set = [path](Config& config, const KeyItems& items) -> Result<> {
            config.*path = expanded(items[0]);
            return {};
          },
          .show = [path](const Config& config) { return KeyItems{config.*path}; }};
}

constexpr std::pair<const char*, log::Level> kLevels[] = {
    {"debug", log::Level::debug}, {"info", log::Level::info}, {"warning", log::Level::warn}};

Result<> set_log(Config& config, const KeyItems& items) {
  for (const auto& [name, level] : kLevels) {
    if (items[0] != name) continue;
    config.log_level = level;
    return {};
  }
  return fail(Code::invalid, "is debug, info or warning");
}

KeyItems show_log(const Config& config) {
  for (const auto& [name, level] : kLevels) {
    if (config.log_level == level) return {name};
  }
  return {""};
}

KeyItems show_db(const Config& config) {
  if (!config.db.empty()) return {config.db};
  const auto places = default_places();
  return {places ? store::database_path(places->state) : ""};
}

KeyDefinition limit_mib(const char* name, const char* what, int64_t sync::Options::* bytes) {
  return amount(
      name, what, {1, 1'000'000},
      [bytes](const Config& config) { return config.sync.*bytes >> 20; },
      [bytes](Config& config, int64_t mib) { config.sync.*bytes = mib << 20; });
}

// ---- the life of specs

using WorkflowOf = spec::Workflow spec::Workflows::*;

KeyDefinition statuses(const char* name, const char* what, WorkflowOf workflow) {
  return {.name = name,
          .what = what,
          .is_list = true,
          .set = [workflow](Config& config, const KeyItems& items) -> Result<> {
            if (auto good = spec::check_statuses(items); !good) return good;
            (config.sync.workflows.*workflow).statuses = items;
            return {};
          },
          .show = [workflow](
                      const Config& config) { return (config.sync.workflows.*workflow).statuses; }};
}

KeyDefinition moves(const char* name, const char* what, WorkflowOf workflow) {
  return {.name = name,
          .what = what,
          .is_list = true,
          .set = [workflow](Config& config, const KeyItems& items) -> Result<> {
            std::vector<spec::StatusMove> parsed;
            for (const std::string& item : items) {
              auto move = spec::parse_move(item);
              if (!move) return tl::unexpected(move.error());
              parsed.push_back(std::move(*move));
            }
            (config.sync.workflows.*workflow).moves = std::move(parsed);
            return {};
          },
          .show =
              [workflow](const Config& config) {
                KeyItems items;
                for (const spec::StatusMove& move : (config.sync.workflows.*workflow).moves)
                  items.push_back(spec::to_string(move));
                return items;
              }};
}

KeyDefinition limit(const char* name, const char* what, Range range, int64_t Config::* value) {
  return amount(
      name, what, range, [value](const Config& config) { return config.*value; },
      [value](Config& config, int64_t wanted) { config.*value = wanted; });
}

}  // namespace

KeyItems KeyDefinition::shown(const Config& config) const {
  KeyItems items = show(config);
  if (!is_secret) return items;
  for (std::string& item : items) {
    if (!item.empty()) item = kHidden;
  }
  return items;
}

const std::vector<KeyDefinition>& key_definitions() {
  static const std::vector<KeyDefinition> all = {
      {.name = "listen",
       .what = "address to serve on; port 0 takes any free one",
       .set = set_listen,
       .show = show_listen},
      {.name = "hosts",
       .what = "names by which clients ask for it, besides addresses and localhost",
       .is_list = true,
       .set = set_hosts,
       .show = [](const Config& config) { return config.hosts; }},
      flag("behind_proxy", "a proxy stands before it, and speaks TLS to clients",
           [](Config& config) -> bool& { return config.is_behind_proxy; }),
      file("tls.certificate", "PEM file; empty: plain HTTP", &Config::tls_certificate),
      file("tls.key", "PEM file of its key", &Config::tls_key),
      {.name = "db",
       .what = "database file, ending in .db; empty: in the XDG state folder",
       .set = [](Config& config, const KeyItems& items) -> Result<> {
         config.db = expanded(items[0]);
         return {};
       },
       .show = show_db},
      {.name = "projects",
       .what = "folders to keep, besides those that are registered",
       .is_list = true,
       .set = [](Config& config, const KeyItems& items) -> Result<> {
         config.projects.clear();
         for (const std::string& item : items) {
           if (item.empty()) return fail(Code::invalid, "wants a list of folders");
           config.projects.push_back(expanded(item));
         }
         return {};
       },
       .show = [](const Config& config) { return config.projects; }},
      flag("auth", "ask for a token or a session; false only where nobody else has an account",
           [](Config& config) -> bool& { return config.is_auth; }),
      flag("read_only", "never write to a project's files",
           [](Config& config) -> bool& { return config.sync.read_only; }),
      flag("poll", "look for changes every two seconds instead of watching for them",
           [](Config& config) -> bool& { return config.always_poll; }),
      amount(
          "batch_seconds", "between two complete scans", {1, 86'400},
          [](const Config& config) {
            return std::chrono::duration_cast<std::chrono::seconds>(config.sync.batch_every)
                .count();
          },
          [](Config& config, int64_t value) {
            config.sync.batch_every = std::chrono::seconds(value);
          }),
      {.name = "log", .what = "debug, info or warning", .set = set_log, .show = show_log},
      {.name = "revalidation_secret",
       .what = "secret of POST /api/revalidate; empty: nobody may",
       .set = [](Config& config, const KeyItems& items) -> Result<> {
         // A configuration that was shown, and used as a file.
         if (items[0] == kHidden) return fail(Code::invalid, "is hidden here; write the secret");
         config.revalidation_secret = items[0];
         return {};
       },
       .show = [](const Config& config) { return KeyItems{config.revalidation_secret}; },
       .also = "REVALIDATION_SECRET",
       .is_secret = true},
      file("openspec.command", "the openspec CLI, which archives and validates: a name, or a path",
           &Config::openspec),
      limit("events.heartbeat_seconds", "between two signs of life to who listens to events",
            {1, 3'600}, &Config::heartbeat_seconds),
      amount(
          "events.keep_days", "listeners can come back for so long and miss nothing", {1, 3'650},
          [](const Config& config) {
            return std::chrono::duration_cast<std::chrono::days>(config.sync.keep_events).count();
          },
          [](Config& config, int64_t value) {
            config.sync.keep_events = std::chrono::days(value);
          }),
      amount(
          "events.keep_count", "and so many events", {100, 10'000'000},
          [](const Config& config) { return config.sync.max_events; },
          [](Config& config, int64_t value) { config.sync.max_events = value; }),
      statuses("workflow.openspec", "statuses of OpenSpec changes, in order",
               &spec::Workflows::openspec),
      moves("workflow.openspec_moves", "all that are allowed; empty: one step forward, any back",
            &spec::Workflows::openspec),
      statuses("workflow.leanspec", "statuses of LeanSpec folders, in order",
               &spec::Workflows::leanspec),
      moves("workflow.leanspec_moves", "all that are allowed; empty: one step forward, any back",
            &spec::Workflows::leanspec),
      limit_mib("limits.file_mib", "larger files are listed, and not imported",
                &sync::Options::max_bytes_per_file),
      limit_mib("limits.spec_mib", "the same of all files of one spec",
                &sync::Options::max_bytes_per_spec),
      amount(
          "limits.spec_files", "more files of one spec are listed, and not imported",
          {1, 1'000'000},
          [](const Config& config) { return static_cast<int64_t>(config.sync.max_files_per_spec); },
          [](Config& config, int64_t value) {
            config.sync.max_files_per_spec = static_cast<size_t>(value);
          }),
      amount(
          "limits.body_mib", "larger bodies of requests are refused", {1, 1'024},
          [](const Config& config) { return config.max_body_bytes >> 20; },
          [](Config& config, int64_t mib) { config.max_body_bytes = mib << 20; }),
      limit("limits.connections", "beyond, those of nobody known give way, or are turned away",
            {16, 100'000}, &Config::max_connections),
      limit("limits.caller_connections", "further ones of one caller are turned away", {1, 100'000},
            &Config::max_caller_connections),
      limit("limits.listeners", "further ones are told to come again", {1, 100'000},
            &Config::max_listeners),
  };
  return all;
}

const KeyDefinition* find_key(const std::string& name) {
  const auto found = std::find_if(key_definitions().begin(), key_definitions().end(),
                                  [&](const KeyDefinition& key) { return key.name == name; });
  return found == key_definitions().end() ? nullptr : &*found;
}

}  // namespace specd::daemon
