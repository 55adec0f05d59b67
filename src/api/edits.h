#pragma once

#include <string>
#include <vector>

#include "api/handlers.h"
#include "sync/edit.h"
#include "sync/spec_fields.h"

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

/// For so long an edit waits for a program that has its file open.
[[nodiscard]] SteadyTime edit_deadline(const Api& api);
/// Answers with what became of an edit: `good_status`, with `more` members, where it is on disk;
/// 202 with the edit's address while a file is busy; 409 with the conflict where the disk had moved
/// on.
using Members = std::vector<Value::Entry>;
void answer_edit(const Api& api, const sync::EditAnswer& answer, int good_status,
                 const net::Responder& respond, Members more = {});
/// The members of an answer that tell it: `edit`, `files`.
[[nodiscard]] Members edit_members(const sync::EditAnswer& answer);
/// The same as one value.
[[nodiscard]] Value edit_value(const sync::EditAnswer& answer);
/// Why an edit was not made: 412 where the client saw something else, otherwise by the error's
/// code.
[[nodiscard]] net::Response edit_problem(const Error& error);
/// 409, with the statuses that can be set.
[[nodiscard]] net::Response refused_move_answer(const sync::RefusedMove& refused);
/// A problem with further members.
[[nodiscard]] net::Response with_members(net::Response problem, Members more);

/// Makes the edit, and answers as answer_edit and edit_problem: 200, or 201 where a file was made.
void make_edit(const Api& api, ProjectId project, sync::EditRequest request,
               net::Responder respond);

}  // namespace specd::api
