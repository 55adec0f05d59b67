#include "bench/support/bare_teller.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "bench/support/bench.h"

namespace specd::bench {

BareTeller::BareTeller() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* name = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_.get(), name, size) != 0 || ::listen(listener_.get(), SOMAXCONN) != 0 ||
      ::getsockname(listener_.get(), name, &size) != 0)
    die("cannot listen");
  port_ = ntohs(address.sin_port);
}

void BareTeller::admit(size_t clients) {
  while (clients_.size() < clients) {
    Fd& client = clients_.emplace_back(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!client) die("cannot accept");
    const int on = 1;
    ::setsockopt(client.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
}

void BareTeller::tell(std::string_view bytes) const {
  for (const Fd& client : clients_) {
    for (std::string_view left = bytes; !left.empty();) {
      const ssize_t sent = ::send(client.get(), left.data(), left.size(), MSG_NOSIGNAL);
      if (sent < 0) die("cannot send");
      left.remove_prefix(static_cast<size_t>(sent));
    }
  }
}

}  // namespace specd::bench
