#include "bench/support/crowd.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>
#include <utility>

#include "base/descriptors.h"
#include "bench/support/bench.h"

namespace specd::bench {
namespace {

constexpr uint64_t kEnd = UINT64_MAX;
constexpr size_t kBufferSize = 256 << 10;
/// As many may wait to be accepted; more would lose their first packet, and a second.
constexpr size_t kAtOnce = 256;
constexpr size_t kFromOneAddress = 1'000;
constexpr double kPatienceMs = 30'000;

constexpr std::string_view kPing("\x89\x00", 2);
constexpr std::string_view kPong("\x8A\x80\0\0\0\0", 6);  // masked with zeros

void watch(const Fd& poll, int fd, uint64_t number) {
  epoll_event event{.events = EPOLLIN, .data = {.u64 = number}};
  if (::epoll_ctl(poll.get(), EPOLL_CTL_ADD, fd, &event) != 0) die("epoll");
}

void say(const Fd& to, std::string_view bytes) {
  if (::send(to.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(bytes.size()))
    die("a client cannot send");
}

}  // namespace

void make_room_for(size_t connections) {
  const size_t wanted = connections + 200;
  if (raise_descriptor_limit(wanted) < wanted) die("raise ulimit -Hn");
}

Fd connect_from_many(uint16_t port, size_t number, int receive_buffer) {
  Fd connection(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(connection.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  // The port is chosen when the other end is known: it need be free for that one only.
  ::setsockopt(connection.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  if (receive_buffer != 0) {
    ::setsockopt(connection.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr =
      htonl(INADDR_LOOPBACK + 0x100 + static_cast<uint32_t>(number / kFromOneAddress));
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(connection.get(), generic, sizeof address) != 0) die("cannot bind");
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (::connect(connection.get(), generic, sizeof address) != 0) die("cannot connect");
  return connection;
}

std::string first_words(const Crowd::Options& options) {
  if (options.protocol == Crowd::Protocol::bytes) return {};
  const bool is_websocket = options.protocol == Crowd::Protocol::websocket;
  return "GET /api/v1/" + std::string(is_websocket ? "ws" : "events") + options.query +
         " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(options.port) +
         "\r\nAuthorization: Bearer " + options.token + "\r\n" +
         (is_websocket
              ? "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
              : "Accept: text/event-stream\r\n\r\n");
}

Crowd::Crowd(Options options, Hear hear)
    : options_(std::move(options)),
      hear_(std::move(hear)),
      poll_(::epoll_create1(EPOLL_CLOEXEC)),
      end_(::eventfd(0, EFD_CLOEXEC)),
      sockets_(options_.size),
      is_open_(options_.size, options_.protocol == Protocol::bytes),
      buffer_(kBufferSize) {
  watch(poll_, end_.get(), kEnd);
  thread_ = std::thread([this] { run(); });
  const bool is_greeted = options_.protocol != Protocol::bytes;
  for (size_t client = 0; client < options_.size; ++client) {
    connect(client);
    if (is_greeted && client % kAtOnce == 0) wait_for(open_count_, client + 1);
  }
  if (is_greeted) wait_for(open_count_, options_.size);
}

Crowd::~Crowd() {
  const uint64_t one = 1;
  if (::write(end_.get(), &one, sizeof one) < 0) die("cannot end");
  thread_.join();
}

void Crowd::connect(size_t client) {
  sockets_[client] = connect_from_many(options_.port, client);
  if (const std::string words = first_words(options_); !words.empty()) say(sockets_[client], words);
  watch(poll_, sockets_[client].get(), client);
}

void Crowd::wait_for(const std::atomic<size_t>& count, size_t wanted) const {
  const Stopwatch watch;
  while (count < wanted) {
    if (watch.ms() > kPatienceMs) die("not all of the clients were admitted");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void Crowd::run() {
  std::array<epoll_event, 256> events{};
  for (;;) {
    const int count = ::epoll_wait(poll_.get(), events.data(), events.size(), -1);
    for (int i = 0; i < count; ++i) {
      const uint64_t client = events[static_cast<size_t>(i)].data.u64;
      if (client == kEnd) return;
      receive(client);
    }
  }
}

void Crowd::receive(size_t client) {
  const ssize_t got = ::recv(sockets_[client].get(), buffer_.data(), buffer_.size(), 0);
  if (got <= 0) die("the connection of client " + std::to_string(client) + " has ended");
  const std::string_view bytes(buffer_.data(), static_cast<size_t>(got));
  if (!is_open_[client]) {
    open(bytes);
    is_open_[client] = true;
    ++open_count_;
  }
  // It is the end of what a heartbeat says, and never in two pieces: those are small.
  if (bytes.ends_with(kPing)) say(sockets_[client], kPong);
  hear_(client, bytes);
}

void Crowd::open(std::string_view bytes) const {
  const bool is_websocket = options_.protocol == Protocol::websocket;
  if (!bytes.starts_with(is_websocket ? "HTTP/1.1 101 " : "HTTP/1.1 200 "))
    die("a client was refused: " + std::string(bytes.substr(0, 300)));
}

}  // namespace specd::bench
