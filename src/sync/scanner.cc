#include "sync/scanner.h"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>

#include "base/path.h"

namespace specd::sync {
namespace {

constexpr int kMaxDepth = 32;
constexpr int64_t kMaxConfigBytes = 1 << 20;

// Whether it is of the moment, and not of the folder.
bool does_pass(const Error& error) {
  return error.code == Code::busy || error.os == EMFILE || error.os == ENFILE || error.os == ENOMEM;
}

std::string mebibytes(int64_t bytes) {
  return std::to_string(bytes >> 20) + " MiB";
}

}  // namespace

bool UnitListing::is_unlisted(const std::string& path) const {
  return std::any_of(unlisted.begin(), unlisted.end(),
                     [&](const std::string& dir) { return path::is_within(path, dir); });
}

Result<std::optional<spec::Layout>> Scanner::detect_layout() {
  if (auto root = fs_.list(""); !root) return tl::unexpected(root.error());
  std::vector<std::string> paths;
  const auto add = [&](const std::string& dir) {
    const auto listing = fs_.list(dir);
    if (!listing) return;
    for (const DirEntry& entry : listing->entries) {
      const bool is_dir = entry.stat.kind == FileKind::directory;
      paths.push_back(path::join(dir, entry.name) + (is_dir ? "/" : ""));
    }
  };
  add("");
  add(".lean-spec");
  if (const auto specs = fs_.list("specs")) {
    for (const DirEntry& entry : specs->entries) {
      if (entry.stat.kind == FileKind::directory) add(path::join("specs", entry.name));
    }
  }
  return spec::detect_layout(paths);
}

void Scanner::read_into(const std::string& path, std::vector<spec::ConfigFile>& files) {
  if (auto read = fs_.read(path, ReadMode::plain, kMaxConfigBytes))
    files.push_back({path, std::move(read->content)});
}

Scanner::Config Scanner::read_config(spec::Layout layout) {
  std::vector<spec::ConfigFile> files;
  for (const std::string& place : spec::config_places()) {
    const auto stat = fs_.stat(place);
    if (!stat) continue;
    if (stat->kind == FileKind::regular) read_into(place, files);
    if (stat->kind != FileKind::directory) continue;
    const auto schemas = fs_.list(place);
    if (!schemas) continue;
    for (const DirEntry& schema : schemas->entries) {
      if (schema.stat.kind == FileKind::directory)
        read_into(path::join(place, schema.name) + "/schema.yaml", files);
    }
  }
  std::string all;
  for (const spec::ConfigFile& file : files) all += file.path + '\0' + sha256(file.content).hex();
  return {spec::read_config(layout, files), sha256(all)};
}

bool Scanner::has_spec_folder(const spec::ProjectConfig& config) {
  const std::string dir = config.layout == spec::Layout::openspec ? "openspec" : config.specs_dir;
  const auto stat = fs_.stat(dir);
  return stat && stat->kind == FileKind::directory;
}

bool Scanner::Units::is_unlisted(const std::string& dir) const {
  return std::any_of(unlisted.begin(), unlisted.end(), [&](const spec::FileProblem& parent) {
    return path::is_within(dir, parent.path);
  });
}

Scanner::Units Scanner::units(const spec::ProjectConfig& config) {
  Units units;
  for (const spec::UnitParent& parent : spec::unit_parents(config)) {
    const auto listing = fs_.list(parent.dir);
    if (!listing) {
      if (listing.error().code != Code::not_found)
        units.unlisted.push_back({parent.dir, listing.error().message});
      continue;
    }
    for (const DirEntry& entry : listing->entries) {
      if (entry.stat.kind != FileKind::directory) continue;
      auto unit = spec::unit_of(config, path::join(parent.dir, entry.name));
      if (unit && unit->dir.size() == parent.dir.size() + 1 + entry.name.size())
        units.found.push_back(std::move(*unit));
    }
  }
  return units;
}

// What becomes of a folder that cannot be listed.
Result<> Scanner::pass_over(const std::string& dir, const Error& error, UnitListing& listing) {
  const bool is_gone = error.code == Code::not_found || error.code == Code::refused;
  if (is_gone) {
    // One that went while we looked, or is a link by now, is simply no longer there.
    if (dir != listing.unit.dir) return {};
    return fail(Code::not_found, error.message);
  }
  if (does_pass(error)) return tl::unexpected(error);
  const auto stat = fs_.stat(dir);
  if (!stat) return tl::unexpected(error);
  listing.folders.emplace(dir, stat->fingerprint);
  listing.unlisted.insert(dir);
  const std::string why = std::generic_category().message(error.os);
  listing.problems.push_back({dir, "cannot be listed: " + (error.os != 0 ? why : error.message)});
  return {};
}

Result<> Scanner::list_folder(const spec::ProjectConfig& config, const std::string& dir, int depth,
                              UnitListing& listing) {
  const auto found = fs_.list(dir);
  if (!found) return pass_over(dir, found.error(), listing);
  listing.folders.emplace(dir, found->folder.fingerprint);
  listing.glance.enter(found->folder.fingerprint);
  for (const DirEntry& entry : found->entries) {
    listing.glance.add(found->folder.fingerprint, entry.name, entry.stat);
    if (spec::is_ignored(entry.name)) continue;
    std::string path = path::join(dir, entry.name);
    switch (entry.stat.kind) {
      case FileKind::regular:
        listing.files.push_back({std::move(path), entry.stat.fingerprint});
        break;
      case FileKind::link:
        listing.problems.push_back(
            {std::move(path),
             "a symbolic link to a folder, or out of the spec folders; not followed"});
        break;
      case FileKind::other:
        listing.problems.push_back({std::move(path), "not a regular file; not imported"});
        break;
      case FileKind::directory:
        if (spec::is_excluded_dir(config, path)) {
          listing.problems.push_back({std::move(path), "a folder by this name is not imported"});
        } else if (depth >= kMaxDepth) {
          listing.problems.push_back({std::move(path), "nested too deeply; not imported"});
        } else {
          if (auto done = list_folder(config, path, depth + 1, listing); !done) return done;
        }
        break;
    }
  }
  return {};
}

// Past a limit a file is listed with the reason, so that nobody wonders where it is. By path, so
// that the same files are in and out at every look.
void Scanner::apply_limits(UnitListing& listing) const {
  std::vector<DiskFile> kept;
  int64_t bytes = 0;
  for (DiskFile& file : listing.files) {
    std::string problem;
    if (file.fingerprint.size > options_.max_bytes_per_file) {
      problem = "larger than " + mebibytes(options_.max_bytes_per_file) + "; not imported";
    } else if (bytes + file.fingerprint.size > options_.max_bytes_per_spec) {
      problem = "past the " + mebibytes(options_.max_bytes_per_spec) + " of one spec; not imported";
    } else if (kept.size() >= options_.max_files_per_spec) {
      problem = "past the " + std::to_string(options_.max_files_per_spec) +
                " files of one spec; not imported";
    }
    if (problem.empty()) {
      bytes += file.fingerprint.size;
      kept.push_back(std::move(file));
    } else {
      listing.problems.push_back({std::move(file.path), std::move(problem)});
    }
  }
  listing.files = std::move(kept);
}

std::optional<uint64_t> Scanner::glance(const spec::ProjectConfig& config, const spec::Unit& unit) {
  const auto sum = fs_.glance(unit.dir, [&](const std::string& dir) {
    return !spec::is_ignored(path::name(dir)) && !spec::is_excluded_dir(config, dir);
  });
  return sum ? std::optional(*sum) : std::nullopt;
}

Result<UnitListing> Scanner::list(const spec::ProjectConfig& config, const spec::Unit& unit) {
  UnitListing listing{.unit = unit};
  if (auto done = list_folder(config, unit.dir, 0, listing); !done)
    return tl::unexpected(done.error());
  std::sort(listing.files.begin(), listing.files.end(),
            [](const DiskFile& a, const DiskFile& b) { return a.path < b.path; });
  apply_limits(listing);
  std::sort(listing.problems.begin(), listing.problems.end(),
            [](const spec::FileProblem& a, const spec::FileProblem& b) { return a.path < b.path; });
  return listing;
}

std::vector<Result<UnitListing>> Scanner::list_all(const spec::ProjectConfig& config,
                                                   std::span<const spec::Unit> units, Crew& crew) {
  std::vector<Result<UnitListing>> listings(units.size());
  crew.run(units.size(), [&](size_t i) { listings[i] = list(config, units[i]); });
  return listings;
}

}  // namespace specd::sync
