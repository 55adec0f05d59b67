#include "sync/verify.h"

#include <map>

#include "base/digest.h"
#include "base/memory.h"
#include "base/path.h"
#include "sync/pull_plan.h"
#include "sync/scanner.h"

namespace specd::sync {
namespace {

class Verifier {
 public:
  Verifier(Fs& fs, const store::Reader& reader, const store::Project& project,
           const Options& options)
      : fs_(fs),
        tables_(reader.tables()),
        project_(project),
        options_(options),
        scanner_(fs, options) {}

  Result<VerifyReport> run() {
    const spec::ProjectConfig config = scanner_.read_config(project_.layout).config;
    const Scanner::Units units = scanner_.units(config);
    for (const spec::FileProblem& parent : units.unlisted) differ(parent.path, parent.message);
    if (auto done = load_rows(); !done) return tl::unexpected(done.error());
    for (const spec::Unit& unit : units.found) {
      auto listing = scanner_.list(config, unit);
      if (!listing) {
        differ(unit.dir, listing.error().message);
        continue;
      }
      const ProjectView view{project_.id, fs_, config};
      for (const spec::FoundSpec& found : find_specs(view, *listing)) {
        if (auto done = compare(found); !done) return tl::unexpected(done.error());
      }
      for (const std::string& dir : listing->unlisted) pass_over(dir);
    }
    for (const auto& [path, row] : rows_) differ(path, "in the database, not on disk");
    for (const auto& [dir, key] : specs_) differ(dir, "a spec in the database, not on disk");
    return std::move(report_);
  }

 private:
  void differ(const std::string& path, const std::string& what) {
    report_.differences.push_back(printable_utf8(path) + ": " + what);
  }

  Result<> load_rows() {
    auto specs = tables_.specs.places(project_.id);
    if (!specs) return tl::unexpected(specs.error());
    for (const store::SpecPlace& spec : *specs) {
      specs_.emplace(spec.dir, spec.key);
      auto rows = tables_.files.of_spec(spec.key);
      if (!rows) return tl::unexpected(rows.error());
      for (store::FileRow& row : *rows) {
        if (!row.deleted_at) rows_.emplace(row.path, std::move(row));
      }
      if (auto listed = list_not_imported(spec.key); !listed) return listed;
    }
    return {};
  }

  Result<> list_not_imported(const SpecKey& spec) {
    return tables_.files.each_of_spec(spec, [&](const store::FileSummary& file) {
      if (file.error.empty() || rows_.contains(std::string(file.path))) return;
      report_.not_imported.push_back(printable_utf8(file.path) + ": " + printable_utf8(file.error));
    });
  }

  // Of what lies in there nothing can be said.
  void pass_over(const std::string& dir) {
    differ(dir, "cannot be listed");
    const auto is_in_there = [&](const auto& entry) { return path::is_within(entry.first, dir); };
    std::erase_if(rows_, is_in_there);
    std::erase_if(specs_, is_in_there);
  }

  Result<> compare(const spec::FoundSpec& found) {
    ++report_.specs;
    const auto spec = specs_.find(found.dir);
    if (spec == specs_.end()) {
      differ(found.dir, "a spec on disk, not in the database");
      return {};
    }
    for (const spec::FoundFile& file : found.files) {
      if (auto done = compare_file(file.path, spec->second); !done) return done;
    }
    specs_.erase(spec);
    return {};
  }

  Result<> compare_file(const std::string& path, const SpecKey& spec) {
    const auto disk = fs_.read(path, ReadMode::plain, options_.max_bytes_per_file);
    const auto row = rows_.find(path);
    if (!disk && row == rows_.end()) return {};  // unreadable, and listed as such
    if (!disk) {
      differ(path, disk.error().message);
      rows_.erase(row);
      return {};
    }
    ++report_.files;
    report_.bytes += static_cast<int64_t>(disk->content.size());
    if (row == rows_.end()) {
      differ(path, "on disk, not in the database");
      return {};
    }
    auto full = tables_.files.get(project_.id, path);
    if (!full) return tl::unexpected(full.error());
    auto state = tables_.states.get(project_.id, path);
    if (!state) return tl::unexpected(state.error());
    if (!*full || (*full)->content != disk->content) {
      differ(path, "other bytes in the database than on disk");
    } else if (!*state || (*state)->base != sha256(disk->content)) {
      differ(path, "the hash in the database is not that of the bytes");
    } else if ((*full)->spec != spec) {
      differ(path, "belongs to another spec in the database");
    }
    rows_.erase(row);
    return {};
  }

  Fs& fs_;
  const store::Tables& tables_;
  const store::Project& project_;
  const Options& options_;
  Scanner scanner_;
  std::map<std::string, SpecKey> specs_;
  std::map<std::string, store::FileRow> rows_;
  VerifyReport report_;
};

}  // namespace

Result<VerifyReport> verify(Fs& fs, const store::Reader& reader, const store::Project& project,
                            const Options& options) {
  auto report = Verifier(fs, reader, project, options).run();
  return_free_memory();
  return report;
}

}  // namespace specd::sync
