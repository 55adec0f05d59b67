#include "sync/undone_push.h"

#include <string>

#include "base/log.h"
#include "base/path.h"

namespace specd::sync {
namespace {

// Pushes in a row, as a client makes them that saves while somebody types.
constexpr int64_t kMostPushes = 100;

// None if it is no longer kept.
Result<std::optional<std::string>> content_of(const store::Tables& tables, const Digest& digest) {
  auto content = tables.versions.content(digest);
  if (content) return std::optional(std::move(*content));
  if (content.error().code == Code::not_found) return std::nullopt;
  return tl::unexpected(content.error());
}

// What other programs saved last, before all that was pushed over it.
Result<std::optional<Digest>> last_from_disk(const store::Tables& tables,
                                             const store::FileState& known) {
  for (const bool is_moved : {false, true}) {
    const auto versions = is_moved ? tables.versions.list(known.project, known.path, kMostPushes)
                                   : tables.rescued.list(known.project, known.path, kMostPushes);
    if (!versions) return tl::unexpected(versions.error());
    for (const store::Version& version : *versions) {
      if (version.origin == "disk") return version.digest;
    }
  }
  return std::nullopt;
}

/// One save over a push, compared with one text before it after the other.
class Search {
 public:
  Search(const store::Tables& tables, const store::FileState& known, const OnDisk& on_disk)
      : tables_(tables), known_(known), on_disk_(on_disk) {}

  [[nodiscard]] Result<std::optional<UndonePush>> since(const Digest& before) {
    // That needs no merging, which may be impossible.
    if (on_disk_.disk.content == before) return UndonePush{merge::Undone::reverted, before};
    const auto old = content_of(tables_, before);
    if (!old) return tl::unexpected(old.error());
    if (!*old) return std::nullopt;
    if (!pushed_) {
      auto row = tables_.files.get(known_.project, known_.path);
      if (!row) return tl::unexpected(row.error());
      if (!*row) return std::nullopt;
      pushed_ = std::move((*row)->content);
    }
    const auto undone = merge::what_was_undone({**old, *pushed_, on_disk_.content});
    if (undone && *undone != merge::Undone::none) return UndonePush{*undone, before};
    // What is pulled is right in any case, and what it replaces is kept.
    if (!undone && undone.error().code == Code::io) {
      log::warn("push-not-compared",
                {{"path", printable_utf8(known_.path)}, {"error", undone.error().message}});
    }
    return std::nullopt;
  }

 private:
  const store::Tables& tables_;
  const store::FileState& known_;
  const OnDisk& on_disk_;
  std::optional<std::string> pushed_;
};

}  // namespace

Result<std::optional<UndonePush>> find_undone_push(const store::Tables& tables,
                                                   const store::FileState& known,
                                                   const OnDisk& on_disk) {
  if (!known.base_from_push || !known.previous_base) return std::nullopt;
  Search search(tables, known, on_disk);
  auto found = search.since(*known.previous_base);
  if (!found || *found) return found;
  const auto first = last_from_disk(tables, known);
  if (!first) return tl::unexpected(first.error());
  if (!*first || *first == known.previous_base || *first == known.base) return std::nullopt;
  return search.since(**first);
}

}  // namespace specd::sync
