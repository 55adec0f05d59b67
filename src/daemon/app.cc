#include "daemon/app.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "api/events.h"
#include "api/routes.h"
#include "base/log.h"
#include "daemon/access.h"
#include "daemon/roots.h"
#include "daemon/sd_notify.h"
#include "daemon/serving.h"

namespace specd::daemon {

void say(const Error& error) {
  std::fprintf(stderr, "specd: %s\n", error.message.c_str());
}

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
      desk_->loop(),
      api::event_feed([this] { return keeper_->open_reader(); }, keeper_->recent_events()),
      realtime::BroadcasterOptions{.max_sessions = static_cast<size_t>(config.max_listeners),
                                   .heartbeat = std::chrono::seconds(config.heartbeat_seconds)});
  socket_io_ = std::make_unique<realtime::SocketIo>(
      desk_->loop(), api::socket_io_opener(*broadcaster_), random_,
      realtime::SocketIoOptions{.heartbeat = std::chrono::seconds(config.heartbeat_seconds),
                                .max_sessions = 2 * static_cast<size_t>(config.max_listeners)});
  openspec_ = std::make_unique<OpenSpecTool>(config.openspec);
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

// Folders that a person named must all be kept; the current one only if nothing else is there to
// keep; those of the configuration when they are there. The last refusal is the error, others are
// said.
Result<> App::pass_over(const std::vector<Error>& refused) {
  if (refused.empty()) return {};
  const NamedBy named_by = options_.roots_named_by;
  const bool has_projects = !keeper_->engine().status().projects.empty();
  if (named_by == NamedBy::person || (named_by == NamedBy::nobody && !has_projects)) {
    std::for_each(refused.begin(), refused.end() - 1, say);
    return tl::unexpected(refused.back());
  }
  for (const Error& error : refused) {
    if (named_by == NamedBy::configuration) {
      log::warn("project-not-kept",
                {{"configured", told_by(options_.config, "projects")}, {"because", error.message}});
    } else {
      log::info("current-folder-not-kept", {{"because", error.message}});
    }
  }
  return {};
}

Result<> App::take_up() {
  auto refused = keeper_->take_up(options_.roots);
  if (!refused) return tl::unexpected(refused.error());
  refused->insert(refused->begin(), options_.unusable.begin(), options_.unusable.end());
  if (options_.roots_named_by == NamedBy::configuration) keeper_->await(not_kept());
  return pass_over(*refused);
}

// Folders of the configuration that are no projects yet, or of none.
std::vector<std::string> App::not_kept() const {
  std::vector<std::string> folders = options_.config.projects;
  const auto kept = keeper_->engine().status().projects;
  std::erase_if(folders, [&](const std::string& folder) {
    const std::string root = find_root(folder).value_or(absent_root(folder));
    return std::ranges::any_of(kept, [&](const auto& project) { return project.root == root; });
  });
  return folders;
}

Result<> App::start(bool is_first_life) {
  is_first_life_ = is_first_life;
  // Nothing is promised before it is known that all can be kept.
  if (auto kept = take_up(); !kept) return kept;
  desk_->start({.admit =
                    [this](const net::Request& request) {
                      return auth_ ? auth_->admit(request) : net::Admission{};
                    },
                .serve =
                    [this](net::Request request, net::FrontDesk::Reply reply) {
                      routes_.serve(std::move(request), std::move(reply));
                    },
                .streaming = api::streaming,
                .open_stream =
                    [this](const net::Request& request, std::shared_ptr<net::Stream> stream) {
                      return api::open_stream(*broadcaster_, *socket_io_, request,
                                              std::move(stream));
                    }});
  if (auto left = write_address(options_.places, address_); !left) {
    log::warn("address-not-left", {{"error", left.error().message}});
  }
  keeper_->start();
  return {};
}

void App::stop() {
  remove_address(options_.places, getpid());
  desk_->loop().post([this] { socket_io_->stop(); });
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

}  // namespace specd::daemon
