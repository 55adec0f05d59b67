#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "spec/moves.h"
#include "store/specs.h"
#include "sync/edit.h"

namespace specd::sync {

/// Whether a status may be set that the workflow does not lead to.
enum class Moves { as_allowed, any };

/// What is to be set of one spec: in the front matter of a LeanSpec spec, of any other in the
/// database.
struct FieldsRequest {
  SpecKey spec;
  SpecFields fields;
  Moves moves = Moves::as_allowed;
  std::string actor;  ///< as the client called itself; empty: not given
};

/// A status that cannot be set from the present one.
struct RefusedMove {
  spec::StatusMove move;
  std::vector<std::string> open;  ///< those that can
};

struct FieldsAnswer {
  EditAnswer edit;      ///< of the front matter; 0 and no files where there was none to edit
  SpecFields previous;  ///< what was set is no more; setting it again undoes this
  std::optional<RefusedMove> refused;  ///< then nothing was done
};
using FieldsDone = std::function<void(Result<FieldsAnswer>)>;

/// What the spec has now in those fields that are to be set. A status that nobody set is empty.
[[nodiscard]] SpecFields fields_before(const store::Spec& spec, const SpecFields& fields);
/// None: the status may be set, or is not to be.
[[nodiscard]] std::optional<RefusedMove> refused_move(const store::Spec& spec,
                                                      const FieldsRequest& request,
                                                      const spec::Workflows& workflows);
/// The main file of a LeanSpec spec, with the fields set in its front matter: only their bytes
/// change, and those of what LeanSpec's tools change with them (spec/edit_leanspec.h).
[[nodiscard]] Result<std::string> with_fields(std::string_view present, const SpecFields& fields,
                                              WallTime now);

}  // namespace specd::sync
