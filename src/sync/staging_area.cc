#include "sync/staging_area.h"

#include <cerrno>

#include "base/digest.h"
#include "base/path.h"

namespace specd::sync {
namespace {

constexpr size_t kIdDigits = 32;
constexpr size_t kRandomBytes = 8;
constexpr std::string_view kHidden = ".";
constexpr std::string_view kSuffix = ".specd-tmp";
constexpr std::string_view kAsideSuffix = ".aside.specd-tmp";
const std::string kFolder = ".specd";

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string made_part(const Digest& content) {
  return content.hex().substr(0, kIdDigits);
}

/// What a staged file's name tells; none if it is no such name.
struct NameParts {
  std::string_view id;
  std::string_view made;  ///< empty: it was displaced
};

std::optional<NameParts> parts_of(std::string_view name) {
  if (name.starts_with(kHidden) && name.ends_with(kSuffix)) {
    name.remove_prefix(kHidden.size());
    name.remove_suffix(StagingArea::is_aside(name) ? kAsideSuffix.size() : kSuffix.size());
  }
  constexpr size_t kShort = kIdDigits + 1 + 2 * kRandomBytes, kLong = kShort + 1 + kIdDigits;
  if (name.size() != kShort && name.size() != kLong) return std::nullopt;
  if (name[kIdDigits] != '.' || (name.size() == kLong && name[kShort] != '.')) return std::nullopt;
  const std::string_view random = name.substr(kIdDigits + 1, 2 * kRandomBytes);
  const NameParts parts{name.substr(0, kIdDigits),
                        name.size() == kLong ? name.substr(kShort + 1) : std::string_view()};
  if (!is_hex(parts.id) || !is_hex(random) || !is_hex(parts.made)) return std::nullopt;
  return parts;
}

}  // namespace

void StagingArea::open() {
  auto root = ops_.open_folder("");
  if (!root) return;
  if (auto folder = open_in_state()) {
    const auto is_near = ops_.is_one_mount(*folder, *root);
    in_state_ = is_near && *is_near ? std::move(*folder) : Handle();
  }
  if (in_state_) {
    // What an earlier run has left, which could not have that one.
    if (auto left = ops_.open_folder({*root, kFolder})) in_project_ = std::move(*left);
    return;
  }
  // Only where it is needed, since people see it.
  if (auto folder = open_in_project()) in_project_ = std::move(*folder);
}

// What is displaced may be the only copy of what somebody has just saved. A name in a folder that
// is gone after a power cut is none, so the folder's own name is made durable too.

Result<Handle> StagingArea::open_in_state() {
  const std::string staging = path::join(state_folder_, "staging");
  auto state = ops_.open_staging(path::join(state_folder_, "."));  // it may be a link
  if (!state) return state;
  auto all = ops_.open_staging(staging);
  if (!all) return all;
  auto own = ops_.open_staging(path::join(staging, project_));
  if (!own) return own;
  for (const Handle* parent : {&*state, &*all}) {
    if (auto synced = ops_.sync(*parent); !synced) return tl::unexpected(synced.error());
  }
  return own;
}

Result<Handle> StagingArea::open_in_project() {
  auto root = ops_.open_folder("");
  if (!root) return root;
  const Entry entry{*root, kFolder};
  if (auto made = ops_.make_folder(entry); !made && made.error().os != EEXIST)
    return tl::unexpected(made.error());
  auto folder = ops_.open_folder(entry);
  if (!folder) return folder;
  if (auto synced = ops_.sync(*root); !synced) return tl::unexpected(synced.error());
  const std::string ignore = ".gitignore";
  auto file = ops_.create({*folder, ignore});
  // One that is there already is somebody's.
  if (!file && file.error().os == EEXIST) return folder;
  if (!file) return tl::unexpected(file.error());
  if (auto written = ops_.write(*file, "*\n"); !written) return tl::unexpected(written.error());
  return folder;
}

StagingArea::Room StagingArea::room_for(const Handle& target) const {
  for (const Room& room : rooms()) {
    // Where a mount lies in the project, its files have to be staged in it.
    if (const auto is_near = ops_.is_one_mount(room.folder, target); is_near && *is_near)
      return room;
  }
  return {StagingPlace::beside, target};
}

std::vector<StagingArea::Room> StagingArea::rooms() const {
  std::vector<Room> rooms;
  if (in_state_) rooms.push_back({StagingPlace::state_folder, in_state_});
  if (in_project_) rooms.push_back({StagingPlace::project, in_project_});
  return rooms;
}

bool StagingArea::is_aside(std::string_view name) {
  return name.ends_with(kAsideSuffix);
}

const Handle* StagingArea::folder(StagingPlace place) const {
  if (place == StagingPlace::state_folder && in_state_) return &in_state_;
  if (place == StagingPlace::project && in_project_) return &in_project_;
  return nullptr;
}

std::string StagingArea::identity(const SpecKey& spec, std::string_view below) {
  return path::join(spec.value.text, below);
}

std::string StagingArea::id_of_path(std::string_view path) {
  return sha256(path).hex().substr(0, kIdDigits);
}

std::string StagingArea::nonce(Random& random) {
  return random_hex(random, kRandomBytes);
}

std::string StagingArea::name_for(StagingPlace place, std::string_view path, std::string_view nonce,
                                  const std::optional<Digest>& made) {
  const bool is_hidden = place == StagingPlace::beside || place == StagingPlace::aside;
  std::string name(is_hidden ? kHidden : "");
  name.append(id_of_path(path)).append(".").append(nonce);
  if (made) name.append(".").append(made_part(*made));
  if (is_hidden) name.append(place == StagingPlace::aside ? kAsideSuffix : kSuffix);
  return name;
}

std::optional<std::string> StagingArea::id_of_name(std::string_view name) {
  const auto parts = parts_of(name);
  return parts ? std::optional(std::string(parts->id)) : std::nullopt;
}

bool StagingArea::is_as_made(std::string_view name, const Digest& content) {
  const auto parts = parts_of(name);
  return parts && !parts->made.empty() && parts->made == made_part(content);
}

}  // namespace specd::sync
