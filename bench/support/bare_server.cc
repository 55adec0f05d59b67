#include "bench/support/bare_server.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>
#include <map>
#include <thread>

#include "base/fd.h"
#include "bench/support/bench.h"

namespace specd::bench {

struct BareServer::Impl {
  std::string answer;
  Fd listener{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  Fd end{::eventfd(0, EFD_CLOEXEC)};
  Fd poll{::epoll_create1(EPOLL_CLOEXEC)};
  uint16_t port = 0;
  std::map<int, Fd> clients;
  std::thread thread;

  void watch(int fd) const {
    epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
    if (::epoll_ctl(poll.get(), EPOLL_CTL_ADD, fd, &event) != 0) die("epoll");
  }
  void admit() {
    Fd client(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!client) return;
    const int on = 1;
    ::setsockopt(client.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch(client.get());
    const int fd = client.get();
    clients.emplace(fd, std::move(client));
  }
  void serve(int fd) {
    std::array<char, 4096> request{};
    if (::recv(fd, request.data(), request.size(), 0) <= 0) {
      clients.erase(fd);
      return;
    }
    if (::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) clients.erase(fd);
  }
  void run() {
    std::array<epoll_event, 64> events{};
    for (;;) {
      const int count = ::epoll_wait(poll.get(), events.data(), events.size(), -1);
      for (int i = 0; i < count; ++i) {
        const int fd = events[static_cast<size_t>(i)].data.fd;
        if (fd == end.get()) return;
        if (fd == listener.get()) {
          admit();
        } else {
          serve(fd);
        }
      }
    }
  }
};

BareServer::BareServer(size_t body_bytes) : impl_(std::make_unique<Impl>()) {
  impl_->answer = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body_bytes) + "\r\n\r\n" +
                  std::string(body_bytes, 'x');
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* name = reinterpret_cast<sockaddr*>(&address);
  if (::bind(impl_->listener.get(), name, size) != 0 || ::listen(impl_->listener.get(), 512) != 0 ||
      ::getsockname(impl_->listener.get(), name, &size) != 0)
    die("cannot listen");
  impl_->port = ntohs(address.sin_port);
  impl_->watch(impl_->listener.get());
  impl_->watch(impl_->end.get());
  impl_->thread = std::thread([this] { impl_->run(); });
}

BareServer::~BareServer() {
  const uint64_t one = 1;
  if (::write(impl_->end.get(), &one, sizeof one) < 0) die("cannot end");
  impl_->thread.join();
}

uint16_t BareServer::port() const {
  return impl_->port;
}

}  // namespace specd::bench
