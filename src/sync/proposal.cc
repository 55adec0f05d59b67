#include "sync/proposal.h"

#include "merge/undone.h"
#include "sync/merge_texts.h"

namespace specd::sync {
namespace {

using Text = std::optional<std::string>;

Result<Text> text_of(const store::Tables& tables, const store::Conflict& conflict,
                     const std::optional<Digest>& digest) {
  if (!digest) return std::nullopt;
  auto row = tables.files.get(conflict.project, conflict.path);
  if (!row) return tl::unexpected(row.error());
  if (*row && sha256((*row)->content) == *digest) return std::move((*row)->content);
  auto kept = tables.versions.content(*digest);
  if (!kept && kept.error().code == Code::not_found) return std::nullopt;
  if (!kept) return tl::unexpected(kept.error());
  return std::move(*kept);
}

Result<> must_be_kept(const std::optional<Digest>& digest, const Text& text, const char* which) {
  if (!digest || text) return {};
  return fail(Code::not_found,
              std::string(which) + " is no longer kept: there is nothing to merge");
}

}  // namespace

Result<ConflictTexts> texts_of(const store::Tables& tables, const store::Conflict& conflict) {
  auto base = text_of(tables, conflict, conflict.base);
  if (!base) return tl::unexpected(base.error());
  auto disk = text_of(tables, conflict, conflict.disk);
  if (!disk) return tl::unexpected(disk.error());
  auto row = text_of(tables, conflict, conflict.row);
  if (!row) return tl::unexpected(row.error());
  auto file = tables.files.get(conflict.project, conflict.path);
  if (!file) return tl::unexpected(file.error());
  Text present;
  if (*file && !(*file)->deleted_at) present = std::move((*file)->content);
  return ConflictTexts{std::move(*base), std::move(*disk), std::move(*row), std::move(present)};
}

Result<Proposal> propose_merge(const store::Conflict& conflict, const ConflictTexts& texts,
                               Markers markers) {
  if (!texts.present)
    return fail(Code::not_found, conflict.disk
                                     ? "the file is gone by now: there is nothing to merge"
                                     : "the file was deleted on disk: there is nothing to merge");
  if (!conflict.row)
    return fail(Code::not_found, "the edit deleted the file: there is nothing to merge");
  if (texts.present == texts.row) return Proposal{*texts.row, 0};
  if (auto kept = must_be_kept(conflict.row, texts.row, "the edit"); !kept)
    return tl::unexpected(kept.error());
  if (auto kept = must_be_kept(conflict.base, texts.base, "what it was before"); !kept)
    return tl::unexpected(kept.error());
  const std::string none;  // a file that both sides made
  auto merged = merge_texts({texts.base ? *texts.base : none, *texts.present, *texts.row}, markers);
  if (!merged) return tl::unexpected(merged.error());
  return Proposal{std::move(merged->content), merged->conflicts};
}

std::string_view how_undone(const store::Conflict& conflict, const ConflictTexts& texts) {
  if (conflict.kind != store::ConflictKind::overwritten) return "";
  if (conflict.disk && conflict.disk == conflict.base) return "reverted";
  if (!texts.base || !texts.disk || !texts.row) return "";
  const auto undone = merge::what_was_undone({*texts.base, *texts.row, *texts.disk});
  if (!undone || *undone == merge::Undone::none) return "";
  return *undone == merge::Undone::reverted ? "reverted" : "overwritten";
}

}  // namespace specd::sync
