#pragma once

#include <string>

#include "api/handlers.h"
#include "sync/edit.h"

/// What all edits of files share: what the client saw, who it is, and the answer.
namespace specd::api {

/// What the client last saw of the file: `If-Match: "SHA-256"`, or `If-None-Match: *` for a file
/// that is not there yet; with `?force=true` neither is asked for. Otherwise the
/// answer that says so.
[[nodiscard]] tl::expected<sync::Expected, net::Response> expected_in(const net::Request& request);
/// The same of a member of a body: the SHA-256, or null.
[[nodiscard]] Result<sync::Expected> expected_from(const Value* version, bool is_forced);
/// What the client calls itself: the header X-Specd-Actor; empty where there is none.
[[nodiscard]] Result<std::string> actor_in(const net::Request& request);

/// Makes the edit, and answers with what became of it: 200, or 201 where a file was made; 202 with
/// the edit's address while a file is busy; 409 with the conflict where the disk had moved on; 412
/// where the client saw something else.
void make_edit(const Api& api, ProjectId project, sync::EditRequest request,
               net::Responder respond);

}  // namespace specd::api
