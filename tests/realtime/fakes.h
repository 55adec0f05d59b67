#pragma once

#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "net/loop.h"
#include "net/stream.h"
#include "realtime/feed.h"

namespace specd::realtime {

/// A loop that a test turns by hand, with a time of its own.
class FakeLoop final : public net::Loop {
 public:
  void post(std::function<void()> task) override { tasks_.push_back(std::move(task)); }
  [[nodiscard]] SteadyTime now() const override { return SteadyTime(now_); }
  std::unique_ptr<Timer> after(std::chrono::milliseconds delay,
                               std::function<void()> task) override {
    return std::make_unique<FakeTimer>(*this, now_ + delay, std::move(task));
  }

  /// Everything that was posted, and what that posts in turn. How many tasks ran.
  int run() {
    int count = 0;
    for (; !tasks_.empty(); ++count) {
      const auto task = std::move(tasks_.front());
      tasks_.pop_front();
      task();
    }
    return count;
  }
  void advance(std::chrono::milliseconds by) {
    now_ += by;
    for (FakeTimer* due = next_due(); due != nullptr; due = next_due()) {
      const auto task = std::exchange(due->task, nullptr);
      task();
    }
    run();
  }
  [[nodiscard]] size_t timers() const { return timers_.size(); }

 private:
  struct FakeTimer final : Timer {
    FakeTimer(FakeLoop& l, std::chrono::milliseconds time, std::function<void()> t)
        : loop(l), at(time), task(std::move(t)) {
      loop.timers_.push_back(this);
    }
    ~FakeTimer() override { loop.timers_.remove(this); }
    FakeLoop& loop;
    const std::chrono::milliseconds at;
    std::function<void()> task;
  };
  FakeTimer* next_due() {
    for (FakeTimer* timer : timers_) {
      if (timer->task && timer->at <= now_) return timer;
    }
    return nullptr;
  }

  std::deque<std::function<void()>> tasks_;
  std::list<FakeTimer*> timers_;
  std::chrono::milliseconds now_ = std::chrono::hours(1);
};

/// A stream whose client takes what it has when the test says so.
class FakeStream final : public net::Stream {
 public:
  explicit FakeStream(size_t capacity = 1 << 20) : capacity_(capacity) {}

  bool write(std::string bytes) override {
    if (!queued_.empty() && queued_.size() + bytes.size() > capacity_) {
      was_refused_ = true;
      return false;
    }
    queued_ += bytes;
    largest_ = std::max(largest_, queued_.size());
    return true;
  }
  void close() override { is_closed_ = true; }
  void on(Events events) override { events_ = std::move(events); }
  [[nodiscard]] SteadyTime last_heard() const override { return last_heard_; }

  /// The client takes everything.
  std::string drain() {
    std::string taken = std::exchange(queued_, {});
    if (std::exchange(was_refused_, false)) events_.drained();
    return taken;
  }
  /// The client has given a sign at this time.
  void hear(SteadyTime now) { last_heard_ = now; }
  void say(const std::string& text) { events_.message(text); }
  [[nodiscard]] bool is_closed() const { return is_closed_; }
  /// The client is gone.
  void hang_up() { std::exchange(events_.closed, nullptr)(); }
  [[nodiscard]] size_t largest() const { return largest_; }

 private:
  const size_t capacity_;
  size_t largest_ = 0;
  std::string queued_;
  bool was_refused_ = false;
  bool is_closed_ = false;
  SteadyTime last_heard_{};
  Events events_;
};

/// Committed events, as the database would keep them.
class FakeOutbox {
 public:
  void commit(const std::string& key, const std::string& type = "spec.updated",
              const Value& payload = {.kind = Value::Kind::map}) {
    events_.push_back({.id = {epoch_, ++seq_},
                       .type = type,
                       .project = "alpha",
                       .key = key,
                       .origin = "disk",
                       .payload = payload});
  }
  void commit_many(int count) {
    for (int i = 0; i < count; ++i) commit("many-" + std::to_string(i));
  }
  void renew() {
    ++epoch_;
    events_.clear();
  }
  void trim(size_t count) {
    events_.erase(events_.begin(), events_.begin() + static_cast<ptrdiff_t>(count));
  }
  /// Keeps the latest so many, and the latest in any case.
  void trim_to(size_t count) {
    if (events_.size() > std::max<size_t>(count, 1))
      trim(events_.size() - std::max<size_t>(count, 1));
  }
  void break_down(bool is_broken) { is_broken_ = is_broken; }
  [[nodiscard]] int reads() const { return reads_; }
  [[nodiscard]] proto::EventId latest() const { return {epoch_, seq_}; }

  Feed feed() {
    return {.after = [this](proto::EventId cursor, int64_t limit) { return after(cursor, limit); },
            .latest = [this]() -> Result<proto::EventId> {
              if (is_broken_) return fail(Code::io, "broken");
              return latest();
            },
            .has_project = [](const std::string& slug) -> Result<bool> { return slug == "alpha"; }};
  }

 private:
  Result<Page> after(proto::EventId cursor, int64_t limit) {
    ++reads_;
    if (is_broken_) return fail(Code::io, "broken");
    Page page{.latest = latest()};
    const int64_t first = seq_ + 1 - static_cast<int64_t>(events_.size());
    page.resync = cursor.epoch != epoch_ || cursor.seq + 1 < first || cursor.seq > seq_;
    if (page.resync) return page;
    for (const proto::Event& event : events_) {
      if (event.id.seq > cursor.seq && static_cast<int64_t>(page.events.size()) < limit) {
        page.events.push_back(event);
      }
    }
    return page;
  }

  int64_t epoch_ = 7;
  int64_t seq_ = 0;
  std::vector<proto::Event> events_;
  bool is_broken_ = false;
  int reads_ = 0;
};

}  // namespace specd::realtime
