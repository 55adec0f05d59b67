// How many small reads a second go over 256 connections, each with its next request when the last
// one is answered; the client is on the same machine, and takes its share of it. Floor: a server
// that does not look at the requests.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "bench/support/bare_server.h"
#include "bench/support/bench.h"
#include "bench/support/daemon.h"
#include "bench/support/tree.h"
#include "tests/net/raw_client.h"

namespace {

using namespace specd::bench;
using specd::Fd;

constexpr size_t kConnections = 256;

class Client {
 public:
  Client(uint16_t port, const std::string& token, const std::string& target, size_t answer_bytes)
      : request_("GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
                 "\r\nAuthorization: Bearer " + token + "\r\n\r\n"),
        answer_bytes_(answer_bytes) {
    for (size_t i = 0; i < kConnections; ++i) {
      Connection& connection = connections_.emplace_back();
      connection.fd = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_port = htons(port);
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      const int on = 1;
      ::setsockopt(connection.fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      if (::connect(connection.fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) !=
          0)
        die("cannot connect");
      epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
      if (::epoll_ctl(poll_.get(), EPOLL_CTL_ADD, connection.fd.get(), &event) != 0) die("epoll");
    }
  }

  /// Answers a second, over so many seconds.
  double run(double seconds) {
    for (const Connection& connection : connections_) ask(connection);
    size_t answers = 0;
    const Stopwatch watch;
    std::array<epoll_event, 64> events{};
    while (watch.ms() < seconds * 1e3) {
      const int count = ::epoll_wait(poll_.get(), events.data(), events.size(), 1000);
      if (count <= 0) die("no answer");
      for (int i = 0; i < count; ++i) {
        Connection& connection = connections_[events[static_cast<size_t>(i)].data.u64];
        connection.got += receive(connection);
        if (connection.got < answer_bytes_) continue;
        if (connection.got != answer_bytes_) die("an answer of another length");
        connection.got = 0;
        ++answers;
        ask(connection);
      }
    }
    return static_cast<double>(answers) / (watch.ms() / 1e3);
  }

 private:
  struct Connection {
    Fd fd;
    size_t got = 0;
  };
  void ask(const Connection& connection) const {
    if (::send(connection.fd.get(), request_.data(), request_.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request_.size()))
      die("cannot send");
  }
  static size_t receive(const Connection& connection) {
    static std::array<char, 65536> bytes;
    const ssize_t got = ::recv(connection.fd.get(), bytes.data(), bytes.size(), 0);
    if (got <= 0) die("a connection has ended");
    return static_cast<size_t>(got);
  }

  const std::string request_;
  const size_t answer_bytes_;
  Fd poll_{::epoll_create1(EPOLL_CLOEXEC)};
  std::vector<Connection> connections_;
};

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments = specd::bench::arguments(argc, argv);
  const Workspace work;
  const std::string root = work.at("project");
  const Tree tree = make_openspec_tree(root, {.active = 50, .archived = 50, .capabilities = 10});
  const Daemon daemon(root, {});
  const std::string file = tree.one_active("tasks.md");
  const std::string folder = file.substr(0, file.rfind('/'));
  const std::string target =
      "/api/v1/projects/project/specs/" + folder.substr(folder.rfind('/') + 1);
  specd::test::RawClient one = daemon.client();
  const auto answer = one.get(target);
  if (answer.status != 200) die(answer.head);
  const double seconds = arguments.quick ? 0.5 : 3;
  const int runs = arguments.quick ? 1 : 3;
  std::vector<double> ours, floor;
  for (int i = 0; i < runs; ++i) {
    ours.push_back(
        Client(daemon.port(), daemon.token(), target, answer.head.size() + answer.body.size())
            .run(seconds));
    const BareServer bare(answer.body.size());
    specd::test::RawClient bare_one(bare.port());
    const size_t bare_bytes = bare_one.get("/").head.size() + answer.body.size();
    floor.push_back(Client(bare.port(), daemon.token(), "/", bare_bytes).run(seconds));
  }
  report("requests", quantile(ours, 0.5), quantile(floor, 0.5), "/s");
  daemon.expect_in_step(tree.files.size());
}
