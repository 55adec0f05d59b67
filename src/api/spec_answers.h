#pragma once

#include <string_view>

#include "base/result.h"
#include "net/message.h"
#include "proto/spec_json.h"
#include "store/store.h"

/// How requests name specs, and what answers tell of one.
namespace specd::api {

/// What answers tell of it; for as long as both live.
[[nodiscard]] proto::Spec spoken(const store::Spec& spec, std::string_view slug);

/// The one that the route's {key} names: by key, or by id: of a change before an archived one
/// before the others, unless `?kind=` says which; "035" is the LeanSpec folder "035-…" if there is
/// but one. `not_found` where there is none, `conflict` where there are several.
[[nodiscard]] Result<store::Spec> spec_called(const store::Tables& tables, ProjectId project,
                                              const net::Request& request);

/// The answer to a kind that there is none of.
[[nodiscard]] Failure unknown_kind();

}  // namespace specd::api
