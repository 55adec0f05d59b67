#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "net/message.h"
#include "store/store.h"

/// How requests name specs.
namespace specd::api {

/// One of a project's, by what people call it: its key, or its id (of a change before an archived
/// one before the others, unless `kind` says which); else the id that an archived change had
/// before; else the number of a LeanSpec folder, or the beginning of its name (spec/references.h).
/// `not_found` where there is none, `conflict` where there are several.
[[nodiscard]] Result<store::Spec> spec_named(const store::Tables& tables, ProjectId project,
                                             std::string_view name, std::optional<spec::Kind> kind);
/// The one that the route's {key} and `?kind=` name.
[[nodiscard]] Result<store::Spec> spec_called(const store::Tables& tables, ProjectId project,
                                              const net::Request& request);
/// The same of one that is to be edited: `gone` where it was deleted.
[[nodiscard]] Result<store::Spec> spec_to_edit(const store::Tables& tables, ProjectId project,
                                               const net::Request& request);
/// One that may be brought back: by its key, or by the id that it had when it was deleted, of
/// several the latest. Else as spec_called.
[[nodiscard]] Result<store::Spec> deleted_spec_called(const store::Tables& tables,
                                                      ProjectId project,
                                                      const net::Request& request);
/// The key of the only one of this name, of one project or of all. A key needs no spec that has it.
[[nodiscard]] Result<SpecKey> spec_anywhere(const store::Tables& tables,
                                            std::optional<ProjectId> project,
                                            std::string_view name);

/// The answer to a kind that there is none of.
[[nodiscard]] Failure unknown_kind();

}  // namespace specd::api
