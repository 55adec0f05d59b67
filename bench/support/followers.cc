#include "bench/support/followers.h"

#include <algorithm>
#include <charconv>
#include <thread>

#include "base/json.h"
#include "net/http_client.h"

namespace specd::bench {
namespace {

constexpr std::string_view kKey = "\"key\":\"", kVersion = "\"version\":";
constexpr size_t kKeySize = 26;
constexpr auto kQuiet = std::chrono::milliseconds(300);

}  // namespace

Versions listed_versions(const Daemon& daemon) {
  const net::HttpClient client({.port = daemon.port(), .token = daemon.token()});
  const Value list =
      must(json::parse(must(client.get("/api/v1/specs?fields=key,version&limit=100000")).body));
  Versions versions;
  for (const Value& spec : list.find("specs")->items)
    versions[spec.find("key")->text] = std::stoull(spec.find("version")->text);
  return versions;
}

Followers::Followers(size_t clients, const Versions& begin) : views_(clients) {
  std::vector<uint64_t> versions;
  for (const auto& [key, version] : begin) {
    places_.emplace(key, versions.size());
    versions.push_back(version);
  }
  for (View& view : views_) view.versions = versions;
}

void Followers::hear(size_t client, std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  View& view = views_[client];
  view.bytes += bytes.size();
  if (!view.rest.empty()) bytes = view.rest.append(bytes);
  view.rest = std::string(bytes.substr(learn(view, bytes)));
}

/// How much of it is done with: what follows is the begin of an event, or may be.
size_t Followers::learn(View& view, std::string_view bytes) {
  const char* const end = bytes.data() + bytes.size();
  for (size_t at = 0;;) {
    const size_t key = bytes.find(kKey, at);
    if (key == std::string_view::npos)
      return std::max(at, bytes.size() - std::min(bytes.size(), kKey.size() - 1));
    const size_t version = bytes.find(kVersion, key);
    if (version == std::string_view::npos) return key;
    uint64_t number = 0;
    if (std::from_chars(bytes.data() + version + kVersion.size(), end, number).ptr == end)
      return key;
    const auto place = places_.find(bytes.substr(key + kKey.size(), kKeySize));
    if (place == places_.end()) die("an event of a spec that the API did not list");
    uint64_t& known = view.versions[place->second];
    if (number > known) {
      known = number;
      last_ms_ = since_start_.ms();
    }
    at = version + kVersion.size();
  }
}

size_t Followers::views_unlike(const Versions& versions) {
  const std::lock_guard lock(mutex_);
  return static_cast<size_t>(std::ranges::count_if(views_, [&](const View& view) {
    return !std::ranges::all_of(versions, [&](const auto& spec) {
      return view.versions[places_.at(spec.first)] == spec.second;
    });
  }));
}

double Followers::last_ms() {
  const std::lock_guard lock(mutex_);
  return last_ms_;
}

double Followers::wait(const Stopwatch& watch, const Daemon& daemon) {
  size_t unlike = views_.size();
  // Asking takes time of the processor, so nobody asks while anything still comes.
  for (double before = -1; watch.ms() < 60'000; before = last_ms()) {
    std::this_thread::sleep_for(kQuiet);
    if (before != last_ms()) continue;
    unlike = views_unlike(listed_versions(daemon));
    if (unlike == 0) return watch.ms() - (since_start_.ms() - last_ms());
  }
  die(std::to_string(unlike) + " clients do not have what the API lists");
}

uint64_t Followers::bytes_told() {
  const std::lock_guard lock(mutex_);
  const uint64_t all = views_[0].bytes;
  return all - std::exchange(told_before_, all);
}

}  // namespace specd::bench
