#include "daemon/openspec_tool.h"

#include <cstdlib>

#include "daemon/child.h"

namespace specd::daemon {
namespace {

constexpr std::chrono::seconds kLastMoments{5};

// What it needs to find itself, its settings, and people's language and day.
std::vector<std::string> environment() {
  std::vector<std::string> variables{"OPENSPEC_TELEMETRY=0", "DO_NOT_TRACK=1",
                                     "OPENSPEC_NO_UPDATE_CHECK=1", "NO_COLOR=1"};
  for (const char* name :
       {"PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME"}) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody calls setenv
    if (value != nullptr) variables.push_back(std::string(name) + "=" + value);
  }
  return variables;
}

}  // namespace

OpenSpecTool::OpenSpecTool(std::string command)
    : command_(std::move(command)), thread_("openspec", [this] { work(); }) {}

OpenSpecTool::~OpenSpecTool() {
  end_by_ = system_clock().steady() + kLastMoments;
  queue_.close();
  thread_.join();
}

void OpenSpecTool::run(const std::string& folder, const std::vector<std::string>& arguments,
                       const api::ToolDone& done) {
  Job job{.folder = folder, .words = {command_}, .done = done};
  job.words.insert(job.words.end(), arguments.begin(), arguments.end());
  if (!queue_.put(std::move(job)))
    done(fail(Code::busy, "too many calls of openspec are waiting; try again later"));
}

void OpenSpecTool::work() {
  while (const auto job = queue_.take()) {
    if (end_by_.load() != SteadyTime::max()) {
      job->done(fail(Code::busy, "the daemon is stopping: try again"));
      continue;
    }
    const auto ended =
        run_child({.words = job->words, .environment = environment(), .folder = job->folder},
                  [this] { return system_clock().steady() >= end_by_.load(); });
    if (ended) {
      job->done(api::ToolEnd{ended->exit_code, ended->out, ended->err});
    } else if (ended.error().code == Code::not_found) {
      job->done(fail(Code::not_found,
                     command_ + ": there is no such program; install it with `npm install -g "
                                "@fission-ai/openspec`, or say where it is by openspec.command "
                                "in the configuration, and restart the daemon"));
    } else {
      job->done(tl::unexpected(ended.error()));
    }
  }
}

}  // namespace specd::daemon
