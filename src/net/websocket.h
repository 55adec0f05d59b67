#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/message.h"

/// WebSocket (RFC 6455) as a server speaks it, without extensions. What is sent is a frame of bytes
/// like any other, so that what many clients hear is worded once.
namespace specd::net::websocket {

/// Why a connection ends (section 7.4.1, and its registry).
enum class CloseCode : uint16_t {
  normal = 1000,
  going_away = 1001,
  protocol_error = 1002,
  policy_violation = 1008,
};

/// Whether the client asks to go on as a WebSocket.
[[nodiscard]] bool is_upgrade(const Request& head);
/// The head of the answer to that, or why it cannot be.
[[nodiscard]] tl::expected<std::string, Response> accept(const Request& head);

/// Appends one whole message.
void append_text(std::string& out, std::string_view text);
/// A client answers it at once, which says that it is still there.
[[nodiscard]] std::string ping();
/// Nothing may be sent after it.
[[nodiscard]] std::string close(CloseCode code);

/// What a client sends, from bytes that come in any pieces to messages. Between messages it takes
/// no room.
class Reader {
 public:
  /// `longest`: bytes of one message; a longer one ends the connection.
  explicit Reader(size_t longest);
  ~Reader();
  Reader(Reader&&) noexcept;

  struct Heard {
    std::vector<std::string> messages;  ///< texts, which are UTF-8
    std::string answer;    ///< what the protocol has us send: pongs, and at last a close
    bool is_over = false;  ///< nothing of what comes now counts
  };
  [[nodiscard]] Heard take(std::string_view bytes);

 private:
  struct Parser;
  const size_t longest_;
  std::unique_ptr<Parser> parser_;
};

}  // namespace specd::net::websocket
