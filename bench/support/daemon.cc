#include "bench/support/daemon.h"

#include <signal.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/json.h"
#include "bench/support/bench.h"
#include "bench/support/tree.h"
#include "net/http_client.h"

namespace specd::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

/// The number behind `name` in one of the files of /proc.
uint64_t number_in(const std::string& path, const std::string& name) {
  std::ifstream in(path);
  for (std::string word; in >> word;) {
    uint64_t number = 0;
    if (word == name && in >> number) return number;
  }
  return 0;
}

/// Sums something over the threads of a process.
uint64_t sum_of_threads(pid_t pid, const std::function<uint64_t(const std::string& folder)>& of) {
  uint64_t sum = 0;
  for (const auto& thread :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
    sum += of(thread.path());
  }
  return sum;
}

int64_t rows_in_index(const std::string& path) {
  sqlite3* handle = nullptr;
  sqlite3_stmt* count = nullptr;
  int64_t rows = -1;
  if (sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK &&
      sqlite3_prepare_v2(handle, "SELECT count(*) FROM indexed", -1, &count, nullptr) ==
          SQLITE_OK &&
      sqlite3_step(count) == SQLITE_ROW) {
    rows = sqlite3_column_int64(count, 0);
  }
  sqlite3_finalize(count);
  sqlite3_close(handle);
  return rows;
}

std::string config_of(const Daemon::Options& options) {
  std::string yaml = "batch_seconds: " + std::to_string(options.batch_seconds) +
                     "\nevents: {heartbeat_seconds: " + std::to_string(options.heartbeat_seconds) +
                     "}\n";
  if (options.listeners > 0) {
    const std::string others = std::to_string(options.listeners + 100);
    yaml += "limits: {listeners: " + std::to_string(options.listeners) +
            ", connections: " + others + ", caller_connections: " + others + "}\n";
  }
  return yaml;
}

// A benchmark that gives up ends by exit(), without destructors, and takes its daemon along.
pid_t running = 0;
void end_running() {
  if (running > 0) ::kill(running, SIGKILL);
}

}  // namespace

Daemon::Daemon(const std::string& root, const Options& options)
    : state_(options.state_folder.empty() ? process_.state() : options.state_folder) {
  const std::string config = process_.folder() + "/config.yaml";
  write_file(config, config_of(options));
  const Stopwatch watch;
  const std::string line = process_.start({root, "--config", config, "--db", state_ + "/specd.db"});
  ready_ms_ = watch.ms();
  static const int registered = std::atexit(end_running);
  (void)registered;
  running = process_.pid();
  if (!line.starts_with("ready ")) die("specd did not start: " + process_.log());
  reader_ = must(store::Reader::open(state_));
  project_ = must(reader_->tables().projects.list()).at(0);
}

Daemon::~Daemon() {
  reader_.reset();
  running = 0;
  if (process_.stop(SIGTERM) != 0) die("specd did not end cleanly: " + process_.log());
}

size_t Daemon::ask(const std::vector<std::string>& command) const {
  const test::Ran ran = process_.specd(command);
  if (ran.exit_code != 0) die(ran.err);
  return static_cast<size_t>(std::count(ran.out.begin(), ran.out.end(), '\n'));
}

std::string Daemon::token() const {
  std::string token;
  std::ifstream(state_ + "/token") >> token;
  return token;
}

test::RawClient Daemon::client() const {
  test::RawClient client(port());
  client.authorize(token());
  return client;
}

void Daemon::signal(int number) const {
  ::kill(process_.pid(), number);
}

double Daemon::private_mib() const {
  const std::string status = "/proc/" + std::to_string(process_.pid()) + "/status";
  return static_cast<double>(number_in(status, "RssAnon:")) / 1024;
}

double Daemon::private_kib() const {
  const std::string maps = "/proc/" + std::to_string(process_.pid()) + "/smaps_rollup";
  return static_cast<double>(number_in(maps, "Private_Clean:") + number_in(maps, "Private_Dirty:"));
}

double Daemon::cpu_ms() const {
  const uint64_t ns = sum_of_threads(process_.pid(), [](const std::string& folder) {
    uint64_t on_cpu = 0;
    std::ifstream(folder + "/schedstat") >> on_cpu;
    return on_cpu;
  });
  return static_cast<double>(ns) / 1e6;
}

uint64_t Daemon::wakeups() const {
  return sum_of_threads(process_.pid(), [](const std::string& folder) {
    return number_in(folder + "/status", "voluntary_ctxt_switches:");
  });
}

void Daemon::wait_for_rows(const std::vector<std::string>& paths,
                           const std::function<std::string(size_t)>& content) {
  const SteadyTime deadline = system_clock().steady() + minutes(2);
  for (size_t next = 0; next < paths.size();) {
    const auto row = must(reader_->tables().files.get(project_.id, paths[next]));
    if (row && !row->deleted_at && row->content == content(next)) {
      ++next;
      continue;
    }
    if (system_clock().steady() > deadline) die("did not come in two minutes: " + paths[next]);
    std::this_thread::sleep_for(milliseconds(2));
  }
}

void Daemon::wait_for_search(size_t files) const {
  const SteadyTime deadline = system_clock().steady() + minutes(5);
  while (rows_in_index(state_ + "/search.db") < static_cast<int64_t>(files)) {
    if (system_clock().steady() > deadline) die("the index did not come in five minutes");
    std::this_thread::sleep_for(milliseconds(100));
  }
}

void Daemon::expect_in_step(size_t files) const {
  const net::HttpClient client({.port = port(), .token = token(), .answer_limit = minutes(2)});
  const net::Response answer = must(client.post("/api/v1/verify", "{}"));
  const Value report = must(json::parse(answer.body));
  const Value* differences = report.find("differences");
  if (differences == nullptr || !differences->items.empty())
    die("rows do not equal files: " + answer.body.substr(0, 500));
  if (report.find("files")->text != std::to_string(files))
    die("there are " + std::to_string(files) + " files, and rows for " +
        report.find("files")->text);
}

}  // namespace specd::bench
