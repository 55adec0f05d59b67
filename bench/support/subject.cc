#include "bench/support/subject.h"

#include "bench/support/bench.h"

namespace specd::bench {

using std::chrono::milliseconds;
using std::chrono::minutes;

Subject::Subject(const std::string& root, const std::string& state_folder) : root_(root) {
  const Stopwatch watch;
  const auto tell = [this](bool is_ready) {
    {
      MutexLock lock(mutex_);
      ++commits_;
      is_ready_ = is_ready_ || is_ready;
    }
    changed_.notify_all();
  };
  keeper_ = must(daemon::Keeper::open({.state_folder = state_folder},
                                      {.committed = [tell] { tell(false); },
                                       .ready = [tell] { tell(true); },
                                       .database_replaced = [] { die("the database is gone"); },
                                       .progress = [](size_t, size_t) {}}));
  const auto refused = keeper_->take_up({root});
  if (!refused) die(refused.error().message);
  for (const Error& error : *refused) die(error.message);
  keeper_->start();
  {
    MutexLock lock(mutex_);
    while (!is_ready_) changed_.wait(mutex_);
  }
  ready_ms_ = watch.ms();
  reader_ = must(keeper_->open_reader());
  project_ = must(reader_->tables().projects.list()).at(0);
}

Subject::~Subject() {
  reader_.reset();
  keeper_->stop();
}

size_t Subject::commits() {
  MutexLock lock(mutex_);
  return commits_;
}

void Subject::wait_until(const std::string& what, const std::function<bool()>& is_so) {
  const SteadyTime deadline = system_clock().steady() + minutes(2);
  for (;;) {
    const size_t seen = commits();
    if (is_so()) return;
    MutexLock lock(mutex_);
    while (commits_ == seen) {
      if (changed_.wait_until(mutex_, deadline) == std::cv_status::timeout)
        die("did not come within two minutes: " + what);
    }
  }
}

bool Subject::has_row(const std::string& path, const std::string& content) {
  const auto row = must(reader_->tables().files.get(project_.id, path));
  return row && !row->deleted_at && row->content == content;
}

void Subject::wait_for_rows(const std::vector<std::string>& paths,
                            const std::function<std::string(size_t)>& content) {
  size_t next = 0;  // all before it have come; each is looked at once more when all have
  wait_until("the rows of " + std::to_string(paths.size()) + " files", [&] {
    while (next < paths.size() && has_row(paths[next], content(next))) ++next;
    return next == paths.size();
  });
}

void Subject::sync_now() {
  Mutex mutex;
  CondVar done;
  bool is_done = false;
  const bool is_posted = keeper_->engine().post([&](sync::Engine& engine) {
    engine.sync_now({project_.id}, system_clock().steady() + minutes(2),
                    [&](const std::vector<std::string>& left) {
                      if (!left.empty()) die("not in step: " + left.front());
                      MutexLock lock(mutex);
                      is_done = true;
                      done.notify_all();
                    });
  });
  if (!is_posted) die("the engine has stopped");
  MutexLock lock(mutex);
  while (!is_done) done.wait(mutex);
}

void Subject::expect_in_step(size_t files) {
  const auto report = must(keeper_->verify(project_));
  if (!report.differences.empty()) {
    die(std::to_string(report.differences.size()) +
        " differences, the first: " + report.differences.front());
  }
  if (report.files != files) {
    die("there are " + std::to_string(files) + " files, and " + std::to_string(report.files) +
        " rows that equal them");
  }
}

}  // namespace specd::bench
