#include "daemon/config.h"

#include <charconv>
#include <functional>
#include <map>

#include "base/yaml.h"
#include "daemon/places.h"

namespace specd::daemon {
namespace {

Failure at_line(const Value& value, const std::string& what) {
  return fail(Code::invalid, "line " + std::to_string(value.line) + ": " + what);
}

Result<int64_t> number(const Value& value, const std::string& key, int64_t least, int64_t most) {
  int64_t parsed = 0;
  const char* end = value.text.data() + value.text.size();
  const auto [stopped, error] = std::from_chars(value.text.data(), end, parsed);
  const bool is_number =
      value.is_scalar() && error == std::errc() && stopped == end && !value.text.empty();
  if (is_number && parsed >= least && parsed <= most) return parsed;
  return at_line(
      value, key + " wants a number from " + std::to_string(least) + " to " + std::to_string(most));
}

Result<> set_limits(const Value& limits, sync::Options& options) {
  if (limits.kind != Value::Kind::map)
    return at_line(limits, "limits wants file_mib, spec_mib, spec_files");
  for (const auto& [key, value] : limits.entries) {
    if (key != "file_mib" && key != "spec_mib" && key != "spec_files") {
      return at_line(value,
                     "limits has no key " + key + "; there are file_mib, spec_mib, spec_files");
    }
    const auto parsed = number(value, key, 1, 1'000'000);
    if (!parsed) return tl::unexpected(parsed.error());
    if (key == "file_mib") options.max_bytes_per_file = *parsed << 20;
    if (key == "spec_mib") options.max_bytes_per_spec = *parsed << 20;
    if (key == "spec_files") options.max_files_per_spec = static_cast<size_t>(*parsed);
  }
  return {};
}

// As a shell would: a file is written by hand.
std::string expanded(const std::string& path) {
  const auto homes = path.starts_with("~/") ? user_homes() : Result<UserHomes>(UserHomes{});
  return homes && !homes->home.empty() ? homes->home + path.substr(1) : path;
}

using Setter = std::function<Result<>(const Value&, Config&)>;

Result<> set_projects(const Value& value, Config& config) {
  if (value.kind != Value::Kind::list) return at_line(value, "projects wants a list of folders");
  for (const Value& item : value.items) {
    if (!item.is_scalar() || item.text.empty())
      return at_line(item, "projects wants a list of folders");
    config.projects.push_back(expanded(item.text));
  }
  return {};
}

const std::map<std::string, Setter>& setters() {
  static const std::map<std::string, Setter> all = {
      {"listen",
       [](const Value& value, Config& config) -> Result<> {
         auto parsed = parse_listen(value.text, config);
         return parsed ? parsed : at_line(value, parsed.error().message);
       }},
      {"db",
       [](const Value& value, Config& config) -> Result<> {
         if (!value.is_scalar() || value.text.empty()) return at_line(value, "db wants a path");
         config.db = expanded(value.text);
         return {};
       }},
      {"projects", set_projects},
      {"batch_seconds",
       [](const Value& value, Config& config) -> Result<> {
         const auto parsed = number(value, "batch_seconds", 1, 86'400);
         if (!parsed) return tl::unexpected(parsed.error());
         config.sync.batch_every = std::chrono::seconds(*parsed);
         return {};
       }},
      {"poll",
       [](const Value& value, Config& config) -> Result<> {
         if (value.text != "true" && value.text != "false")
           return at_line(value, "poll is true or false");
         config.always_poll = value.text == "true";
         return {};
       }},
      {"limits", [](const Value& value, Config& config) { return set_limits(value, config.sync); }},
  };
  return all;
}

}  // namespace

Result<> parse_listen(const std::string& text, Config& config) {
  const size_t colon = text.rfind(':');
  std::string host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const std::string port = colon == std::string::npos ? "" : text.substr(colon + 1);
  uint16_t parsed = 0;
  const auto [stopped, error] = std::from_chars(port.data(), port.data() + port.size(), parsed);
  if (host.empty() || port.empty() || error != std::errc() ||
      stopped != port.data() + port.size()) {
    return fail(
        Code::invalid,
        "\"" + text + "\" is no address to listen on; write HOST:PORT, such as 127.0.0.1:4400");
  }
  config.host = host;
  config.port = parsed;
  return {};
}

Result<Config> read_config(const std::string& text) {
  const auto parsed = yaml::parse(text);
  if (!parsed) return tl::unexpected(parsed.error());
  Config config;
  if (parsed->kind == Value::Kind::null) return config;
  if (parsed->kind != Value::Kind::map)
    return at_line(*parsed, "a configuration is a map, such as `listen: 127.0.0.1:4400`");
  for (const auto& [key, value] : parsed->entries) {
    const auto setter = setters().find(key);
    if (setter == setters().end()) {
      std::string known;
      for (const auto& [name, set] : setters())
        known.append(known.empty() ? "" : ", ").append(name);
      return at_line(value, "no such key: " + key + "; there are " + known);
    }
    if (auto set = setter->second(value, config); !set) return tl::unexpected(set.error());
  }
  return config;
}

}  // namespace specd::daemon
