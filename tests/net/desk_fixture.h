#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "base/mutex.h"
#include "net/front_desk.h"
#include "net/http_app.h"
#include "net/websocket.h"
#include "tests/net/raw_client.h"

namespace specd::net {

/// A front desk with a few routes and streams, on a port of its own.
class DeskTest : public testing::Test {
 protected:
  DeskTest() {
    app_.get("/hello",
             [](const Request&, const Responder& respond) { respond({.body = "hello"}); });
    app_.post("/echo", [](const Request& request, const Responder& respond) {
      respond({.body = request.body});
    });
    app_.get("/later", [this](const Request&, Responder responder) {
      MutexLock lock(mutex_);
      parked_.push_back(std::move(responder));
    });
    app_.get("/files/{path...}", [](const Request& request, const Responder& respond) {
      respond({.body = std::string(request.params.get("path"))});
    });
    app_.get("/big", [](const Request&, const Responder& respond) {
      respond({.body = std::string(size_t{8} << 20, 'x')});
    });
  }

  void open(FrontDeskOptions options = {}) {
    auto desk = FrontDesk::open(options);
    ASSERT_TRUE(desk) << desk.error().message;
    desk_ = std::move(*desk);
    desk_->start({.admit = admit_,
                  .serve =
                      [this](Request request, FrontDesk::Reply reply) {
                        app_.serve(std::move(request), std::move(reply));
                      },
                  .streaming =
                      [](const Request& request) {
                        if (request.target == "/events") return Streaming::events;
                        return websocket::is_upgrade(request) ? Streaming::websocket
                                                              : Streaming::no;
                      },
                  .open_stream =
                      [this](const Request&, std::shared_ptr<Stream> stream) {
                        return take(std::move(stream));
                      }});
  }

  /// On the loop, and waits for it.
  void on_loop(const std::function<void()>& task) {
    std::atomic<bool> is_done = false;
    desk_->loop().post([&] {
      task();
      is_done = true;
    });
    ASSERT_TRUE(test::comes_true([&] { return is_done.load(); }));
  }
  [[nodiscard]] size_t parked() {
    MutexLock lock(mutex_);
    return parked_.size();
  }
  test::RawClient client() { return test::RawClient(desk_->port()); }

  App app_;
  Mutex mutex_;
  std::vector<Responder> parked_ SPECD_GUARDED_BY(mutex_);

  // on the loop
  std::vector<std::shared_ptr<Stream>> streams_;
  size_t drained_ = 0;
  std::atomic<size_t> closed_ = 0;
  std::vector<std::string> heard_;
  std::optional<Response> refusal_;
  std::function<Admission(const Request&)> admit_;

  std::unique_ptr<FrontDesk> desk_;  // first to go

 private:
  std::optional<Response> take(std::shared_ptr<Stream> stream) {
    if (refusal_) return refusal_;
    stream->on({.drained = [this] { ++drained_; },
                .closed = [this] { ++closed_; },
                .message = [this](std::string text) { heard_.push_back(std::move(text)); }});
    EXPECT_TRUE(stream->write(": welcome\n\n"));
    streams_.push_back(std::move(stream));
    return std::nullopt;
  }
};

}  // namespace specd::net
