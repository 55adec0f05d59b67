#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "base/bell.h"
#include "base/mutex.h"
#include "net/loop.h"

// The loop of the front desk, for the files of this folder that know Asio.
namespace specd::net {

/// The way onto the loop for other threads, valid for ever: shut, it drops what is put in. It wakes
/// the loop with no lock held; asio::post does so within its own, which the loop then waits for.
class Mailbox {
 public:
  void post(std::function<void()> task) SPECD_EXCLUDES(mutex_) {
    {
      MutexLock lock(mutex_);
      if (is_shut_) return;
      tasks_.push_back(std::move(task));
      if (tasks_.size() > 1) return;  // it has been woken for another
    }
    bell_.ring();
  }
  void shut() SPECD_EXCLUDES(mutex_) {
    std::vector<std::function<void()>> dropped;  // which may want to post, when they go
    MutexLock lock(mutex_);
    is_shut_ = true;
    tasks_.swap(dropped);
  }
  /// What was put in until now.
  [[nodiscard]] std::vector<std::function<void()>> take() SPECD_EXCLUDES(mutex_) {
    bell_.clear();
    MutexLock lock(mutex_);
    return std::exchange(tasks_, {});
  }
  /// Readable while there is something to take.
  [[nodiscard]] int fd() const { return bell_.fd(); }

 private:
  const Bell bell_;
  Mutex mutex_;
  std::vector<std::function<void()>> tasks_ SPECD_GUARDED_BY(mutex_);
  bool is_shut_ SPECD_GUARDED_BY(mutex_) = false;
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
  explicit IoLoop(boost::asio::io_context& io) : io_(io), opened_(io, mailbox_->fd()) { wait(); }
  ~IoLoop() override { opened_.release(); }  // it is the mailbox's
  void post(std::function<void()> task) override { mailbox_->post(std::move(task)); }
  [[nodiscard]] SteadyTime now() const override { return system_clock().steady(); }
  std::unique_ptr<Timer> after(std::chrono::milliseconds delay,
                               std::function<void()> task) override {
    return std::make_unique<LoopTimer>(io_, delay, std::move(task));
  }
  [[nodiscard]] const std::shared_ptr<Mailbox>& mailbox() const { return mailbox_; }

 private:
  void wait() {
    opened_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                       [this](boost::system::error_code ec) {
                         if (ec) return;
                         for (const auto& task : mailbox_->take()) task();
                         wait();
                       });
  }

  boost::asio::io_context& io_;
  const std::shared_ptr<Mailbox> mailbox_ = std::make_shared<Mailbox>();
  boost::asio::posix::stream_descriptor opened_;
};

}  // namespace specd::net
