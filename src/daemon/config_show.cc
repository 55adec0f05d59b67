// The whole configuration, for people and for programs.

#include "base/json.h"
#include "daemon/config_keys.h"
#include "proto/json_build.h"

namespace specd::daemon {

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
  for (const KeyDefinition& key : key_definitions()) {
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
  for (const KeyDefinition& key : key_definitions()) {
    const KeyItems items = key.shown(config);
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
