#include "daemon/admin/doctor_judge.h"

#include <cerrno>

#include "daemon/admin/doctor_judge_parts.h"
#include "daemon/admin/doctor_words.h"

namespace specd::admin {
namespace {

using enum Level;

constexpr int64_t kMib = int64_t{1} << 20;
constexpr int64_t kLargeLog = 64 * kMib;
constexpr int64_t kLittleSpace = 256 * kMib;

std::string remedy_for(const store::Obstacle& obstacle) {
  const std::string elsewhere = "choose another place with --db FILE";
  if (obstacle.os == EROFS) return "Mount its disk for writing, or " + elsewhere;
  if (!obstacle.is_ours) return "It belongs to another user: ask that one, or " + elsewhere;
  return (obstacle.is_folder ? "chmod u+rwx " : "chmod u+rw ") + quoted(obstacle.path);
}

Finding judge_state(const StateFacts& state, const std::optional<store::Obstacle>& obstacle) {
  Finding finding{.subject = "state folder", .text = state.folder};
  if (obstacle && obstacle->is_folder) {
    return {problem, finding.subject,
            (obstacle->path == state.folder ? "" : state.folder + ": not there, and ") +
                obstacle->what(),
            remedy_for(*obstacle)};
  }
  if (!state.is_there) {
    finding.text += ": not there yet; the first `specd run` makes it";
    return finding;
  }
  if (state.is_default && (state.mode & 077) != 0) {
    finding.level = problem;
    finding.text += ": others may enter it (mode " + octal(state.mode) + ")";
    finding.remedy = "chmod 700 " + quoted(state.folder);
  } else if (state.free_bytes && *state.free_bytes < kLittleSpace) {
    finding.level = problem;
    finding.text += ": only " + size(*state.free_bytes) + " are free on its disk";
    finding.remedy = "Free some space there, or choose another place with --db FILE";
  }
  return finding;
}

bool is_specd_at_work(const Facts& facts) {
  if (facts.daemon.is_alive) return true;
  for (const ProgramFacts& user : facts.database_users) {
    if (user.name == "specd") return true;
  }
  return false;
}

Finding damaged(const Facts& facts, const std::string& what) {
  const std::string stop = is_specd_at_work(facts) ? "Stop specd (`specd service stop`, or Ctrl-C "
                                                     "where it runs). "
                                                   : "";
  return {
      problem, "database", facts.database.path + ": " + what,
      stop + "Copy it (cp " + quoted(facts.database.path) +
          "* ELSEWHERE), then start `specd run`"
          ": a database that cannot be read is set aside and made anew from the files. If it is "
          "not,"
          " move it away yourself. Statuses set by people, history and kept versions are only in "
          "the old one"};
}

Finding judge_database(const Facts& facts) {
  const store::Inspection& db = facts.database;
  Finding finding{.subject = "database"};
  if (!db.is_there) {
    finding.text =
        db.path + (db.obstacle ? ": not there" : ": not there yet; the first `specd run` makes it");
    return finding;
  }
  // What keeps it from being read says nothing of what is in it.
  if (db.obstacle && !db.obstacle->is_folder && db.damage.empty())
    return {problem, "database", db.obstacle->what(), remedy_for(*db.obstacle)};
  if (db.obstacle && !db.failure.empty()) {
    return {note, "database", db.path + ": cannot be looked into: " + db.failure,
            "See to its folder, and run `specd doctor` again"};
  }
  if (!db.failure.empty()) return damaged(facts, db.failure);
  if (!db.is_ours) {
    return {problem, "database", db.path + ": another program's file",
            "Choose another place with --db FILE"};
  }
  if (!db.damage.empty()) return damaged(facts, "damaged: " + db.damage.front());
  if (db.version > db.known) {
    return {problem, "database",
            db.path + ": written by a newer specd (version " + number(db.version) +
                "; this one knows " + number(db.known) + ")",
            "Update specd"};
  }
  finding.text = db.path + ": sound, version " + number(db.version) + ", " + size(db.bytes) +
                 ", log " + size(db.log_bytes);
  if ((db.mode & 077) != 0) {
    finding.level = problem;
    finding.text += "; others may read it (mode " + octal(db.mode) + ")";
    finding.remedy = "chmod 600 " + quoted(db.path) + "*";
  } else if (db.log_bytes > kLargeLog) {
    finding.level = note;
    finding.text += "; the log is large: some program reads for long, or the daemon is very busy";
    finding.remedy = facts.database_users.empty()
                         ? "Restart specd, which empties it"
                         : "Let these end what they read: " + named(facts.database_users);
  } else if (db.version < db.known) {
    finding.level = note;
    finding.text += "; the next start brings it to version " + number(db.known);
    finding.remedy = "Restart specd";
  } else if (db.is_running && !is_specd_at_work(facts)) {
    finding.level = note;
    finding.text += "; the last daemon was killed";
    finding.remedy = "specd run (which looks at everything, and checks the database)";
  }
  return finding;
}

// The index is beside the database, so that what hinders both is told of that one.
void judge_search(const Facts& facts, std::vector<Finding>& findings) {
  const auto& obstacle = facts.database.search_obstacle;
  if (!obstacle || obstacle->is_folder) return;
  findings.push_back({note, "search", obstacle->what() + "; the next start makes it anew",
                      is_specd_at_work(facts) ? "Restart specd" : "specd run --registered"});
}

void judge_users(const Facts& facts, std::vector<Finding>& findings) {
  if (facts.database_users.empty()) return;
  findings.push_back({note, "database users", "has it open too: " + named(facts.database_users),
                      "Reading is fine; schema/README.md says what may be written"});
}

Finding judge_daemon(const Facts& facts) {
  const DaemonFacts& daemon = facts.daemon;
  Finding finding{.subject = "daemon"};
  if (daemon.url.empty() || !daemon.is_alive) {
    finding.level = note;
    finding.text = daemon.url.empty()
                       ? "none is running"
                       : "none is running; the last one (" + number(daemon.pid) + ") was killed";
    finding.remedy = facts.service.is_installed ? "specd service start" : "specd run --registered";
  } else if (daemon.version.empty()) {
    finding.level = problem;
    finding.text = "process " + number(daemon.pid) + " does not answer at " + daemon.url;
    finding.remedy =
        facts.service.is_installed ? "specd service logs" : "Stop it and start it again";
  } else {
    finding.text = daemon.version + " runs at " + daemon.url + " (" + number(daemon.pid) + ")";
    if (daemon.version != facts.program_version) {
      finding.level = note;
      finding.text += ", but this program is " + facts.program_version;
      finding.remedy = facts.service.is_installed
                           ? "specd service stop && specd service start"
                           : "Stop it (Ctrl-C where it runs) and start it again";
    }
  }
  return finding;
}

Finding judge_service(const ServiceFacts& service) {
  if (!service.is_installed) {
    return {note, "service", "not installed: specd runs only while somebody runs it",
            "specd service install"};
  }
  Finding finding{.subject = "service", .text = "installed"};
  if (!service.lingers) {
    finding.level = note;
    finding.text += "; ends when you log out";
    finding.remedy = "loginctl enable-linger";
  }
  return finding;
}

}  // namespace

std::vector<Finding> judge(const Facts& facts) {
  std::vector<Finding> findings;
  if (!facts.config_failure.empty()) {
    findings.push_back({problem, "configuration", facts.config_failure,
                        "Mend it; `specd config check` tells whether it is good"});
  }
  findings.push_back(judge_daemon(facts));
  findings.push_back(judge_service(facts.service));
  findings.push_back(judge_state(facts.state, facts.database.obstacle));
  findings.push_back(judge_database(facts));
  judge_search(facts, findings);
  judge_users(facts, findings);
  judge_machine(facts, findings);
  for (const ProjectFacts& project : facts.projects) judge_project(project, facts.daemon, findings);
  return findings;
}

}  // namespace specd::admin
