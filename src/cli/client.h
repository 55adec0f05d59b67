#pragma once

#include <string>

#include "base/result.h"
#include "base/value.h"
#include "cli/args.h"
#include "net/http_client.h"

namespace specd::cli {

/// A daemon's answer.
struct Answer {
  std::string text;  ///< JSON, as it came
  Value value;
};

/// Asks the daemon that `ask` names, or this user's. Errors say what to do: how to start one when
/// none answers.
[[nodiscard]] Result<Answer> get(const AskArgs& ask, const std::string& target);
[[nodiscard]] Result<Answer> post(const AskArgs& ask, const std::string& target,
                                  const std::string& json);

[[nodiscard]] Result<Answer> patch(const AskArgs& ask, const std::string& target,
                                   const std::string& json);
[[nodiscard]] Result<Answer> del(const AskArgs& ask, const std::string& target);
/// Any request (net::HttpClient::send).
[[nodiscard]] Result<Answer> send(const AskArgs& ask, const net::Request& request);
/// The same, whatever the status, for who has more to say to one than its words.
[[nodiscard]] Result<net::Response> exchange(const AskArgs& ask, const net::Request& request);
/// What `send` makes of that.
[[nodiscard]] Result<Answer> read_answer(Result<net::Response> received);

/// The header by which an edit says which version it is made from; an empty one: there is no file.
[[nodiscard]] net::Fields edit_of(const std::string& version);
/// A file as it is now.
struct FileNow {
  std::string version;  ///< empty: there is no such file
  std::string content;
};
/// By its address.
[[nodiscard]] Result<FileNow> file_now(const AskArgs& ask, const std::string& target);

/// Where that daemon listens at this moment.
[[nodiscard]] Result<net::HttpClient::Options> daemon_options(const AskArgs& ask);

/// The text of a field; empty where there is none.
[[nodiscard]] std::string text_of(const Value& value, const std::string& field);
/// The items of a field that is a list; none otherwise.
[[nodiscard]] const std::vector<Value>& list_of(const Value& value, const std::string& field);
/// A name as one part of an address.
[[nodiscard]] std::string encode(const std::string& name);

}  // namespace specd::cli
