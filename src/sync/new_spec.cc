#include "sync/new_spec.h"

#include <algorithm>
#include <cerrno>

#include "base/path.h"
#include "sync/folders.h"

namespace specd::sync {
namespace {

// Others that make specs at the same moment take a number each.
constexpr int kMostTries = 100;

constexpr const char* kChanges = "openspec/changes";

bool is_kept(std::string_view name) {
  const auto parts = path::parts(name);
  return path::is_relative(name) && std::ranges::none_of(parts, [](std::string_view part) {
           return spec::is_ignored(part) || spec::is_excluded_dir(part);
         });
}

Result<> check_file(const std::string& name, const std::string& text, const Options& options) {
  const std::string shown = printable_utf8(name);
  if (!is_kept(name))
    return fail(Code::invalid, shown + ": specd keeps no files by such a name; choose another");
  if (!is_utf8(text)) return fail(Code::invalid, shown + ": the content is not UTF-8");
  if (text.size() > static_cast<size_t>(options.max_bytes_per_file))
    return fail(Code::refused, shown + ": more than " +
                                   std::to_string(options.max_bytes_per_file >> 20) +
                                   " MB, which is the limit");
  return {};
}

// What follows the number of a LeanSpec folder.
std::string_view name_of(std::string_view folder) {
  const size_t digits = folder.find_first_not_of("0123456789");
  const bool is_numbered = digits != 0 && digits < folder.size() && folder[digits] == '-';
  return is_numbered ? folder.substr(digits + 1) : folder;
}

Result<std::vector<std::string>> names_in(FileOps& ops, const std::string& dir) {
  auto folder = ops.open_folder(dir);
  if (!folder && folder.error().code == Code::not_found) return std::vector<std::string>();
  if (!folder) return tl::unexpected(folder.error());
  return ops.list(*folder);
}

Result<std::string> next_folder(FileOps& ops, const spec::ProjectConfig& config,
                                const std::string& name) {
  std::vector<std::string> folders;
  for (const spec::UnitParent& parent : spec::unit_parents(config)) {
    auto names = names_in(ops, parent.dir);
    if (!names) return fail_within(parent.dir, names.error());
    folders.insert(folders.end(), names->begin(), names->end());
  }
  return spec::next_number(folders) + "-" + name;
}

Result<> make_folder(FileOps& ops, const Handle& parent, const std::string& name) {
  if (auto made = ops.make_folder({parent, name}); !made) return made;
  return ops.sync(parent);
}

}  // namespace

Result<> check_new(const spec::ProjectConfig& config, const NewSpecRequest& request,
                   const Options& options) {
  if (auto good = spec::check_new_name(config.layout, request.words.name); !good) return good;
  for (const auto& [name, text] : request.files) {
    if (auto good = check_file(name, text, options); !good) return good;
  }
  const bool is_change = config.layout == spec::Layout::openspec;
  const std::string heading = is_change ? "proposal.md" : config.default_file;
  const bool has_words = !request.words.title.empty() || request.words.status ||
                         request.words.priority || !request.words.tags.empty();
  if (has_words && request.files.contains(heading))
    return fail(Code::invalid, "give either " + heading +
                                   " or what is to stand in it (title, status, priority, tags)");
  return {};
}

Result<std::optional<store::Spec>> holder_of_name(const store::Tables& tables, ProjectId project,
                                                  const spec::ProjectConfig& config,
                                                  const NewSpecRequest& request) {
  const std::string& name = request.words.name;
  if (config.layout == spec::Layout::openspec) {
    auto change = tables.specs.live(project, spec::Kind::change, name);
    if (!change || *change || request.is_forced) return change;
    auto archived = tables.specs.archived_from(project, name);
    if (!archived) return tl::unexpected(archived.error());
    if (archived->empty()) return std::optional<store::Spec>();
    return std::optional(std::move(archived->front()));
  }
  if (request.is_forced) return std::optional<store::Spec>();
  auto specs = tables.specs.live_of_kind(project, spec::Kind::leanspec);
  if (!specs) return tl::unexpected(specs.error());
  for (store::Spec& spec : *specs) {
    if (name_of(path::name(spec.dir)) == name) return std::optional(std::move(spec));
  }
  return std::optional<store::Spec>();
}

Result<std::string> make_spec_folder(FileOps& ops, const spec::ProjectConfig& config,
                                     const std::string& name) {
  const bool is_change = config.layout == spec::Layout::openspec;
  const std::string parent_dir = is_change ? std::string(kChanges) : config.specs_dir;
  auto parent = make_folders(ops, parent_dir);
  if (!parent) return fail_within(parent_dir, parent.error());
  for (int tries = 0;; ++tries) {
    auto folder = is_change ? Result<std::string>(name) : next_folder(ops, config, name);
    if (!folder) return folder;
    std::string dir = path::join(parent_dir, *folder);
    auto made = make_folder(ops, *parent, *folder);
    if (made) return dir;
    const bool is_quicker = made.error().os == EEXIST && !is_change && tries < kMostTries;
    if (!is_quicker) return fail_within(dir, made.error());
  }
}

}  // namespace specd::sync
