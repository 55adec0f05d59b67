#include "realtime/engine_session.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "net/websocket.h"

namespace specd::realtime {
namespace {

constexpr std::string_view kNamespace = "/specs";

std::string packet(std::string_view text) {
  return std::string(text) + kPacketEnd;
}

Value text(std::string_view of) {
  return {.kind = Value::Kind::scalar, .text = std::string(of), .quoted = true};
}

/// Takes the first packet from the front.
std::string_view take_packet(std::string_view& packets) {
  const size_t end = packets.find(kPacketEnd);
  const std::string_view first = packets.substr(0, end);
  packets.remove_prefix(end == std::string_view::npos ? packets.size() : end + 1);
  return first;
}

net::Response plain(std::string body) {
  return {.headers = {{"Content-Type", "text/plain; charset=UTF-8"}, {"Cache-Control", "no-store"}},
          .body = std::move(body)};
}

}  // namespace

EngineSession::EngineSession(net::Loop& loop, net::Request request, std::string id, Options options,
                             Open open, std::function<void()> ended)
    : loop_(loop),
      request_(std::move(request)),
      id_(std::move(id)),
      options_(options),
      open_(std::move(open)),
      ended_(std::move(ended)),
      last_heard_(loop.now()) {}

EngineSession::~EngineSession() = default;

void EngineSession::poll(Answer answer) {
  last_heard_ = loop_.now();
  if (socket_ != nullptr) return answer(plain("6"));  // it took over meanwhile
  // One at a time: another would never know what this one had.
  if (poll_) {
    answer(net::problem(400, "poll_overlap", "there is a poll of this session already"));
    return end();
  }
  poll_ = std::move(answer);
  // A client that has probed waits for its poll to end before it changes over, also where the probe
  // overtook that on the way here.
  const bool is_changing = probing_ != nullptr && is_probe_answered_;
  if (!queue_.empty() || is_closed_ || is_changing) answer_poll();
}

bool EngineSession::receive(std::string_view packets) {
  last_heard_ = loop_.now();
  const auto self = shared_from_this();
  while (!packets.empty() && !is_closed_) {
    if (!receive_packet(take_packet(packets))) return false;
  }
  return true;
}

/// Who takes no answers does without them.
bool EngineSession::receive_packet(std::string_view packet) {
  switch (packet.empty() ? '\0' : packet.front()) {
    case '1':
      end();
      return true;
    case '2':
      (void)write("3" + std::string(packet.substr(1)) + kPacketEnd);
      return true;
    case '3':
    case '6':
      return true;
    case '4':
      return receive_message(packet.substr(1));
    default:
      return false;
  }
}

/// TYPE [NAMESPACE ","] [ACK] [JSON]
bool EngineSession::receive_message(std::string_view packet) {
  if (packet.empty()) return false;
  const char type = packet.front();
  packet.remove_prefix(1);
  std::string_view name = "/";
  if (packet.starts_with('/')) {
    name = packet.substr(0, packet.find(','));
    packet.remove_prefix(std::min(name.size() + 1, packet.size()));
    name = name.substr(0, name.find('?'));
  }
  const std::string_view ack =
      packet.substr(0, std::min(packet.find_first_not_of("0123456789"), packet.size()));
  packet.remove_prefix(ack.size());
  if (type == '0' && name != kNamespace) {
    const std::string prefix = name == "/" ? "" : std::string(name) + ",";
    (void)write("44" + prefix + R"({"message":"Invalid namespace"})" + kPacketEnd);
    return true;
  }
  if (name != kNamespace) return false;
  if (type == '0') {
    if (is_connected_) return false;
    const auto wish = json::parse_untrusted(packet.empty() ? "{}" : packet);
    if (!wish) return false;
    connect(*wish);
    return true;
  }
  if (type == '1') {
    end();
    return true;
  }
  if (type == '3') return true;
  return type == '2' && is_connected_ && pass_on(packet, std::string(ack));
}

/// A client that was here before says how far it came, as `offset` (which the official one does by
/// itself), or as `since`.
void EngineSession::connect(const Value& wish) {
  is_connected_ = true;
  Value welcome{.kind = Value::Kind::map};
  welcome.entries.push_back({"sid", text(id_)});
  welcome.entries.push_back({"pid", text(id_ + "p")});
  welcome_ = packet("40" + std::string(kNamespace) + "," + json::dump(welcome));
  net::Request request = request_;
  for (const char* member : {"since", "offset"}) {
    const Value* said = wish.find(member);
    if (said == nullptr || !said->is_scalar() || said->text.empty()) continue;
    request.headers.add("last-event-id", said->text);
    break;
  }
  const auto refusal = open_(request, shared_from_this());
  if (!refusal) return;
  is_connected_ = false;
  welcome_.clear();
  const auto problem = json::parse(refusal->body).value_or(Value{});
  const Value* detail = problem.find("detail");
  Value error{.kind = Value::Kind::map};
  error.entries.push_back({"message", detail == nullptr ? text("refused") : *detail});
  error.entries.push_back({"data", problem});
  (void)write(packet("44" + std::string(kNamespace) + "," + json::dump(error)));
}

/// As what a client of a plain WebSocket would have said.
bool EngineSession::pass_on(std::string_view json, const std::string& ack) {
  auto said = json::parse_untrusted(json);
  if (!said || said->kind != Value::Kind::list || said->items.empty()) return false;
  Value message{.kind = Value::Kind::map};
  message.entries.push_back({"event", std::move(said->items[0])});
  if (!ack.empty()) {
    message.entries.push_back({"ref", {.kind = Value::Kind::scalar, .text = ack}});
  }
  if (said->items.size() > 1) message.entries.push_back({"data", std::move(said->items[1])});
  const auto hear = events_.message;  // which may close this
  if (hear) hear(json::dump(message));
  return true;
}

void EngineSession::attach(std::shared_ptr<net::Stream> socket, Attach how) {
  last_heard_ = loop_.now();
  const std::weak_ptr<EngineSession> weak = weak_from_this();
  socket->on({.drained =
                  [weak] {
                    if (const auto self = weak.lock()) self->tell_drained();
                  },
              .closed =
                  [weak, raw = socket.get()] {
                    const auto self = weak.lock();
                    if (!self) return;
                    if (self->probing_.get() == raw) self->probing_.reset();
                    if (self->socket_.get() != raw) return;
                    self->socket_.reset();
                    self->end();
                  },
              .message =
                  [weak, raw = socket.get()](const std::string& text) {
                    const auto self = weak.lock();
                    if (!self) return;
                    self->last_heard_ = self->loop_.now();
                    self->socket_.get() == raw ? self->hear_socket(text) : self->hear_probe(text);
                  }});
  if (how == Attach::takes_over) {
    if (probing_ != nullptr) probing_->close();
    probing_ = std::move(socket);
    is_probe_answered_ = false;
    return;
  }
  socket_ = std::move(socket);
  if (!queue_.empty()) (void)send_over_socket(std::exchange(queue_, {}));
}

void EngineSession::hear_socket(const std::string& text) {
  const auto self = shared_from_this();
  if (!receive_packet(text)) end();
}

/// The client asks whether packets get through, and takes over when they do. What is under way in a
/// poll goes out there first, so that nothing overtakes it.
void EngineSession::hear_probe(const std::string& text) {
  if (probing_ == nullptr || is_closed_) return;
  if (text == "2probe") {
    std::string frame;
    net::websocket::append_text(frame, "3probe");
    (void)probing_->write(std::move(frame));
    is_probe_answered_ = true;
    if (poll_) {
      queue_ += packet("6");
      answer_poll();
    }
  } else if (text == "5") {
    socket_ = std::exchange(probing_, nullptr);
    if (poll_) std::exchange(poll_, nullptr)(plain("6"));
    // A client that made so many probes that there is no room hears it when it comes back.
    if (!queue_.empty() && !send_over_socket(std::exchange(queue_, {}))) return end();
    tell_drained();
  } else {
    std::exchange(probing_, nullptr)->close();
  }
}

bool EngineSession::write(std::string packets) {
  if (is_closed_) return false;
  packets.insert(0, welcome_);
  const bool is_taken = socket_ != nullptr ? send_over_socket(packets) : put_into_queue(packets);
  if (!is_taken) {
    was_refused_ = true;  // until it is empty, whatever may find room meanwhile
    return false;
  }
  welcome_.clear();
  // Not within this call, since what answers may come back here.
  if (poll_) {
    loop_.post([weak = weak_from_this()] {
      const auto self = weak.lock();
      if (self && self->poll_ && !self->queue_.empty()) self->answer_poll();
    });
  }
  return true;
}

bool EngineSession::put_into_queue(std::string_view packets) {
  if (!queue_.empty() && queue_.size() + packets.size() > options_.queue) return false;
  queue_ += packets;
  return true;
}

bool EngineSession::send_over_socket(std::string_view packets) {
  std::string frames;
  while (!packets.empty()) net::websocket::append_text(frames, take_packet(packets));
  return socket_->write(std::move(frames));
}

void EngineSession::answer_poll() {
  std::string packets = std::exchange(queue_, {});
  if (packets.empty()) packets = packet("6");
  packets.pop_back();
  std::exchange(poll_, nullptr)(plain(std::move(packets)));
  tell_drained();
}

void EngineSession::tell_drained() {
  const auto drained = events_.drained;  // which may close this
  if (std::exchange(was_refused_, false) && drained) drained();
}

void EngineSession::close() {
  events_ = {};
  end();
}

void EngineSession::end() {
  if (std::exchange(is_closed_, true)) return;
  const auto self = shared_from_this();
  if (probing_ != nullptr) std::exchange(probing_, nullptr)->close();
  if (const auto socket = std::exchange(socket_, nullptr)) {
    (void)socket->write(net::websocket::close(net::websocket::CloseCode::normal));
    socket->close();
  }
  if (poll_) {
    queue_ += packet("1");
    answer_poll();
  }
  const auto closed = std::exchange(events_, {}).closed;
  if (closed) closed();
  ended_();
}

}  // namespace specd::realtime
