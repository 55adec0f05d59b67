#include "daemon/app.h"
#include "daemon/git_head.h"
#include "daemon/roots.h"
#include "daemon/serving.h"

// What the API is lent: everything of this daemon, as callbacks.
namespace specd::daemon {
namespace {

constexpr const char* kTooBusy = "the daemon is stopping, or has too much to do: try again";

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

}  // namespace

api::Services App::services() {
  api::Services services;
  services.version = SPECD_VERSION;
  services.started_at = system_clock().wall();
  services.url = public_url(address_, options_.config);
  services.auth = auth_.get();
  services.end_streams = [this](net::Caller caller) {
    desk_->end_streams(caller);
    desk_->loop().post([this, caller] { socket_io_->end(caller); });
  };
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
  services.socket_io = [this](net::Request request, std::function<void(net::Response)> done) {
    desk_->loop().post([this, request = std::move(request), done = std::move(done)] {
      socket_io_->serve(request, done);
    });
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
  services.edit = [this](ProjectId id, sync::EditRequest request, SteadyTime deadline,
                         const sync::ProjectSync::EditDone& done) {
    const auto edit = [id, request = std::move(request), deadline, done](sync::Engine& engine) {
      engine.edit(id, request, deadline, done);
    };
    if (!keeper_->engine().post(edit)) done(fail(Code::busy, kTooBusy));
  };
  services.create = [this](ProjectId id, sync::NewSpecRequest request, SteadyTime deadline,
                           const sync::NewSpecDone& done) {
    const auto create = [id, request = std::move(request), deadline, done](sync::Engine& engine) {
      engine.create(id, request, deadline, done);
    };
    if (!keeper_->engine().post(create)) done(fail(Code::busy, kTooBusy));
  };
  services.restore = [this](ProjectId id, sync::RevivalRequest request, SteadyTime deadline,
                            const sync::NewSpecDone& done) {
    const auto restore = [id, request = std::move(request), deadline, done](sync::Engine& engine) {
      engine.restore(id, request, deadline, done);
    };
    if (!keeper_->engine().post(restore)) done(fail(Code::busy, kTooBusy));
  };
  services.openspec = [this](const std::string& root, const std::vector<std::string>& arguments,
                             const api::ToolDone& done) { openspec_->run(root, arguments, done); };
  services.resolve = [this](ProjectId id, sync::ResolutionRequest request, SteadyTime deadline,
                            const sync::ResolutionDone& done) {
    const auto resolve = [id, request = std::move(request), deadline, done](sync::Engine& engine) {
      engine.resolve(id, request, deadline, done);
    };
    if (!keeper_->engine().post(resolve)) done(fail(Code::busy, kTooBusy));
  };
  services.set_fields = [this](ProjectId id, sync::FieldsRequest request, SteadyTime deadline,
                               const sync::FieldsDone& done) {
    const auto set = [id, request = std::move(request), deadline, done](sync::Engine& engine) {
      engine.set_fields(id, request, deadline, done);
    };
    if (!keeper_->engine().post(set)) done(fail(Code::busy, kTooBusy));
  };
  services.decide_held =
      [this](ProjectId id, sync::Engine::Decision decision, const std::string& actor,
             const std::function<void(Result<sync::ProjectSync::Decided>)>& done) {
        const auto decide = [id, decision, actor, done](sync::Engine& engine) {
          done(engine.decide_held(id, decision, actor));
        };
        if (!keeper_->engine().post(decide)) done(fail(Code::busy, kTooBusy));
      };
  services.workflows = options_.config.sync.workflows;
  services.claim = [this](sync::ClaimOrder order, SteadyTime deadline,
                          const sync::ClaimDone& done) {
    const auto claim = [order = std::move(order), deadline, done](sync::Engine& engine) {
      engine.claims().claim(order, deadline, done);
    };
    if (!keeper_->engine().post(claim)) done(fail(Code::busy, kTooBusy));
  };
  services.end_claim = [this](sync::EndOrder order, SteadyTime deadline,
                              const sync::ClaimDone& done) {
    const auto end = [order = std::move(order), deadline, done](sync::Engine& engine) {
      engine.claims().end(order, deadline, done);
    };
    if (!keeper_->engine().post(end)) done(fail(Code::busy, kTooBusy));
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
      using SlugFrom = sync::Engine::SlugFrom;
      done(engine.add_project(root, slug.empty() ? slug_of(root) : slug,
                              slug.empty() ? SlugFrom::folder : SlugFrom::person,
                              store::Trigger::manual));
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

}  // namespace specd::daemon
