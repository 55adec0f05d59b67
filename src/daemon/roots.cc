#include "daemon/roots.h"

#include <filesystem>
#include <optional>
#include <utility>

#include "base/path.h"
#include "base/yaml.h"

namespace specd::daemon {
namespace {

namespace stdfs = std::filesystem;

constexpr int kMostLinks = 40;  // as Linux follows

bool is_folder(const stdfs::path& path) {
  std::error_code error;
  return stdfs::is_directory(path, error);
}

bool is_file(const stdfs::path& path) {
  std::error_code error;
  return stdfs::is_regular_file(path, error);
}

// `openspec/config.yaml`, or `.yml`; empty where there is none.
stdfs::path config_of(const stdfs::path& openspec) {
  for (const char* name : {"config.yaml", "config.yml"}) {
    if (is_file(openspec / name)) return openspec / name;
  }
  return {};
}

std::string text_at(const Value& value, std::initializer_list<const char*> names) {
  const Value* found = &value;
  for (const char* name : names) {
    found = found->find(name);
    if (found == nullptr) return "";
  }
  return found->is_scalar() ? found->text : "";
}

// A file that is not there says nothing.
Value read_yaml(const stdfs::path& path) {
  const auto text = is_file(path) ? read_text_file(path.string()) : "";
  if (!text) return {};
  return yaml::parse(*text).value_or(Value{});
}

Result<std::string> root_of_store(const std::string& id, const stdfs::path& config) {
  const std::string told = config.string() + " names the store \"" + id + "\", ";
  const auto homes = user_homes();
  if (!homes) return tl::unexpected(homes.error());
  const Value registry = read_yaml(stdfs::path(homes->data) / "openspec/stores/registry.yaml");
  const std::string folder = text_at(registry, {"stores", id.c_str(), "backend", "local_path"});
  if (folder.empty()) {
    return fail(Code::not_found, told + "which is not registered on this machine. Register it: " +
                                     "openspec store register PATH --id " + id);
  }
  std::error_code error;
  const stdfs::path root = stdfs::canonical(folder, error);
  if (error) return fail_os(told + "registered with " + folder, error.value());
  const std::string own = text_at(read_yaml(root / ".openspec-store/store.yaml"), {"id"});
  if (own != id) {
    return fail(Code::invalid, told + "but " + root.string() + " is " +
                                   (own.empty() ? "no store" : "the store \"" + own + "\"") +
                                   ". See `openspec store doctor " + id + "`");
  }
  return root.string();
}

// What this folder itself says; none: ask its parent.
std::optional<Result<std::string>> root_at(const stdfs::path& folder) {
  const stdfs::path openspec = folder / "openspec";
  if (is_folder(openspec)) {
    if (is_folder(openspec / "specs") || is_folder(openspec / "changes")) return folder.string();
    if (const stdfs::path config = config_of(openspec); !config.empty()) {
      const std::string store = text_at(read_yaml(config), {"store"});
      return store.empty() ? folder.string() : root_of_store(store, config);
    }
  }
  if (is_file(folder / ".lean-spec/config.json")) return folder.string();
  return std::nullopt;
}

// Goes past the first link to what is not there, at which weakly_canonical stops.
stdfs::path without_dangling_link(const stdfs::path& path) {
  stdfs::path at, resolved;
  for (const stdfs::path& part : path) {
    std::error_code error;
    at /= part;
    const bool is_first = resolved.empty() && stdfs::is_symlink(at, error);
    if (is_first) {
      resolved = at.parent_path() / stdfs::read_symlink(at, error);
    } else if (!resolved.empty()) {
      resolved /= part;
    }
  }
  return resolved.empty() ? path : resolved.lexically_normal();
}

}  // namespace

Result<std::string> find_root(const std::string& folder) {
  std::error_code error;
  const stdfs::path start = stdfs::canonical(folder, error);
  if (error) return fail_os(folder, error.value());
  if (!is_folder(start)) return fail(Code::invalid, folder + ": not a folder");
  for (stdfs::path at = start;; at = at.parent_path()) {
    if (auto root = root_at(at)) return std::move(*root);
    if (at == at.parent_path()) return start.string();
  }
}

Result<> check_apart(const std::string& root, const Places& places) {
  const stdfs::path state(places.state);
  const std::string database = places.state.ends_with(".db") ? state.parent_path() : state;
  for (const char* specs : {"openspec", "specs"}) {
    if (!path::is_within(database, path::join(root, specs))) continue;
    return fail(Code::invalid, "the database would lie among the specs, in " + database +
                                   "; choose another place with --db");
  }
  return {};
}

Result<std::string> settle_root(const std::string& folder, const Places& places) {
  auto found = find_root(folder);
  if (!found) return found;
  if (auto apart = check_apart(*found, places); !apart) return tl::unexpected(apart.error());
  return found;
}

bool is_absent(const std::string& folder) {
  std::error_code error;
  return stdfs::status(folder, error).type() == stdfs::file_type::not_found;
}

std::string absent_root(const std::string& folder) {
  std::error_code error;
  stdfs::path root = stdfs::absolute(folder, error).lexically_normal();
  if (error) return folder;
  for (int links = 0; links < kMostLinks; ++links) {
    stdfs::path resolved = stdfs::weakly_canonical(without_dangling_link(root), error);
    if (error || resolved == root) break;
    root = std::move(resolved);
  }
  return (root.has_filename() ? root : root.parent_path()).string();
}

}  // namespace specd::daemon
