// The configuration file: its keys, each with its line.

#include "base/yaml.h"
#include "daemon/config_keys.h"

namespace specd::daemon {
namespace {

Failure at_line(const Value& value, const std::string& what) {
  return fail(Code::invalid, "line " + std::to_string(value.line) + ": " + what);
}

// The keys that begin with this, without it: those of one map.
std::string names_below(const std::string& prefix) {
  std::string names;
  for (const KeyDefinition& key : key_definitions()) {
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

Result<KeyItems> items_of(const KeyDefinition& key, const Value& value) {
  const std::string wants = key.is_list ? " wants a list" : " wants one value";
  if (key.is_list != (value.kind == Value::Kind::list)) return at_line(value, key.name + wants);
  if (!key.is_list && !value.is_scalar()) return at_line(value, key.name + wants);
  if (!key.is_list) return KeyItems{value.text};
  KeyItems items;
  for (const Value& item : value.items) {
    if (!item.is_scalar()) return at_line(item, key.name + wants + " of names");
    items.push_back(item.text);
  }
  return items;
}

Result<> read_key(Config& config, const KeyDefinition& key, const Value& value) {
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
    if (const KeyDefinition* key = find_key(full)) {
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

}  // namespace specd::daemon
