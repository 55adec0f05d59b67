#pragma once

#include <gmock/gmock.h>

#include <atomic>
#include <functional>
#include <optional>

#include "api/auth.h"
#include "api/events.h"
#include "api/routes.h"
#include "base/json.h"
#include "net/front_desk.h"
#include "tests/fake/fake_clock.h"
#include "tests/net/raw_client.h"
#include "tests/store/store_fixture.h"

namespace specd::api {

/// The whole API over real sockets and a real database. Sync is played by the test.
class ApiTest : public store::StoreTest {
 protected:
  struct SyncCall {
    std::vector<ProjectId> projects;
    std::function<void(std::vector<std::string>)> done;
  };

  enum class Locks { open, shut };

  explicit ApiTest(Locks locks = Locks::open) {
    services_.version = "1.2.3";
    services_.started_at = store::kNow;
    services_.status = [this] { return status_; };
    services_.is_ready = [this] { return is_ready_.load(); };
    services_.watching = [](ProjectId) { return Watching{.polled_subtrees = 7}; };
    services_.desk = [this] { return desk_->stats(); };
    services_.subscribers = [this] { return broadcaster_->sessions(); };
    services_.listeners = [this](auto done) {
      desk_->loop().post([this, done = std::move(done)] { done(broadcaster_->stats()); });
    };
    services_.watcher = [this] { return watcher_; };
    services_.search_behind_since = [this] { return behind_since_; };
    services_.file_sizes = [this] { return store::file_sizes(folder()); };
    services_.open_reader = [this] { return store::Reader::open(folder()); };
    services_.before_read = [this](const store::Project& project, const std::string& path,
                                   std::function<void()> done) {
      if (before_read_) before_read_(project, path);
      done();
    };
    services_.sync_now = [this](std::vector<ProjectId> projects, SteadyTime,
                                std::function<void(std::vector<std::string>)> done) {
      MutexLock lock(mutex_);
      sync_calls_.push_back({std::move(projects), std::move(done)});
    };
    services_.add_project = [this](const std::string& root, const std::string& slug,
                                   const std::function<void(Result<store::Project>)>& done) {
      done(add_project_(root, slug));
    };
    services_.change_project = [this](ProjectId id, const ProjectChange& change,
                                      const std::function<void(Result<store::Project>)>& done) {
      EXPECT_EQ(id, project_);
      done(change_project_(change));
    };
    services_.decide_held =
        [this](ProjectId id, sync::Engine::Decision decision, const std::string& actor,
               const std::function<void(Result<sync::ProjectSync::Decided>)>& done) {
          EXPECT_EQ(id, project_);
          done(decide_held_(decision, actor));
        };
    services_.remove_project = [this](ProjectId id, bool is_forced,
                                      const std::function<void(Result<>)>& done) {
      EXPECT_EQ(id, project_);
      done(remove_project_(is_forced));
    };
    services_.git_head = [](const std::string& root) -> std::optional<GitHead> {
      if (root != "/roots/alpha") return std::nullopt;
      return GitHead{.branch = "main", .commit = "", .worktree = "second"};
    };
    services_.verify = [this](const store::Project& project) { return verify_(project); };
    services_.on_worker = [this](std::function<void()> job) {
      return desk_->post_to_worker(std::move(job));
    };
    auto desk = net::FrontDesk::open({.workers = 2});
    desk_ = store::must(std::move(desk));
    services_.url = "http://127.0.0.1:" + std::to_string(desk_->port()) + "/";
    services_.end_streams = [this](net::Caller caller) { desk_->end_streams(caller); };
    if (locks == Locks::shut) {
      auth_ = std::make_unique<Auth>(
          Auth::Options{.token = sha256(kToken), .port = desk_->port()}, std::vector<Session>(),
          [](const std::vector<Session>&) -> Result<> { return {}; }, clock_, random_);
    }
    services_.auth = auth_.get();
    broadcaster_ = std::make_unique<realtime::Broadcaster>(
        desk_->loop(), event_feed(services_.open_reader, store_->recent_events()),
        realtime::BroadcasterOptions{});
    socket_io_ = std::make_unique<realtime::SocketIo>(
        desk_->loop(), socket_io_opener(*broadcaster_), random_, realtime::SocketIoOptions{});
    services_.socket_io = [this](net::Request request, std::function<void(net::Response)> done) {
      desk_->loop().post([this, request = std::move(request), done = std::move(done)] {
        socket_io_->serve(request, done);
      });
    };
    add_routes(app_, services_, readers_, searches_);
    desk_->start({.admit =
                      [this](const net::Request& request) {
                        return auth_ ? auth_->admit(request) : net::Admission{};
                      },
                  .serve =
                      [this](net::Request request, net::FrontDesk::Reply reply) {
                        app_.serve(std::move(request), std::move(reply));
                      },
                  .streaming = streaming,
                  .open_stream =
                      [this](const net::Request& request, std::shared_ptr<net::Stream> stream) {
                        return open_stream(*broadcaster_, *socket_io_, request, std::move(stream));
                      }});
  }
  ~ApiTest() override {
    desk_->loop().post([this] { socket_io_->stop(); });
    desk_->stop();
  }

  test::RawClient client() { return test::RawClient(desk_->port()); }
  test::RawResponse get(const std::string& target, const std::string& fields = "") {
    return client().get(target, fields);
  }
  test::RawResponse post(const std::string& target, const std::string& body) {
    return client().post(target, body);
  }
  /// The one scalar that a path of names and numbers leads to: "specs/0/title".
  static std::string at(const std::string& json, const std::string& where) {
    const auto parsed = json::parse(json);
    if (!parsed) return "no JSON: " + json;
    const Value* value = &*parsed;
    for (size_t start = 0; value != nullptr;) {
      const size_t slash = where.find('/', start);
      const std::string step = where.substr(start, slash - start);
      if (value->kind == Value::Kind::list) {
        const size_t i = std::stoul(step);
        value = i < value->items.size() ? &value->items[i] : nullptr;
      } else {
        value = value->find(step);
      }
      if (slash == std::string::npos) break;
      start = slash + 1;
    }
    if (value == nullptr) return "nothing at " + where;
    return value->kind == Value::Kind::null ? "null" : value->text;
  }
  static void expect_problem(const test::RawResponse& answer, int status, const std::string& code) {
    EXPECT_EQ(answer.status, status) << answer.head << answer.body;
    EXPECT_EQ(answer.headers.at("Content-Type"), "application/problem+json");
    EXPECT_EQ(answer.headers.contains("Retry-After"), status == 503);
    EXPECT_EQ(at(answer.body, "code"), code);
    EXPECT_EQ(at(answer.body, "status"), std::to_string(status));
    EXPECT_NE(at(answer.body, "detail"), "");
  }
  [[nodiscard]] size_t sync_calls() {
    MutexLock lock(mutex_);
    return sync_calls_.size();
  }
  /// The next call of sync_now, once it has come.
  SyncCall sync_call() {
    EXPECT_TRUE(test::comes_true([&] { return sync_calls() > 0; }));
    MutexLock lock(mutex_);
    SyncCall call = std::move(sync_calls_.front());
    sync_calls_.erase(sync_calls_.begin());
    return call;
  }
  /// Commits an event and tells the broadcaster, as sync does.
  void commit_event(const std::string& type, const std::string& payload = "{}") {
    writing([&] {
      store::must(tables().events.append({.type = type,
                                          .project = project_,
                                          .spec = key("a"),
                                          .origin = "disk",
                                          .payload = payload,
                                          .at = store::kNow}));
    });
    broadcaster_->notify();
  }

  static constexpr const char* kToken = "the-token-of-these-tests";

  FakeClock clock_;
  SeededRandom random_{1};
  std::unique_ptr<Auth> auth_;  ///< of a test with shut locks
  sync::EngineStatus status_;
  WatcherStats watcher_;
  std::optional<SteadyTime> behind_since_;
  std::atomic<bool> is_ready_ = false;
  std::function<void(const store::Project&, const std::string&)> before_read_;
  std::function<Result<store::Project>(const std::string&, const std::string&)> add_project_;
  std::function<Result<store::Project>(const ProjectChange&)> change_project_;
  std::function<Result<>(bool is_forced)> remove_project_;
  std::function<Result<sync::ProjectSync::Decided>(sync::Engine::Decision,
                                                   const std::string& actor)>
      decide_held_;
  std::function<Result<sync::VerifyReport>(const store::Project&)> verify_;
  Mutex mutex_;
  std::vector<SyncCall> sync_calls_ SPECD_GUARDED_BY(mutex_);

  Services services_;
  Readers readers_{[this] { return store::Reader::open(folder()); }};
  Searches searches_{[this] { return store::SearchReader::open(folder()); }};
  net::App app_;
  std::unique_ptr<realtime::Broadcaster> broadcaster_;
  std::unique_ptr<realtime::SocketIo> socket_io_;
  std::unique_ptr<net::FrontDesk> desk_;
};

}  // namespace specd::api
