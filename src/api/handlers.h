#pragma once

#include "api/readers.h"
#include "api/services.h"
#include "base/result.h"
#include "net/message.h"
#include "net/responder.h"
#include "store/projects.h"

/// One function per route; routes.cc says which. Those that return answer at once, the others when
/// they know.
namespace specd::api {

/// What every handler has at hand.
struct Api {
  const Services& services;
  Readers& readers;
  Searches& searches;
};

// health.cc
[[nodiscard]] Result<net::Response> get_health(const Api& api, const net::Request& request);
[[nodiscard]] Result<net::Response> get_ready(const Api& api, const net::Request& request);
[[nodiscard]] Result<net::Response> get_status(const Api& api, const net::Request& request);

// projects.cc
[[nodiscard]] Result<net::Response> list_projects(const Api& api, const net::Request& request);
[[nodiscard]] Result<net::Response> get_project(const Api& api, const net::Request& request);
void add_project(const Api& api, const net::Request& request, net::Responder respond);
void patch_project(const Api& api, const net::Request& request, net::Responder respond);
void delete_project(const Api& api, const net::Request& request, net::Responder respond);
/// `not_found` where there is none of this slug.
[[nodiscard]] Result<store::Project> project_called(const store::Tables& tables,
                                                    std::string_view slug);
/// The one that the route's {slug} names.
[[nodiscard]] Result<store::Project> project_of(const Api& api, const net::Request& request);
/// That project, and a reader for all that a handler tells of it: as of one moment.
struct OpenProject {
  Readers::Lease lease;
  store::Reader::Snapshot snapshot;  ///< ends before the lease
  store::Project project;

  [[nodiscard]] const store::Tables& tables() const { return lease.tables(); }
};
[[nodiscard]] Result<OpenProject> open_project(const Api& api, const net::Request& request);

// held.cc
[[nodiscard]] Result<net::Response> get_held(const Api& api, const net::Request& request);
void post_held(const Api& api, const net::Request& request, net::Responder respond);

// spec_list.cc
/// Of one project, or of all.
[[nodiscard]] Result<net::Response> list_specs(const Api& api, const net::Request& request);

// specs.cc
[[nodiscard]] Result<net::Response> get_spec(const Api& api, const net::Request& request);

// tasks.cc
[[nodiscard]] Result<net::Response> list_tasks(const Api& api, const net::Request& request);

// versions.cc
[[nodiscard]] Result<net::Response> list_versions(const Api& api, const net::Request& request);
[[nodiscard]] Result<net::Response> get_version(const Api& api, const net::Request& request);

// conflicts.cc
[[nodiscard]] Result<net::Response> list_conflicts(const Api& api, const net::Request& request);
void get_conflict(const Api& api, const net::Request& request, net::Responder respond);

// resolutions.cc
void post_resolution(const Api& api, const net::Request& request, net::Responder respond);

// search.cc
[[nodiscard]] Result<net::Response> get_search(const Api& api, const net::Request& request);

// files.cc
void get_file(const Api& api, const net::Request& request, net::Responder respond);
void put_file(const Api& api, const net::Request& request, net::Responder respond);
void delete_file(const Api& api, const net::Request& request, net::Responder respond);
/// What the file contained before becomes its content again.
void post_restore(const Api& api, const net::Request& request, net::Responder respond);

/// Answers on a worker, once the file has been looked at on disk, so that nobody reads stale text.
void answer_after_look(const Api& api, const store::Project& project, const std::string& path,
                       net::Responder respond, std::function<Result<net::Response>()> tell);

// edits.cc
[[nodiscard]] Result<net::Response> get_edit(const Api& api, const net::Request& request);
void post_edit(const Api& api, const net::Request& request, net::Responder respond);

// spec_edits.cc
void patch_spec(const Api& api, const net::Request& request, net::Responder respond);
void patch_task(const Api& api, const net::Request& request, net::Responder respond);

// new_specs.cc
void post_spec(const Api& api, const net::Request& request, net::Responder respond);
void post_spec_restore(const Api& api, const net::Request& request, net::Responder respond);

// openspec.cc: by the openspec CLI.
void post_archive(const Api& api, const net::Request& request, net::Responder respond);
void post_validate(const Api& api, const net::Request& request, net::Responder respond);
void post_validate_all(const Api& api, const net::Request& request, net::Responder respond);

// history.cc
[[nodiscard]] Result<net::Response> list_history(const Api& api, const net::Request& request);

// sync.cc
void post_sync(const Api& api, const net::Request& request, net::Responder respond);
[[nodiscard]] Result<net::Response> post_verify(const Api& api, const net::Request& request);

// graph.cc
[[nodiscard]] Result<net::Response> get_graph(const Api& api, const net::Request& request);

// queue.cc: of one project, or of all where the route names none.
[[nodiscard]] Result<net::Response> get_queue(const Api& api, const net::Request& request);
[[nodiscard]] Result<net::Response> get_next(const Api& api, const net::Request& request);

// claims.cc
void post_claim(const Api& api, const net::Request& request, net::Responder respond);
void post_release(const Api& api, const net::Request& request, net::Responder respond);
void post_complete(const Api& api, const net::Request& request, net::Responder respond);

// metrics.cc: for Prometheus. What cannot be read just now is left out.
void get_metrics(const Api& api, const net::Request& request, net::Responder respond);

// realtime.cc
void get_realtime(const Api& api, const net::Request& request, net::Responder respond);
void serve_socket_io(const Api& api, const net::Request& request, net::Responder respond);

// revalidate.cc
void post_revalidate(const Api& api, const net::Request& request, net::Responder respond);

// pages.cc
[[nodiscard]] Result<net::Response> get_front_page(const Api& api, const net::Request& request);
[[nodiscard]] Result<net::Response> get_open(const Api& api, const net::Request& request);
[[nodiscard]] Result<net::Response> post_open(const Api& api, const net::Request& request);

// sessions.cc
[[nodiscard]] Result<net::Response> post_link(const Api& api, const net::Request& request);
[[nodiscard]] Result<net::Response> list_sessions(const Api& api, const net::Request& request);
[[nodiscard]] Result<net::Response> delete_session(const Api& api, const net::Request& request);
[[nodiscard]] Result<net::Response> delete_sessions(const Api& api, const net::Request& request);

// stats.cc
[[nodiscard]] Result<net::Response> get_stats(const Api& api, const net::Request& request);

}  // namespace specd::api
