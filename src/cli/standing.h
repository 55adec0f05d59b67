#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/args.h"
#include "cli/client.h"

/// How projects stand: what the daemon's status says of them, in words.
namespace specd::cli {

/// A count of things: "1 edit waits", "2 edits wait".
[[nodiscard]] std::string counted(const std::string& count, const std::string& one,
                                  const std::string& many);

/// Whether a project's files are being read.
[[nodiscard]] bool is_kept(const Value& project);
/// "shop: held: 30 of 40 specs vanished at once; …"; of a project that is not kept.
[[nodiscard]] std::string why_not_kept(const Value& project);
/// "shop: 2 edits wait in the database, …"; empty where none does.
[[nodiscard]] std::string waiting_edits(const Value& project);

/// The projects that `ask` is about, as /api/v1/status tells them.
[[nodiscard]] Result<std::vector<Value>> standing(const AskArgs& ask);

}  // namespace specd::cli
