#include "sync/delivery.h"

#include <cerrno>
#include <utility>

#include "base/path.h"
#include "sync/folders.h"

namespace specd::sync {
namespace {

constexpr mode_t kAnyWrite = 0222;
constexpr mode_t kFileBits = 0666;
constexpr mode_t kSetGroup = 02000;

/// Whether a call found something else than the order says, which is no failure.
bool is_overtaken(const Error& error) {
  return error.code == Code::not_found || error.os == ENOTDIR || error.os == ELOOP;
}

/// As readable and writable as its folder.
Attributes for_new_file(Attributes own, const Attributes& folder) {
  own.mode = folder.mode & kFileBits;
  if ((folder.mode & kSetGroup) != 0) own.group = folder.group;
  return own;
}

/// Why a file is not written, for people; nothing: it may be.
Result<> check_may_write(const Attributes& attributes, const OpenStat& stat, uid_t us) {
  if ((attributes.mode & kAnyWrite) == 0)
    return fail(Code::refused,
                "it is write-protected; make it writable (chmod u+w) to edit it here");
  if (us != 0 && attributes.owner != us)
    return fail(Code::refused, "it belongs to another user; edit it as that user");
  if (stat.links > 1)
    return fail(Code::refused,
                "it has several names (hard links), which writing it would part; edit it in place");
  return {};
}

}  // namespace

Delivery::Delivery(FileOps& ops, const StagingArea& area, PushOrder order, std::string nonce,
                   int64_t max_bytes)
    : ops_(ops),
      area_(area),
      order_(std::move(order)),
      nonce_(std::move(nonce)),
      replacer_(ops, max_bytes) {}

Delivery::~Delivery() {
  if (!staged_) return;
  staged_->file = Handle();
  (void)ops_.unlink({*staging_, staged_->name});
}

Result<Swap> Delivery::prepare() {
  auto found = find_folder();
  if (!found || *found != Swap::done) return found;
  if (order_.base) {
    auto looked = look_at_target();
    if (!looked || *looked != Swap::done) return looked;
  } else {
    auto folder = ops_.attributes(folder_);
    if (!folder) return tl::unexpected(folder.error());
    attributes_ = for_new_file(ops_.attributes_of_new(), *folder);
  }
  const StagingArea::Room room = area_.room_for(folder_);
  place_ = room.place;
  staging_ = &room.folder;
  staged_name_ =
      StagingArea::name_for(place_, identity(), nonce_,
                            order_.content ? std::optional(sha256(*order_.content)) : std::nullopt);
  if (!order_.content) return Swap::done;
  auto staged = replacer_.stage(*staging_, staged_name_, *order_.content, attributes_);
  if (!staged) return tl::unexpected(staged.error());
  staged_ = std::move(*staged);
  return Swap::done;
}

/// The open folder of the target: that of the spec, which has to be the one that was recorded, or
/// one below it, which is made where it is missing; or wherever a link leads to.
Result<Swap> Delivery::find_folder() {
  auto target = ops_.resolve(order_.path);
  if (!target && !is_overtaken(target.error())) return tl::unexpected(target.error());
  if (!target && order_.base) return Swap::overtaken;
  target_ = target ? *target : order_.path;
  folder_path_ = path::parent(target_);
  name_ = path::name(target_);
  const bool is_in_spec = path::is_within(folder_path_, order_.spec_dir);
  auto folder = ops_.open_folder(is_in_spec ? order_.spec_dir : folder_path_);
  if (folder && is_in_spec) {
    auto stat = ops_.stat(*folder);
    if (!stat) return tl::unexpected(stat.error());
    const Fingerprint& seen = stat->stat.fingerprint;
    if (seen.ino != order_.dir_ino || seen.dev != order_.dir_dev) return Swap::overtaken;
    if (const auto below = path::below(folder_path_, order_.spec_dir); !below.empty()) {
      spec_folder_ = std::move(*folder);
      folder = walk(spec_folder_, below);
    }
  }
  if (!folder && is_overtaken(folder.error())) return Swap::overtaken;
  if (!folder) return tl::unexpected(folder.error());
  folder_ = std::move(*folder);
  return Swap::done;
}

/// By descriptors, so that a spec that is moved meanwhile takes it all along.
Result<Handle> Delivery::walk(const Handle& from, std::string_view below) {
  if (!order_.base) return make_folders(ops_, from, below);
  Handle folder;
  for (const std::string_view part : path::parts(below)) {
    auto next = ops_.open_folder({folder ? folder : from, std::string(part)});
    if (!next) return next;
    folder = std::move(*next);
  }
  return folder;
}

Result<Swap> Delivery::look_at_target() {
  auto file = ops_.open({folder_, name_});
  if (!file && (is_overtaken(file.error()) || file.error().code == Code::refused))
    return Swap::overtaken;
  if (!file) return tl::unexpected(file.error());
  auto stat = ops_.stat(*file);
  if (!stat) return tl::unexpected(stat.error());
  auto attributes = ops_.attributes(*file);
  if (!attributes) return tl::unexpected(attributes.error());
  const uid_t us = ops_.attributes_of_new().owner;
  if (auto may = check_may_write(*attributes, *stat, us); !may) return tl::unexpected(may.error());
  attributes_ = std::move(*attributes);
  return Swap::done;
}

Result<SwapResult> Delivery::put() {
  if (!order_.content) return take_away();
  return order_.base ? exchange() : put_new();
}

// What never stood at the target is ours alone, and goes with this. All else, and whatever an error
// left, is judged by what is in it.
Result<SwapResult> Delivery::put_new() {
  auto result = replacer_.put_new(*staged_, {folder_, name_});
  if (!result) leave_staged();
  if (result && result->what == Swap::done) staged_.reset();
  return result;
}

Result<SwapResult> Delivery::exchange() {
  auto result = replacer_.swap(*staged_, {folder_, name_}, *order_.base);
  if (result && result->what == Swap::unsupported) return exchange_aside();
  if (!result || result->exchanges > 0) leave_staged();
  return result;
}

Result<SwapResult> Delivery::exchange_aside() {
  const std::string aside = StagingArea::name_for(StagingPlace::aside, identity(), nonce_);
  auto result = replacer_.swap_aside(*staged_, {folder_, name_}, {folder_, aside}, *order_.base);
  if (!result || result->exchanges > 0) leave(aside, StagingPlace::aside);
  if (!result) leave_staged();
  if (result && result->what == Swap::done) staged_.reset();
  return result;
}

Result<SwapResult> Delivery::take_away() {
  auto result = replacer_.take_away({folder_, name_}, {*staging_, staged_name_}, *order_.base);
  if (!result || result->exchanges > 0) leave(staged_name_, place_);
  is_taken_away_ = result && result->what == Swap::done;
  return result;
}

void Delivery::leave_staged() {
  staged_.reset();
  leave(staged_name_, place_);
}

void Delivery::leave(const std::string& name, StagingPlace place) {
  left_over_.push_back(
      {.place = place,
       .folder = place == place_ && place_ != StagingPlace::beside ? "" : folder_path_,
       .name = name,
       .path = order_.path,
       .ours = order_.content ? std::optional(sha256(*order_.content)) : std::nullopt});
}

Result<> Delivery::make_durable() {
  if (auto done = ops_.sync(folder_); !done) return done;
  if (is_taken_away_ && spec_folder_) {
    const auto below = path::below(folder_path_, order_.spec_dir);
    if (auto done = remove_empty_folders(ops_, spec_folder_, below); !done) return done;
  }
  return {};
}

const Handle* Delivery::staging() const {
  return place_ == StagingPlace::beside ? nullptr : staging_;
}

}  // namespace specd::sync
