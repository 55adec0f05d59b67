#include "daemon/config.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <functional>

#include "base/json.h"
#include "base/yaml.h"
#include "daemon/places.h"
#include "net/origin.h"
#include "proto/json_build.h"
#include "store/store.h"

namespace specd::daemon {
namespace {

using Items = std::vector<std::string>;

// What stands in the place of a secret.
constexpr const char* kHidden = "(hidden)";

/// How one key is set and shown. A list has any number of items, all else has one.
struct Key {
  std::string name;
  std::string what;
  bool is_list = false;
  std::function<Result<>(Config&, const Items&)> set;
  std::function<Items(const Config&)> show;
  const char* also = nullptr;  ///< another variable that sets it; null: none
  bool is_secret = false;      ///< whether there is one is shown, and no more

  [[nodiscard]] Items shown(const Config& config) const {
    Items items = show(config);
    if (!is_secret) return items;
    for (std::string& item : items) {
      if (!item.empty()) item = kHidden;
    }
    return items;
  }
};

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
Key flag(const char* name, const char* what, Get get) {
  return {.name = name,
          .what = what,
          .set = [get](Config& config, const Items& items) -> Result<> {
            if (items[0] != "true" && items[0] != "false")
              return fail(Code::invalid, "is true or false");
            get(config) = items[0] == "true";
            return {};
          },
          .show =
              [get](const Config& config) {
                Config copy = config;
                return Items{get(copy) ? "true" : "false"};
              }};
}

struct Range {
  int64_t least;
  int64_t most;
};

/// `get` and `put` speak of the unit of the key.
Key amount(std::string name, std::string what, Range range,
           std::function<int64_t(const Config&)> get, std::function<void(Config&, int64_t)> put) {
  return {.name = std::move(name),
          .what = std::move(what),
          .set = [range, put = std::move(put)](Config& config, const Items& items) -> Result<> {
            const auto parsed = number(items[0], range.least, range.most);
            if (!parsed) return tl::unexpected(parsed.error());
            put(config, *parsed);
            return {};
          },
          .show = [get = std::move(get)](
                      const Config& config) { return Items{std::to_string(get(config))}; }};
}

Result<> set_listen(Config& config, const Items& items) {
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

Items show_listen(const Config& config) {
  return {net::in_url(config.host) + ":" + std::to_string(config.port)};
}

Result<> set_hosts(Config& config, const Items& items) {
  for (const std::string& item : items) {
    if (!net::is_host_name(item))
      return fail(Code::invalid,
                  "wants names such as specs.example.org, without scheme or port; \"" + item +
                      "\" is none");
  }
  config.hosts = items;
  return {};
}

Key file(const char* name, const char* what, std::string Config::* path) {
  return {.name = name,
          .what = what,
          .set = [path](Config& config, const Items& items) -> Result<> {
            config.*path = expanded(items[0]);
            return {};
          },
          .show = [path](const Config& config) { return Items{config.*path}; }};
}

constexpr std::pair<const char*, log::Level> kLevels[] = {
    {"debug", log::Level::debug}, {"info", log::Level::info}, {"warning", log::Level::warn}};

Result<> set_log(Config& config, const Items& items) {
  for (const auto& [name, level] : kLevels) {
    if (items[0] != name) continue;
    config.log_level = level;
    return {};
  }
  return fail(Code::invalid, "is debug, info or warning");
}

Items show_log(const Config& config) {
  for (const auto& [name, level] : kLevels) {
    if (config.log_level == level) return {name};
  }
  return {""};
}

Items show_db(const Config& config) {
  if (!config.db.empty()) return {config.db};
  const auto places = default_places();
  return {places ? store::database_path(places->state) : ""};
}

Key limit_mib(const char* name, const char* what, int64_t sync::Options::* bytes) {
  return amount(
      name, what, {1, 1'000'000},
      [bytes](const Config& config) { return config.sync.*bytes >> 20; },
      [bytes](Config& config, int64_t mib) { config.sync.*bytes = mib << 20; });
}

Key limit(const char* name, const char* what, Range range, int64_t Config::* value) {
  return amount(
      name, what, range, [value](const Config& config) { return config.*value; },
      [value](Config& config, int64_t wanted) { config.*value = wanted; });
}

const std::vector<Key>& keys() {
  static const std::vector<Key> all = {
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
       .set = [](Config& config, const Items& items) -> Result<> {
         config.db = expanded(items[0]);
         return {};
       },
       .show = show_db},
      {.name = "projects",
       .what = "folders to keep, besides those that are registered",
       .is_list = true,
       .set = [](Config& config, const Items& items) -> Result<> {
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
       .set = [](Config& config, const Items& items) -> Result<> {
         // A configuration that was shown, and used as a file.
         if (items[0] == kHidden) return fail(Code::invalid, "is hidden here; write the secret");
         config.revalidation_secret = items[0];
         return {};
       },
       .show = [](const Config& config) { return Items{config.revalidation_secret}; },
       .also = "REVALIDATION_SECRET",
       .is_secret = true},
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

const Key* find_key(const std::string& name) {
  const auto found =
      std::find_if(keys().begin(), keys().end(), [&](const Key& key) { return key.name == name; });
  return found == keys().end() ? nullptr : &*found;
}

// ---- the file

Failure at_line(const Value& value, const std::string& what) {
  return fail(Code::invalid, "line " + std::to_string(value.line) + ": " + what);
}

// The keys that begin with this, without it: those of one map.
std::string names_below(const std::string& prefix) {
  std::string names;
  for (const Key& key : keys()) {
    if (!key.name.starts_with(prefix)) continue;
    std::string name = key.name.substr(prefix.size());
    name = name.substr(0, name.find('.'));
    if (names.ends_with(name)) continue;
    names += (names.empty() ? "" : ", ") + name;
  }
  return names;
}

bool is_group(const std::string& name) {
  return !names_below(name + ".").empty();
}

Result<Items> items_of(const Key& key, const Value& value) {
  const std::string wants = key.is_list ? " wants a list" : " wants one value";
  if (key.is_list != (value.kind == Value::Kind::list)) return at_line(value, key.name + wants);
  if (!key.is_list && !value.is_scalar()) return at_line(value, key.name + wants);
  if (!key.is_list) return Items{value.text};
  Items items;
  for (const Value& item : value.items) {
    if (!item.is_scalar()) return at_line(item, key.name + wants + " of names");
    items.push_back(item.text);
  }
  return items;
}

Result<> read_key(Config& config, const Key& key, const Value& value) {
  const auto items = items_of(key, value);
  if (!items) return tl::unexpected(items.error());
  if (auto set = key.set(config, *items); !set)
    return at_line(value, key.name + " " + set.error().message);
  config.sources[key.name] = "line " + std::to_string(value.line);
  return {};
}

Result<> read_map(Config& config, const std::string& prefix, const Value& map) {
  for (const auto& [name, value] : map.entries) {
    const std::string full = prefix + name;
    if (const Key* key = find_key(full)) {
      if (auto done = read_key(config, *key, value); !done) return done;
    } else if (is_group(full)) {
      if (value.kind != Value::Kind::map)
        return at_line(value, full + " wants some of " + names_below(full + "."));
      if (auto done = read_map(config, full + ".", value); !done) return done;
    } else {
      return at_line(value, "no such key: " + full + "; there are " + names_below(prefix));
    }
  }
  return {};
}

}  // namespace

std::vector<ConfigKey> config_keys() {
  std::vector<ConfigKey> all;
  for (const Key& key : keys()) all.push_back({key.name, key.what});
  return all;
}

Result<Config> read_config(const std::string& text) {
  const auto parsed = yaml::parse(text);
  if (!parsed) return tl::unexpected(parsed.error());
  Config config;
  if (parsed->kind == Value::Kind::null) return config;
  if (parsed->kind != Value::Kind::map)
    return at_line(*parsed, "a configuration is a map, such as `listen: 127.0.0.1:4400`");
  if (auto done = read_map(config, "", *parsed); !done) return tl::unexpected(done.error());
  return config;
}

Result<> set_config(Config& config, const std::string& key_name, const std::string& text,
                    const std::string& source) {
  const Key* key = find_key(key_name);
  if (key == nullptr) return fail(Code::not_found, "no such key: " + key_name);
  Items items;
  if (!key->is_list) {
    items.push_back(text);
  } else {
    for (size_t at = 0; at <= text.size() && !text.empty();) {
      const size_t colon = std::min(text.find(':', at), text.size());
      items.push_back(text.substr(at, colon - at));
      at = colon + 1;
    }
  }
  if (auto set = key->set(config, items); !set)
    return fail(set.error().code, source + " " + set.error().message);
  config.sources[key_name] = source;
  return {};
}

std::string told_by(const Config& config, const std::string& key) {
  const auto found = config.sources.find(key);
  if (found == config.sources.end()) return key;
  const std::string& source = found->second;
  if (!source.starts_with("line ")) return source;
  return (config.file.empty() ? "" : config.file + ": ") + source + ": " + key;
}

Result<> check_together(const Config& config) {
  if (config.tls_certificate.empty() != config.tls_key.empty()) {
    const char* half = config.tls_key.empty() ? "tls.certificate" : "tls.key";
    return fail(Code::invalid,
                told_by(config, half) + ": tls wants both a certificate and its key");
  }
  const bool is_safe = !config.tls_certificate.empty() || config.is_behind_proxy;
  const auto address =
      net::bind_address(config.host, is_safe ? net::Reach::anywhere : net::Reach::this_machine);
  if (!address) return fail_within(told_by(config, "listen"), address.error());
  if (!config.is_auth &&
      (config.is_behind_proxy || !net::bind_address(config.host, net::Reach::this_machine))) {
    return fail(Code::refused,
                told_by(config, "auth") +
                    ": requests without a token are served to this machine alone: drop --no-auth "
                    "(`auth: false`), or listen on 127.0.0.1 and not behind a proxy");
  }
  return {};
}

std::string variable_of(const std::string& key) {
  std::string name = "SPECD_";
  for (char c : key) name += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  return name;
}

Result<> read_environment(Config& config) {
  for (const Key& key : keys()) {
    for (const std::string& variable :
         {std::string(key.also ? key.also : ""), variable_of(key.name)}) {
      if (variable.empty()) continue;
      const char* value = std::getenv(variable.c_str());  // NOLINT(concurrency-mt-unsafe)
      if (value == nullptr || *value == '\0') continue;
      if (auto done = set_config(config, key.name, value, variable); !done) return done;
    }
  }
  return {};
}

std::string to_yaml(const Config& config) {
  // Plain where YAML cannot take it for anything else.
  const auto shown = [](const std::string& text, bool is_plain) {
    const bool is_harmless = text.find_first_not_of(
                                 "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                 "._:/-") == std::string::npos;
    if (is_plain && is_harmless && !text.empty()) return text;
    std::string result = "\"";
    for (char c : text) {
      if (c == '"' || c == '\\') result += '\\';
      result += c;
    }
    return result + "\"";
  };
  std::string text, group;
  for (const Key& key : keys()) {
    const size_t dot = key.name.find('.');
    const std::string in = dot == std::string::npos ? "" : key.name.substr(0, dot);
    if (in != group && !in.empty()) text += in + ":\n";
    group = in;
    std::string value;
    for (const std::string& item : key.shown(config))
      value += (value.empty() ? "" : ", ") + shown(item, !key.is_list);
    if (key.is_list) value = "[" + value + "]";
    const auto source = config.sources.find(key.name);
    text += (in.empty() ? "" : "  ") + key.name.substr(in.empty() ? 0 : dot + 1) + ": " + value +
            "  # " + (source == config.sources.end() ? "default" : source->second) + "\n";
  }
  return text;
}

std::string to_json(const Config& config) {
  Value all = proto::object();
  for (const Key& key : keys()) {
    const Items items = key.shown(config);
    Value list = proto::list();
    for (const std::string& item : items) list.items.push_back(proto::text(item));
    const auto source = config.sources.find(key.name);
    Value entry = proto::object();
    entry.entries.emplace_back("value", key.is_list ? std::move(list) : proto::text(items[0]));
    entry.entries.emplace_back(
        "source", proto::text(source == config.sources.end() ? "default" : source->second));
    all.entries.emplace_back(key.name, std::move(entry));
  }
  return json::dump(all);
}

}  // namespace specd::daemon
