#include "sync/replace.h"

#include <cerrno>
#include <utility>

namespace specd::sync {
namespace {

/// What a file system says that does not have a call.
bool is_unsupported(const Error& error) {
  return error.os == EINVAL || error.os == ENOSYS || error.os == EOPNOTSUPP;
}
/// Whether somebody else was there first: the name is taken, or nothing has it any more.
bool is_overtaken(const Error& error) {
  return error.os == EEXIST || error.os == ENOENT;
}

/// For a call that failed: what that means, if it is no error.
Result<SwapResult> judged(const Error& error, SwapResult result) {
  if (is_unsupported(error)) {
    result.what = Swap::unsupported;
  } else if (is_overtaken(error)) {
    result.what = Swap::overtaken;
  } else {
    return tl::unexpected(error);
  }
  return result;
}

SwapResult with(Swap what, SwapResult result = {}) {
  result.what = what;
  return result;
}

}  // namespace

Result<Staged> Replacer::stage(const Handle& staging, std::string name, std::string_view content,
                               const Attributes& like) {
  Staged staged{.folder = &staging, .name = std::move(name), .attributes = like};
  const Entry entry{staging, staged.name};
  auto writing = ops_.create_unnamed(staging);
  const bool is_named = !writing && (writing.error().os == EOPNOTSUPP ||
                                     writing.error().os == EISDIR || writing.error().os == EINVAL);
  if (is_named) writing = ops_.create(entry);
  if (!writing) return tl::unexpected(writing.error());
  Result<> done = ops_.write(*writing, content);
  // The mode last: it may be one that lets nobody write.
  if (done) done = ops_.set_attributes(*writing, like);
  if (done) done = ops_.sync(*writing);
  if (done && !is_named) done = ops_.name(*writing, entry);
  if (!done) {
    if (is_named) (void)ops_.unlink(entry);
    return tl::unexpected(done.error());
  }
  // A descriptor that can write would make our own lease fail.
  *writing = Handle();
  auto reading = ops_.open(entry);
  auto stat = reading.and_then([&](const Handle& file) { return ops_.stat(file); });
  if (!stat) {
    (void)ops_.unlink(entry);
    return tl::unexpected(stat.error());
  }
  staged.file = std::move(*reading);
  staged.inode = stat->stat.fingerprint.ino;
  staged.is_leased = ops_.lease(staged.file) == Lease::taken;
  return staged;
}

/// Opens the target and sees whether it is what it has to be. Where it is, nobody can begin to
/// write to it without our knowing, as long as `file` is open.
Result<Replacer::Compared> Replacer::compare(Entry target, const Digest& base,
                                             const Attributes* attributes) {
  Compared compared{.what = Swap::overtaken};
  auto file = ops_.open(target);
  if (!file && (file.error().code == Code::not_found || file.error().code == Code::refused ||
                file.error().os == ELOOP))
    return compared;
  if (!file) return tl::unexpected(file.error());
  const Lease lease = ops_.lease(*file);
  if (lease == Lease::busy) {
    compared.what = Swap::busy;
    return compared;
  }
  auto stat = ops_.stat(*file);
  if (!stat) return tl::unexpected(stat.error());
  if (attributes != nullptr) {
    auto present = ops_.attributes(*file);
    if (!present) return tl::unexpected(present.error());
    if (*present != *attributes) return compared;
  }
  auto content = ops_.read(*file, max_bytes_);
  if (!content && content.error().os == EFBIG) return compared;
  if (!content) return tl::unexpected(content.error());
  if (sha256(*content) != base) return compared;
  compared.what = Swap::done;
  compared.inode = stat->stat.fingerprint.ino;
  compared.is_leased = lease == Lease::taken;
  compared.file = std::move(*file);
  return compared;
}

/// Whether what the target's name had is the very file that was compared, and still as it was then.
Result<bool> Replacer::is_what_came_out(const Compared& compared, Entry out, const Digest& base) {
  auto stat = ops_.stat(out);
  if (!stat) return tl::unexpected(stat.error());
  if (stat->fingerprint.ino != compared.inode) return false;
  if (compared.is_leased) return ops_.is_leased(compared.file);
  auto content = ops_.read(compared.file, max_bytes_);
  if (!content) return tl::unexpected(content.error());
  return sha256(*content) == base;
}

/// By our own descriptor: a stat by the name could describe somebody else's bytes by now.
Result<SwapResult> Replacer::finish(Staged& staged, SwapResult result) {
  auto stat = ops_.stat(staged.file);
  if (!stat) return tl::unexpected(stat.error());
  result.fingerprint = stat->stat.fingerprint;
  result.is_settled = stat->settled;
  staged.file = Handle();
  return result;
}

/// What was taken out is newer than ours, which stands in its place now: it goes back. If
/// somebody has saved over that meanwhile, theirs comes out, is newer still, and goes back itself.
/// Who found our file at the name while it stood there waits for its lease, and may write to it.
Result<SwapResult> Replacer::put_back(Staged& ours, Entry target, SwapResult result) {
  const Entry staged{*ours.folder, ours.name};
  // What was put there is held open as long as it is compared with, so that no other file can get
  // its inode.
  Handle held = std::move(ours.file);
  uint64_t put = ours.inode;
  result.what = Swap::overtaken;
  for (;;) {
    auto newer = ops_.stat(staged);
    if (!newer) return tl::unexpected(newer.error());
    auto newer_file = ops_.open(staged);
    // Somebody has deleted what we put in: then that is what they did last.
    auto exchanged = ops_.exchange(staged, target);
    if (!exchanged && exchanged.error().os == ENOENT) return result;
    if (!exchanged) return tl::unexpected(exchanged.error());
    ++result.exchanges;
    auto out = ops_.stat(staged);
    if (!out) return tl::unexpected(out.error());
    if (out->fingerprint.ino == put) return result;
    put = newer->fingerprint.ino;
    held = newer_file ? std::move(*newer_file) : Handle();
  }
}

Result<SwapResult> Replacer::swap(Staged& staged, Entry target, const Digest& base) {
  const Entry entry{*staged.folder, staged.name};
  auto compared = compare(target, base, &staged.attributes);
  if (!compared) return tl::unexpected(compared.error());
  if (compared->what != Swap::done) return with(compared->what);
  SwapResult result{.is_guarded = compared->is_leased && staged.is_leased};
  if (auto exchanged = ops_.exchange(entry, target); !exchanged)
    return judged(exchanged.error(), result);
  ++result.exchanges;
  auto is_it = is_what_came_out(*compared, entry, base);
  if (!is_it) return tl::unexpected(is_it.error());
  if (*is_it) return finish(staged, result);
  return put_back(staged, target, result);
}

Result<SwapResult> Replacer::put_new(Staged& staged, Entry target) {
  const Entry entry{*staged.folder, staged.name};
  const SwapResult result{.is_guarded = staged.is_leased};
  auto done = ops_.rename(entry, target);
  if (!done && is_unsupported(done.error())) {
    done = ops_.link(entry, target);
    if (done) done = ops_.unlink(entry);
  }
  if (!done) return judged(done.error(), result);
  return finish(staged, result);
}

Result<SwapResult> Replacer::take_away(Entry target, Entry into, const Digest& base) {
  auto compared = compare(target, base, nullptr);
  if (!compared) return tl::unexpected(compared.error());
  if (compared->what != Swap::done) return with(compared->what);
  SwapResult result{.is_guarded = compared->is_leased};
  if (auto moved = ops_.rename(target, into); !moved) return judged(moved.error(), result);
  ++result.exchanges;
  auto is_it = is_what_came_out(*compared, into, base);
  if (!is_it) return tl::unexpected(is_it.error());
  if (*is_it) return result;
  // Newer than what was to be deleted. If the place is taken by now, there is a newer one still.
  auto back = ops_.rename(into, target);
  if (!back && back.error().os != EEXIST) return tl::unexpected(back.error());
  return with(Swap::overtaken, result);
}

Result<SwapResult> Replacer::swap_aside(Staged& staged, Entry target, Entry aside,
                                        const Digest& base) {
  const Entry entry{*staged.folder, staged.name};
  auto compared = compare(target, base, &staged.attributes);
  if (!compared) return tl::unexpected(compared.error());
  if (compared->what != Swap::done) return with(compared->what);
  SwapResult result{.is_guarded = compared->is_leased && staged.is_leased};
  if (auto moved = ops_.move(target, aside); !moved) return judged(moved.error(), result);
  ++result.exchanges;
  auto is_it = is_what_came_out(*compared, aside, base);
  if (!is_it) return tl::unexpected(is_it.error());
  const Entry& next = *is_it ? entry : aside;
  auto linked = ops_.link(next, target);
  if (linked) linked = ops_.unlink(next);
  if (!linked && linked.error().os != EEXIST) return tl::unexpected(linked.error());
  if (!linked || !*is_it) return with(Swap::overtaken, result);
  return finish(staged, result);
}

}  // namespace specd::sync
