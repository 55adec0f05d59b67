#include "bench/support/saving.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <string_view>
#include <thread>

#include "base/fd.h"
#include "bench/support/floor.h"
#include "bench/support/tree.h"

namespace specd::bench {
namespace {

/// Two ends of a connection over loopback.
struct Connection {
  Fd server;
  Fd client;
};

Connection connect_over_tcp() {
  const Fd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener.get(), generic, length) != 0 || ::listen(listener.get(), 1) != 0 ||
      ::getsockname(listener.get(), generic, &length) != 0)
    die("cannot listen");
  Connection connection;
  connection.client = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(connection.client.get(), generic, length) != 0) die("cannot connect");
  connection.server = Fd(::accept(listener.get(), nullptr, nullptr));
  const int on = 1;
  ::setsockopt(connection.server.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return connection;
}

/// The next event of a file that is not an editor's copy.
void wait_for_event(int instance) {
  alignas(inotify_event) std::array<char, 4096> events{};
  for (;;) {
    const ssize_t got = ::read(instance, events.data(), events.size());
    if (got <= 0) die("inotify");
    for (ssize_t at = 0; at < got;) {
      const auto* event = reinterpret_cast<const inotify_event*>(events.data() + at);
      if (!std::string_view(event->name).ends_with('~')) return;
      at += static_cast<ssize_t>(sizeof *event + event->len);
    }
  }
}

}  // namespace

Stopwatch save(const std::string& path, const std::string& text, Save how) {
  const std::string written = how == Save::in_place ? path : path + "~";
  const int fd = ::open(written.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0 || ::write(fd, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    die("cannot write " + written);
  if (how == Save::by_renaming) ::close(fd);
  const Stopwatch ending;
  if (how == Save::in_place) {
    ::close(fd);
  } else {
    std::filesystem::rename(written, path);
  }
  return ending;
}

std::string save_text(int number) {
  return "# Tasks\n\n- [ ] 1.1 Save number " + std::to_string(number) + "\n" +
         std::string(3'000, 'x') + "\n";
}

void pause_between_saves() {
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
}

std::vector<double> floor_of_saving(const Workspace& work, int saves, Save how,
                                    const Telling& telling) {
  static int number = 0;
  const std::string folder = work.at("floor-" + std::to_string(++number));
  std::filesystem::create_directories(folder);
  const std::string path = folder + "/tasks.md";
  const Fd instance(::inotify_init1(IN_CLOEXEC));
  if (::inotify_add_watch(instance.get(), folder.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO) < 0)
    die("no inotify");
  FloorDatabase database(folder + ".db");
  std::thread loop([&] {
    for (int i = 0; i < saves; ++i) {
      wait_for_event(instance.get());
      database.begin();
      database.put(path, read_file(path));
      database.commit();
      telling.tell();
    }
  });
  std::vector<double> found;
  for (int i = 0; i < saves; ++i) {
    const Stopwatch watch = save(path, save_text(i), how);
    found.push_back(telling.heard(watch));
    pause_between_saves();
  }
  loop.join();
  return found;
}

std::vector<double> floor_of_saving(const Workspace& work, int saves, Save how, Teller teller) {
  if (teller == Teller::in_process) {
    std::atomic<int> committed = 0;
    return floor_of_saving(work, saves, how,
                           {.tell =
                                [&] {
                                  ++committed;
                                  committed.notify_all();
                                },
                            .heard =
                                [&, heard = 0](const Stopwatch& watch) mutable {
                                  for (int seen = committed; seen <= heard; seen = committed)
                                    committed.wait(seen);
                                  ++heard;
                                  return watch.ms();
                                }});
  }
  const Connection connection = connect_over_tcp();
  return floor_of_saving(work, saves, how,
                         {.tell =
                              [&] {
                                if (::send(connection.server.get(), "!", 1, 0) != 1)
                                  die("cannot send");
                              },
                          .heard =
                              [&](const Stopwatch& watch) {
                                char told = 0;
                                if (::recv(connection.client.get(), &told, 1, 0) != 1)
                                  die("cannot receive");
                                return watch.ms();
                              }});
}

}  // namespace specd::bench
