#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <utility>

#include "base/mutex.h"
#include "net/loop.h"

// The loop of the front desk, for the files of this folder that know Asio.
namespace specd::net {

/// The way onto the loop for other threads, valid for ever: shut, it drops what is put in.
class Mailbox {
 public:
  explicit Mailbox(boost::asio::io_context& io) : io_(&io) {}
  void post(std::function<void()> task) SPECD_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    if (io_ != nullptr) boost::asio::post(*io_, std::move(task));
  }
  void shut() SPECD_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    io_ = nullptr;
  }

 private:
  Mutex mutex_;
  boost::asio::io_context* io_ SPECD_GUARDED_BY(mutex_);
};

class LoopTimer final : public Loop::Timer {
 public:
  LoopTimer(boost::asio::io_context& io, std::chrono::milliseconds delay,
            std::function<void()> task)
      : timer_(io, delay) {
    timer_.async_wait(
        [task = std::move(task), alive = std::weak_ptr(alive_)](boost::system::error_code ec) {
          if (!ec && !alive.expired()) task();
        });
  }

 private:
  boost::asio::steady_timer timer_;
  const std::shared_ptr<char> alive_ = std::make_shared<char>();
};

class IoLoop final : public Loop {
 public:
  explicit IoLoop(boost::asio::io_context& io) : io_(io), mailbox_(std::make_shared<Mailbox>(io)) {}
  void post(std::function<void()> task) override { mailbox_->post(std::move(task)); }
  [[nodiscard]] SteadyTime now() const override { return system_clock().steady(); }
  std::unique_ptr<Timer> after(std::chrono::milliseconds delay,
                               std::function<void()> task) override {
    return std::make_unique<LoopTimer>(io_, delay, std::move(task));
  }
  [[nodiscard]] const std::shared_ptr<Mailbox>& mailbox() const { return mailbox_; }

 private:
  boost::asio::io_context& io_;
  const std::shared_ptr<Mailbox> mailbox_;
};

}  // namespace specd::net
