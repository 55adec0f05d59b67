#include "sync/row_side.h"

namespace specd::sync {

core::Base base_of(const store::FileState* state) {
  return {state != nullptr ? state->base : std::nullopt};
}

Result<core::Row> observe_row(const store::Files& files, const store::FileRow* row,
                              const store::FileState* state) {
  core::Row seen;
  if (row == nullptr) return seen;
  seen.rev = row->rev;
  seen.pushed_rev = state != nullptr ? state->pushed_rev : Rev{};
  if (row->deleted_at) {
    seen.state = core::Row::State::deleted;
    return seen;
  }
  seen.state = core::Row::State::present;
  if (seen.rev == seen.pushed_rev && state != nullptr && state->base) {
    seen.content = *state->base;
    return seen;
  }
  const auto full = files.get(row->project, row->path);
  if (!full) return tl::unexpected(full.error());
  if (!*full) return core::Row{};  // cannot be, inside the transaction that has just seen it
  seen.content = sha256((*full)->content);
  return seen;
}

}  // namespace specd::sync
