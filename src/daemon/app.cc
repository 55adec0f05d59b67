#include "daemon/app.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <optional>

#include "api/auth.h"
#include "api/events.h"
#include "api/readers.h"
#include "api/routes.h"
#include "api/services.h"
#include "base/log.h"
#include "base/rng.h"
#include "daemon/access.h"
#include "daemon/git_head.h"
#include "daemon/keeper.h"
#include "daemon/places.h"
#include "daemon/roots.h"
#include "daemon/sd_notify.h"
#include "daemon/serving.h"
#include "daemon/signals.h"
#include "daemon/watchdog.h"
#include "net/front_desk.h"
#include "net/http_app.h"
#include "realtime/broadcaster.h"

namespace specd::daemon {
namespace {

// How long the service manager waits for the next sign of a first scan.
constexpr std::chrono::seconds kPatience{90};
constexpr const char* kTooBusy = "the daemon is stopping, or has too much to do: try again";

void say(const Error& error) {
  std::fprintf(stderr, "specd: %s\n", error.message.c_str());
}

/// One life of the daemon with one database: everything is made, wired, and taken down again. Main
/// thread.
class App {
 public:
  App(AppOptions options, Wakeups& wakeups) : options_(std::move(options)), wakeups_(wakeups) {}

  /// Everything but the serving. Nothing is left behind where it fails.
  Result<> open();
  /// The port in use, for the next life.
  [[nodiscard]] uint16_t port() const { return desk_->port(); }
  /// Begins; an error if the folders that were asked for cannot be kept.
  Result<> start(bool is_first_life);
  void stop();
  [[nodiscard]] bool is_ready() const { return is_ready_; }
  [[nodiscard]] bool is_database_replaced() const { return is_database_replaced_; }
  /// Those who must not stand still.
  [[nodiscard]] std::vector<Watched> watched();
  /// Nobody knows what was missed.
  void look_everywhere();

 private:
  Keeper::Events events();
  api::Services services();
  Result<> open_desk();
  Result<> open_access();
  void print_link();
  Result<> pass_over(const std::vector<Error>& refused);

  const AppOptions options_;  ///< its own: a reload makes others while it still runs
  Wakeups& wakeups_;
  std::atomic<SteadyTime> last_sign_of_desk_ = system_clock().steady();
  std::atomic<bool> is_ready_ = false;
  std::atomic<bool> is_database_replaced_ = false;
  bool is_first_life_ = true;

  // Who answers requests outlives who holds them: the engine has those that wait for it to its very
  // end, and the desk, first to go, waits for handlers that are still at work.
  SystemRandom random_;
  net::App routes_;
  api::Services services_;
  std::unique_ptr<Keeper> keeper_;
  std::unique_ptr<api::Readers> readers_;
  std::unique_ptr<api::Searches> searches_;
  std::unique_ptr<api::Auth> auth_;  ///< null: everybody may come in
  std::unique_ptr<realtime::Broadcaster> broadcaster_;
  std::unique_ptr<net::FrontDesk> desk_;
  Address address_;  ///< where that is
};

Keeper::Events App::events() {
  Keeper::Events events;
  events.committed = [this] { broadcaster_->notify(); };
  events.ready = [this] {
    is_ready_ = true;
    if (options_.is_terminal) std::fputs("\r\033[K", stderr);
    notify_ready("serving " + address_.url);
    if (!is_first_life_) return;
    std::printf("ready %s\n", address_.url.c_str());
    std::fflush(stdout);
    print_link();
  };
  events.progress = [this](size_t done, size_t of) {
    const std::string what = "reading specs: " + std::to_string(done) + " of " + std::to_string(of);
    if (options_.is_terminal) std::fputs(("\r" + what).c_str(), stderr);
    if (!is_ready_) notify_starting(what, kPatience);
  };
  events.database_replaced = [this] {
    is_database_replaced_ = true;
    wakeups_.poke();
  };
  return events;
}

// Whoever reads it can read everything: never into a log.
void App::print_link() {
  if (!options_.is_terminal || !auth_) return;
  std::fprintf(stderr, "for a browser, once, within five minutes: %sopen?code=%s\n",
               public_url(address_, options_.config).c_str(), auth_->make_code().c_str());
}

sync::Engine::Losses losses(bool is_forced) {
  return is_forced ? sync::Engine::Losses::accepted : sync::Engine::Losses::refused;
}

// One after the other, until one cannot be.
Result<store::Project> changed(sync::Engine& engine, ProjectId id,
                               const api::ProjectChange& change) {
  Result<store::Project> project = fail(Code::invalid, "nothing to change");
  if (change.root) {
    project = engine.relink_project(id, *change.root, losses(change.is_forced));
    if (!project) return project;
  }
  if (change.is_read_only) {
    using Writing = sync::Engine::Writing;
    project = engine.set_writing(id, *change.is_read_only ? Writing::forbidden : Writing::allowed);
    if (!project) return project;
  }
  if (change.is_paused)
    project = *change.is_paused ? engine.pause_project(id) : engine.resume_project(id);
  return project;
}

api::Services App::services() {
  api::Services services;
  services.version = SPECD_VERSION;
  services.started_at = system_clock().wall();
  services.url = public_url(address_, options_.config);
  services.auth = auth_.get();
  services.end_streams = [this](net::Caller caller) { desk_->end_streams(caller); };
  services.status = [this] { return keeper_->engine().status(); };
  services.is_ready = [this] { return is_ready_.load(); };
  services.watching = [this](ProjectId project) {
    const watch::Coverage coverage = keeper_->watcher().coverage(project);
    return api::Watching{coverage.is_polled, coverage.unwatched.size()};
  };
  services.desk = [this] { return desk_->stats(); };
  services.subscribers = [this] { return broadcaster_->sessions(); };
  services.listeners = [this](auto done) {
    desk_->loop().post([this, done = std::move(done)] { done(broadcaster_->stats()); });
  };
  services.watcher = [this] {
    const watch::Counters counters = keeper_->watcher().counters();
    return api::WatcherStats{counters.overflows, counters.restarts, counters.waiting_files};
  };
  services.search_behind_since = [this] { return keeper_->search().behind_since(); };
  services.file_sizes = [this] { return store::file_sizes(keeper_->state_folder()); };
  services.open_reader = [this] { return keeper_->open_reader(); };
  services.on_worker = [this](std::function<void()> job) {
    return desk_->post_to_worker(std::move(job));
  };
  services.before_read = [this](const store::Project& project, const std::string& path,
                                const std::function<void()>& done) {
    const auto look = [id = project.id, path, done](sync::Engine& engine) {
      engine.refresh(id, path);
      done();
    };
    // During the first scan the answer would have to wait for it; then the row is as good as any.
    if (!is_ready_ || !keeper_->engine().post(look)) done();
  };
  services.sync_now = [this](std::vector<ProjectId> projects, SteadyTime deadline,
                             const std::function<void(std::vector<std::string>)>& done) {
    const auto sync = [projects = std::move(projects), deadline, done](sync::Engine& engine) {
      engine.sync_now(projects, deadline, done);
    };
    if (!keeper_->engine().post(sync)) done({kTooBusy});
  };
  services.sync_paths = [this](std::vector<sync::ProjectPath> places, SteadyTime deadline,
                               const std::function<void(Result<std::vector<std::string>>)>& done) {
    const auto sync = [places = std::move(places), deadline, done](sync::Engine& engine) {
      engine.sync_paths(places, deadline, done);
    };
    if (!keeper_->engine().post(sync)) done(fail(Code::busy, kTooBusy));
  };
  if (const std::string& secret = options_.config.revalidation_secret; !secret.empty())
    services.revalidation_secret = sha256(secret);
  services.add_project = [this](const std::string& folder, const std::string& slug,
                                const std::function<void(Result<store::Project>)>& done) {
    // One project for one folder, by whatever name it is called.
    auto root = settle_root(folder, options_.places);
    if (!root) return done(tl::unexpected(root.error()));
    if (!slug.empty() && slug != slug_of(slug))
      return done(fail(Code::invalid, "a slug is made of a-z, 0-9 and single hyphens"));
    const auto add = [root = *root, slug, done](sync::Engine& engine) {
      done(slug.empty() ? engine.add_project(root, slug_of(root))
                        : engine.add_project(root, slug, sync::Engine::SlugFrom::person));
    };
    if (!keeper_->engine().post(add)) done(fail(Code::busy, kTooBusy));
  };
  services.change_project = [this](ProjectId id, const api::ProjectChange& change,
                                   const std::function<void(Result<store::Project>)>& done) {
    api::ProjectChange settled = change;
    if (change.root) {
      auto root = settle_root(*change.root, options_.places);
      if (!root) return done(tl::unexpected(root.error()));
      settled.root = std::move(*root);
    }
    const auto apply = [id, settled, done](sync::Engine& engine) {
      done(changed(engine, id, settled));
    };
    if (!keeper_->engine().post(apply)) done(fail(Code::busy, kTooBusy));
  };
  services.remove_project = [this](ProjectId id, bool is_forced,
                                   const std::function<void(Result<>)>& done) {
    const auto remove = [id, losses = losses(is_forced), done](sync::Engine& engine) {
      done(engine.remove_project(id, losses));
    };
    if (!keeper_->engine().post(remove)) done(fail(Code::busy, kTooBusy));
  };
  services.git_head = [](const std::string& root) -> std::optional<api::GitHead> {
    auto head = read_git_head(root);
    if (!head) return std::nullopt;
    return api::GitHead{std::move(head->branch), std::move(head->commit),
                        std::move(head->worktree)};
  };
  services.verify = [this](const store::Project& project) { return keeper_->verify(project); };
  return services;
}

Result<> App::open_access() {
  if (!options_.config.is_auth) return {};
  const auto token = read_or_make_token(token_path(options_.places), random_);
  if (!token) return tl::unexpected(token.error());
  const Digest digest = sha256(*token);
  const std::string path = sessions_path(options_.places);
  auto sessions = read_sessions(path, digest);
  if (!sessions) log::warn("sessions-lost", {{"because", sessions.error().message}});
  address_.token_file = token_path(options_.places);
  auth_ = std::make_unique<api::Auth>(
      api::Auth::Options{
          .token = digest, .port = desk_->port(), .is_secure = is_reached_by_tls(options_.config)},
      std::move(sessions).value_or(std::vector<api::Session>()),
      [path, digest](const std::vector<api::Session>& all) {
        return write_sessions(path, digest, all);
      },
      system_clock(), random_);
  return {};
}

Result<> App::open() {
  const Config& config = options_.config;
  log::set_level(config.log_level);
  auto keeper = Keeper::open({.state_folder = options_.places.state,
                              .runtime_folder = options_.places.runtime,
                              .always_poll = config.always_poll,
                              .sync = config.sync},
                             events());
  if (!keeper) return tl::unexpected(keeper.error());
  keeper_ = std::move(*keeper);
  auto opened = open_desk();
  if (opened) opened = open_access();
  if (!opened) {
    keeper_->stop();  // it has marked its database as in use
    return opened;
  }
  readers_ = std::make_unique<api::Readers>([this] { return keeper_->open_reader(); });
  searches_ = std::make_unique<api::Searches>([this] { return keeper_->open_search(); });
  broadcaster_ = std::make_unique<realtime::Broadcaster>(
      desk_->loop(), api::event_feed([this] { return keeper_->open_reader(); }),
      realtime::BroadcasterOptions{.max_sessions = static_cast<size_t>(config.max_listeners),
                                   .heartbeat = std::chrono::seconds(config.heartbeat_seconds)});
  services_ = services();
  api::add_routes(routes_, services_, *readers_, *searches_);
  return {};
}

Result<> App::open_desk() {
  const auto wanted = desk_options(options_.config);
  if (!wanted) return tl::unexpected(wanted.error());
  auto desk = net::FrontDesk::open(*wanted);
  if (!desk) {
    Error error = desk.error();
    if (error.os == EADDRINUSE) error.message += "; choose another with --listen HOST:PORT";
    return tl::unexpected(std::move(error));
  }
  desk_ = std::move(*desk);
  address_ = address_of(*wanted, desk_->port(), options_.config);
  address_.state = options_.places.state;
  return {};
}

// A folder that was named must be kept; the current one only if nothing else is there to keep. The
// last refusal is the error, others are said.
Result<> App::pass_over(const std::vector<Error>& refused) {
  if (refused.empty()) return {};
  const bool has_projects = !keeper_->engine().status().projects.empty();
  if (!options_.is_default_root || !has_projects) {
    std::for_each(refused.begin(), refused.end() - 1, say);
    return tl::unexpected(refused.back());
  }
  for (const Error& error : refused)
    log::info("current-folder-not-kept", {{"because", error.message}});
  return {};
}

Result<> App::start(bool is_first_life) {
  is_first_life_ = is_first_life;
  // Nothing is promised before it is known that all can be kept.
  if (auto kept = pass_over(keeper_->take_up(options_.roots)); !kept) return kept;
  desk_->start({.admit =
                    [this](const net::Request& request) {
                      return auth_ ? auth_->admit(request) : net::Admission{};
                    },
                .serve =
                    [this](net::Request request, net::FrontDesk::Reply reply) {
                      routes_.serve(std::move(request), std::move(reply));
                    },
                .is_stream = api::is_event_stream,
                .open_stream =
                    [this](const net::Request& request, std::shared_ptr<net::Stream> stream) {
                      return api::open_event_stream(*broadcaster_, request, std::move(stream));
                    }});
  if (auto left = write_address(options_.places, address_); !left) {
    log::warn("address-not-left", {{"error", left.error().message}});
  }
  keeper_->start();
  return {};
}

void App::stop() {
  remove_address(options_.places, getpid());
  desk_->stop();
  keeper_->stop();
}

std::vector<Watched> App::watched() {
  sync::Engine& engine = keeper_->engine();
  return {{"sync", [&engine] { (void)engine.post([](sync::Engine&) {}); },
           [&engine] { return engine.last_sign(); }},
          {"desk",
           [this] { desk_->loop().post([this] { last_sign_of_desk_ = system_clock().steady(); }); },
           [this] { return last_sign_of_desk_.load(); }}};
}

void App::look_everywhere() {
  (void)keeper_->engine().post([](sync::Engine& engine) { engine.look_everywhere(); });
}

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
    if (!app.is_ready()) notify_starting("reading specs", kPatience);
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
