#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/auth.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/result.h"
#include "net/front_desk.h"
#include "realtime/listeners.h"
#include "store/store.h"
#include "sync/engine.h"
#include "sync/verify.h"

namespace specd::api {

/// How changes of a project's files are noticed.
struct Watching {
  bool is_polled = false;      ///< no part of it is watched by the kernel
  size_t polled_subtrees = 0;  ///< that could not be watched
};

/// How the watcher does, over all projects.
struct WatcherStats {
  uint64_t overflows = 0;    ///< of the kernel's queue, since the start
  uint64_t restarts = 0;     ///< since the start
  size_t waiting_files = 0;  ///< that are being written, and are told when they hold still
};

/// What is checked out in the git working tree of a project.
struct GitHead {
  std::string branch;    ///< empty: none, but a commit by itself
  std::string commit;    ///< of a detached HEAD
  std::string worktree;  ///< name of a linked one
};

/// What a person may change about a project; what is not named stays.
struct ProjectChange {
  std::optional<std::string> root;  ///< where its folder is now; absolute
  std::optional<bool> is_paused;
  std::optional<bool> is_read_only;
  bool is_forced = false;  ///< also where something would be lost
};

/// How a program ended that was run.
struct ToolEnd {
  int exit_code = 0;
  std::string out;
  std::string err;
};
using ToolDone = std::function<void(Result<ToolEnd>)>;

/// What the owner lends the API. Called on workers, several at a time, unless it says otherwise;
/// none may wait for the sync thread. A `done` may be called on any thread, at once or later.
struct Services {
  std::string version;  ///< of the program
  WallTime started_at;
  const Clock* clock = &system_clock();
  std::string url;       ///< where people find the daemon: "http://127.0.0.1:4400/"
  Auth* auth = nullptr;  ///< who may come in; null: everybody may
  /// Ends the event streams of a caller.
  std::function<void(net::Caller)> end_streams;

  std::function<sync::EngineStatus()> status;
  /// Whether every project has been looked at.
  std::function<bool()> is_ready;
  std::function<Watching(ProjectId)> watching;
  std::function<net::FrontDeskStats()> desk;
  std::function<size_t()> subscribers;
  /// Who listens to events; `done` is called on the loop.
  std::function<void(std::function<void(const realtime::ListenerStats&)> done)> listeners;
  /// A request of a client of Socket.IO; `done` is called on the loop, when there is an answer.
  std::function<void(net::Request, std::function<void(net::Response)> done)> socket_io;
  std::function<WatcherStats()> watcher;
  /// Since when something is to be indexed; none: nothing is.
  std::function<std::optional<SteadyTime>()> search_behind_since;
  std::function<store::FileSizes()> file_sizes;

  std::function<Result<std::unique_ptr<store::Reader>>()> open_reader;
  /// Looks at the file and pulls it if it is not as the database has it, so that nobody reads stale
  /// text; then `done`, whatever came of it.
  std::function<void(const store::Project&, const std::string& path, std::function<void()> done)>
      before_read;
  /// Brings what is on disk into the database; then `done`, with what could not be.
  std::function<void(std::vector<ProjectId>, SteadyTime deadline,
                     std::function<void(std::vector<std::string>)> done)>
      sync_now;
  /// The same for places alone; `not_found` if no project has its own (Engine::sync_paths).
  std::function<void(std::vector<sync::ProjectPath>, SteadyTime deadline,
                     std::function<void(Result<std::vector<std::string>>)> done)>
      sync_paths;
  /// Edits files of one spec (ProjectSync::edit).
  std::function<void(ProjectId, sync::EditRequest, SteadyTime deadline,
                     sync::ProjectSync::EditDone done)>
      edit;
  /// Makes a spec (ProjectSync::create).
  std::function<void(ProjectId, sync::NewSpecRequest, SteadyTime deadline, sync::NewSpecDone done)>
      create;
  /// Brings a deleted spec back (ProjectSync::restore).
  std::function<void(ProjectId, sync::RevivalRequest, SteadyTime deadline, sync::NewSpecDone done)>
      restore;
  /// Runs the openspec CLI in a project's root; `not_found` where there is none.
  std::function<void(const std::string& root, const std::vector<std::string>& arguments,
                     ToolDone done)>
      openspec;
  /// Ends a conflict (ProjectSync::resolve).
  std::function<void(ProjectId, sync::ResolutionRequest, SteadyTime deadline,
                     sync::ResolutionDone done)>
      resolve;
  /// Sets status, priority, assignee, tags of a spec (ProjectSync::set_fields).
  std::function<void(ProjectId, sync::FieldsRequest, SteadyTime deadline, sync::FieldsDone done)>
      set_fields;
  /// Says what is to become of what the guard holds (Engine::decide_held).
  std::function<void(ProjectId, sync::Engine::Decision, const std::string& actor,
                     std::function<void(Result<sync::ProjectSync::Decided>)> done)>
      decide_held;
  /// Gives an agent work, and takes it back (sync::Claims).
  std::function<void(sync::ClaimOrder, SteadyTime deadline, sync::ClaimDone done)> claim;
  std::function<void(sync::EndOrder, SteadyTime deadline, sync::ClaimDone done)> end_claim;
  spec::Workflows workflows;  ///< as configured
  /// SHA-256 of what POST /api/revalidate must bring; none: nobody may.
  std::optional<Digest> revalidation_secret;
  std::function<void(const std::string& root, const std::string& slug,
                     std::function<void(Result<store::Project>)> done)>
      add_project;
  std::function<void(ProjectId, const ProjectChange&,
                     std::function<void(Result<store::Project>)> done)>
      change_project;
  /// `is_forced` as in ProjectChange.
  std::function<void(ProjectId, bool is_forced, std::function<void(Result<>)> done)> remove_project;
  /// None: the folder is in no repository.
  std::function<std::optional<GitHead>(const std::string& root)> git_head;
  /// Takes as long as it takes to read everything.
  std::function<Result<sync::VerifyReport>(const store::Project&)> verify;
  /// Runs a job on a worker; false when that cannot be.
  std::function<bool(std::function<void()>)> on_worker;
};

}  // namespace specd::api
