#include "net/websocket.h"

#include <openssl/evp.h>
#include <wslay/wslay.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/assert.h"
#include "net/origin.h"

namespace specd::net::websocket {
namespace {

constexpr std::string_view kMagic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // section 1.3
constexpr size_t kKeySize = 24;                                              // 16 bytes in base64
constexpr uint8_t kLastFragment = 0x80;

/// Whether `name` is one of the values of these fields, which are lists: "keep-alive, Upgrade".
bool lists(const Fields& fields, std::string_view field, std::string_view name) {
  for (const auto& [key, value] : fields) {
    if (key != field) continue;
    for (size_t at = 0; at <= value.size();) {
      const size_t comma = std::min(value.find(',', at), value.size());
      std::string_view item = std::string_view(value).substr(at, comma - at);
      item.remove_prefix(std::min(item.find_first_not_of(" \t"), item.size()));
      item = item.substr(0, item.find_last_not_of(" \t") + 1);
      if (equal_ignoring_case(item, name)) return true;
      at = comma + 1;
    }
  }
  return false;
}

std::string accept_key(std::string_view key) {
  const std::string text = std::string(key) + std::string(kMagic);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  SPECD_ASSERT(EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr) ==
               1);
  std::array<unsigned char, 64> base64{};
  const int length = EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(size));
  return {reinterpret_cast<const char*>(base64.data()), static_cast<size_t>(length)};
}

/// Section 5.2, from a server: never masked.
void append_frame(std::string& out, uint8_t opcode, std::string_view payload) {
  out += static_cast<char>(kLastFragment | opcode);
  const uint64_t size = payload.size();
  const auto append_size = [&](int bytes) {
    for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(size >> (8 * i));
  };
  if (size < 126) {
    append_size(1);
  } else if (size <= UINT16_MAX) {
    out += static_cast<char>(126);
    append_size(2);
  } else {
    out += static_cast<char>(127);
    append_size(8);
  }
  out += payload;
}

}  // namespace

bool is_upgrade(const Request& head) {
  return head.method == "GET" && lists(head.headers, "upgrade", "websocket") &&
         lists(head.headers, "connection", "upgrade");
}

tl::expected<std::string, Response> accept(const Request& head) {
  const Fields& fields = head.headers;
  if (fields.get("sec-websocket-version") != "13") {
    Response refusal = problem(426, "websocket_version", "of WebSocket, version 13 is spoken");
    refusal.headers.add("Upgrade", "websocket");
    refusal.headers.add("Sec-WebSocket-Version", "13");
    return tl::unexpected(std::move(refusal));
  }
  const std::string_view key = fields.get("sec-websocket-key");
  if (fields.count("sec-websocket-key") != 1 || key.size() != kKeySize || !key.ends_with("==")) {
    return tl::unexpected(
        problem(400, "bad_websocket_key", "a WebSocket begins with one Sec-WebSocket-Key"));
  }
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Accept: " +
         accept_key(key) + "\r\n\r\n";
}

void append_text(std::string& out, std::string_view text) {
  append_frame(out, WSLAY_TEXT_FRAME, text);
}

std::string ping() {
  std::string frame;
  append_frame(frame, WSLAY_PING, {});
  return frame;
}

std::string close(CloseCode code) {
  const auto number = static_cast<uint16_t>(code);
  const std::array<char, 2> payload{static_cast<char>(number >> 8), static_cast<char>(number)};
  std::string frame;
  append_frame(frame, WSLAY_CONNECTION_CLOSE, {payload.data(), payload.size()});
  return frame;
}

/// wslay reads through callbacks, which find here what it is to read, and leave what it has read.
/// Messages are put together here: wslay would keep room for each piece of them.
struct Reader::Parser {
  explicit Parser(size_t most) : longest(most) {
    const wslay_event_callbacks callbacks{.recv_callback = &read,
                                          .send_callback = &send,
                                          .genmask_callback = nullptr,
                                          .on_frame_recv_start_callback = &begin_frame,
                                          .on_frame_recv_chunk_callback = &take_piece,
                                          .on_frame_recv_end_callback = &end_frame,
                                          .on_msg_recv_callback = &end_message};
    SPECD_ASSERT(wslay_event_context_server_init(&context, &callbacks, this) == 0);
    wslay_event_config_set_no_buffering(context, 1);
    wslay_event_config_set_max_recv_msg_length(context, longest);  // of a frame
  }
  ~Parser() { wslay_event_context_free(context); }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  static Parser& of(void* data) { return *static_cast<Parser*>(data); }
  static ssize_t read(wslay_event_context_ptr, uint8_t* to, size_t most, int, void* data) {
    std::string_view& input = of(data).input;
    const size_t size = std::min(most, input.size());
    if (size == 0) {
      wslay_event_set_error(of(data).context, WSLAY_ERR_WOULDBLOCK);
      return -1;
    }
    std::memcpy(to, input.data(), size);
    input.remove_prefix(size);
    return static_cast<ssize_t>(size);
  }
  static ssize_t send(wslay_event_context_ptr, const uint8_t* bytes, size_t size, int, void* data) {
    of(data).heard.answer.append(reinterpret_cast<const char*>(bytes), size);
    return static_cast<ssize_t>(size);
  }
  static void begin_frame(wslay_event_context_ptr, const wslay_event_on_frame_recv_start_arg* frame,
                          void* data) {
    const uint64_t size = frame->payload_length;
    constexpr uint64_t kHead = 2, kMask = 4;
    of(data).frames += kHead + kMask + (size < 126 ? 0u : size <= UINT16_MAX ? 2u : 8u) + size;
    of(data).is_in_frame = true;
    of(data).is_control = wslay_is_ctrl_frame(frame->opcode);
    if (!of(data).is_control) of(data).is_in_message = frame->fin == 0;
  }
  static void take_piece(wslay_event_context_ptr context,
                         const wslay_event_on_frame_recv_chunk_arg* piece, void* data) {
    if (of(data).is_control) return;
    std::string& message = of(data).message;
    if (message.size() + piece->data_length > of(data).longest) {
      (void)wslay_event_queue_close(context, WSLAY_CODE_MESSAGE_TOO_BIG, nullptr, 0);
      return wslay_event_shutdown_read(context);
    }
    message.append(reinterpret_cast<const char*>(piece->data), piece->data_length);
  }
  static void end_frame(wslay_event_context_ptr, void* data) { of(data).is_in_frame = false; }
  static void end_message(wslay_event_context_ptr context, const wslay_event_on_msg_recv_arg* end,
                          void* data) {
    if (of(data).is_control || wslay_event_get_read_enabled(context) == 0) return;
    std::string message = std::exchange(of(data).message, {});
    if (end->opcode == WSLAY_TEXT_FRAME) of(data).heard.messages.push_back(std::move(message));
  }
  /// Whether all that came was whole messages.
  [[nodiscard]] bool is_between_messages() const {
    return !is_in_frame && !is_in_message && taken == frames;
  }

  wslay_event_context_ptr context = nullptr;
  const size_t longest;
  std::string_view input;
  std::string message;  // as far as it has come
  Heard heard;
  uint64_t taken = 0;   // bytes
  uint64_t frames = 0;  // bytes of those that have begun
  bool is_in_frame = false;
  bool is_control = false;  // the latest frame
  bool is_in_message = false;
};

Reader::Reader(size_t longest) : longest_(longest) {}

Reader::~Reader() = default;

Reader::Reader(Reader&&) noexcept = default;

Reader::Heard Reader::take(std::string_view bytes) {
  if (parser_ == nullptr) parser_ = std::make_unique<Parser>(longest_);
  parser_->input = bytes;
  parser_->taken += bytes.size();
  const bool is_read = wslay_event_recv(parser_->context) == 0;
  const bool is_answered = wslay_event_send(parser_->context) == 0;
  Heard heard = std::exchange(parser_->heard, {});
  heard.is_over = !is_read || !is_answered || wslay_event_get_read_enabled(parser_->context) == 0;
  if (parser_->is_between_messages()) parser_.reset();
  return heard;
}

}  // namespace specd::net::websocket
