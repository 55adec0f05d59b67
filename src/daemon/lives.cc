#include "daemon/lives.h"

#include <optional>
#include <utility>

#include "base/log.h"
#include "daemon/sd_notify.h"

namespace specd::daemon {
namespace {

// Until this life is to end; why.
Wake live(App& app, Wakeups& wakeups) {
  const auto limit = watchdog_limit();
  std::optional<Watchdog> watchdog;
  if (limit) watchdog.emplace(system_clock(), *limit, app.watched());
  for (;;) {
    const auto wait = watchdog ? std::optional(watchdog->interval()) : std::nullopt;
    const Wake wake = wakeups.wait(wait);
    switch (wake) {
      case Wake::end:
      case Wake::reload:
        return wake;
      case Wake::poked:
        if (app.is_database_replaced()) return wake;
        break;
      case Wake::clock_set:
        app.look_everywhere();
        break;
      case Wake::timeout:
        break;
    }
    if (watchdog && watchdog->tick()) notify_alive();
    if (!app.is_ready()) notify_starting("reading specs", App::kPatience);
  }
}

// Whoever meant to shut the door must hear whether it is still open.
void say_not_reloaded(const Error& error, const AppOptions& staying) {
  log::error("config-not-reloaded", {{"error", error.message},
                                     {"instead", "all stays as it was"},
                                     {"auth", staying.config.is_auth ? "true" : "false"}});
}

/// The lives of a daemon, one after the other: each ends when the database was replaced, or when
/// the configuration was. Main thread.
class Lives {
 public:
  Lives(AppOptions options, const ReadOptions& reload)
      : options_(std::move(options)), reload_(reload) {}

  int run() {
    for (;;) {
      App app(options_, wakeups_);
      if (!begin(app)) {
        // One that ran before may come up again; the first one said what is wrong with it.
        if (!before_) return is_first_ ? 2 : 1;
        options_ = *std::exchange(before_, std::nullopt);
        continue;
      }
      before_.reset();
      options_.config.port = app.port();
      is_first_ = false;
      const Wake wake = wait_for_end(app);
      wake == Wake::end ? notify_stopping() : notify_reloading();
      app.stop();
      if (wake == Wake::end) return 0;
    }
  }

 private:
  bool begin(App& app) {
    auto begun = app.open();
    if (begun) {
      begun = app.start(is_first_);
      if (begun) return true;
      app.stop();
    }
    if (before_) {
      say_not_reloaded(begun.error(), *before_);
    } else {
      say(begun.error());
    }
    return false;
  }

  // What cannot be taken up leaves everything as it is.
  Wake wait_for_end(App& app) {
    for (;;) {
      const Wake wake = live(app, wakeups_);
      if (wake == Wake::poked)
        log::warn("database-reopened", {{"because", "another file stood in its place"}});
      if (wake != Wake::reload) return wake;
      if (options_.is_terminal) return Wake::end;  // which was closed
      auto next = reload_();
      if (!next) {
        say_not_reloaded(next.error(), options_);
        continue;
      }
      log::info("config-reloaded", {});
      before_ = std::exchange(options_, std::move(*next));
      // Whoever was served on any free port stays where its clients are.
      if (options_.config.port == 0 && options_.config.host == before_->config.host)
        options_.config.port = before_->config.port;
      return wake;
    }
  }

  AppOptions options_;
  std::optional<AppOptions> before_;  ///< what a reload has replaced, until that has worked
  const ReadOptions& reload_;
  Wakeups wakeups_;
  bool is_first_ = true;
};

}  // namespace

int run_app(AppOptions options, const ReadOptions& reload) {
  return Lives(std::move(options), reload).run();
}

}  // namespace specd::daemon
