#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/auth.h"
#include "api/readers.h"
#include "api/services.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/rng.h"
#include "daemon/config.h"
#include "daemon/keeper.h"
#include "daemon/openspec_tool.h"
#include "daemon/places.h"
#include "daemon/signals.h"
#include "daemon/watchdog.h"
#include "net/front_desk.h"
#include "net/http_app.h"
#include "realtime/broadcaster.h"
#include "realtime/socket_io.h"

namespace specd::daemon {

/// Who named the folders to keep, and so what follows where one cannot be kept.
enum class NamedBy {
  person,         ///< on the command line: nothing starts
  configuration,  ///< the rest is served, and the log says so: its disk may be back later
  nobody,         ///< it is the current one: nothing starts, if there is no other project
};

/// What `specd run` was asked for, made whole.
struct AppOptions {
  Config config;
  std::vector<std::string> roots;  ///< absolute folders to register
  NamedBy roots_named_by = NamedBy::nobody;
  std::vector<Error> unusable;  ///< why configured folders are not among these
  Places places;                ///< `state` is where the database is
  bool is_terminal = false;     ///< stderr is one: show how the first scan goes
};

/// To stderr, for people.
void say(const Error& error);

/// One life of the daemon with one database: everything is made, wired, and taken down again. Main
/// thread.
class App {
 public:
  /// How long the service manager waits for the next sign of a first scan.
  static constexpr std::chrono::seconds kPatience{90};

  App(AppOptions options, Wakeups& wakeups) : options_(std::move(options)), wakeups_(wakeups) {}

  /// Everything but the serving. Nothing is left behind where it fails.
  [[nodiscard]] Result<> open();
  /// The port in use, for the next life.
  [[nodiscard]] uint16_t port() const { return desk_->port(); }
  /// Begins; an error if the folders that were asked for cannot be kept.
  [[nodiscard]] Result<> start(bool is_first_life);
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
  Result<> take_up();
  Result<> pass_over(const std::vector<Error>& refused);
  [[nodiscard]] std::vector<std::string> not_kept() const;

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
  std::unique_ptr<realtime::SocketIo> socket_io_;
  std::unique_ptr<net::FrontDesk> desk_;
  std::unique_ptr<OpenSpecTool> openspec_;  ///< answers to all of them
  Address address_;                         ///< where that is
};

}  // namespace specd::daemon
