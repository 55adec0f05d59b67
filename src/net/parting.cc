#include "net/parting.h"

#include <chrono>
#include <string>

namespace specd::net {
namespace {

constexpr size_t kScrap = 4096;
constexpr std::chrono::milliseconds kLinger{2'000};
constexpr std::chrono::milliseconds kShortLinger{100};

}  // namespace

boost::asio::awaitable<void> Parting::refuse(Wire& from, const Response& response) {
  const std::string bytes = last_words(response);
  answers_.count(bytes);
  from.expires_after(kLinger);
  bool goes_on = co_await from.send(bytes);
  if (goes_on) co_await from.end_sending();
  for (std::string scrap; goes_on && !is_hurried_; scrap.clear()) {
    goes_on = co_await from.receive(scrap, kScrap);
  }
}

boost::asio::awaitable<void> Parting::from(Wire& wire) {
  if (wire.is_late()) co_return;
  wire.expires_after(is_hurried_ ? kShortLinger : kLinger);
  co_await wire.end_sending();
}

}  // namespace specd::net
