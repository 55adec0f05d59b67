#include "daemon/admin/doctor_judge.h"

#include <array>
#include <cstdio>

namespace specd::admin {
namespace {

using enum Level;

constexpr int64_t kMib = int64_t{1} << 20;
constexpr int64_t kLargeLog = 64 * kMib;
constexpr int64_t kLittleSpace = 256 * kMib;

std::string number(int64_t value) {
  return std::to_string(value);
}

std::string size(int64_t bytes) {
  if (bytes < kMib) return number((bytes + 1023) / 1024) + " KiB";
  return number((bytes + kMib - 1) / kMib) + " MiB";
}

// As a word of a POSIX shell.
std::string quoted(const std::string& text) {
  std::string word = "'";
  for (char c : text) word += c == '\'' ? "'\\''" : std::string(1, c);
  return word + "'";
}

std::string named(const std::vector<ProgramFacts>& programs) {
  std::string all;
  for (const ProgramFacts& program : programs)
    all += (all.empty() ? "" : ", ") + program.name + " (" + number(program.pid) + ")";
  return all;
}

std::string octal(unsigned mode) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%04o", mode);
  return text.data();
}

// ---- The machine

std::string raise_limit(const std::string& key, int64_t value) {
  return "echo " + key + "=" + number(value) +
         " | sudo tee -a /etc/sysctl.d/60-specd.conf && sudo sysctl --system";
}

int64_t doubled_until(int64_t start, int64_t enough) {
  int64_t value = start < 128 ? 128 : start;
  while (value < enough) value *= 2;
  return value;
}

int64_t needed_watches(const Facts& facts) {
  if (facts.is_polling_configured) return 0;
  int64_t needed = 1;  // the folder by which the watcher itself is watched
  for (const ProjectFacts& project : facts.projects) {
    const bool is_watched =
        project.state != store::ProjectState::paused && !project.needs_polling && project.is_there;
    if (is_watched) needed += project.folders;
  }
  return needed;
}

Finding judge_watches(const Facts& facts) {
  Finding finding{.subject = "inotify watches"};
  const InotifyFacts& inotify = facts.inotify;
  if (!inotify.max_watches)
    return {note, finding.subject, "the kernel tells no limit; specd polls where it meets one", ""};
  const int64_t needed = needed_watches(facts);
  const int64_t used = needed + inotify.used_watches;
  finding.text = number(needed) + " for the projects and " + number(inotify.used_watches) +
                 " of other programs, of " + number(*inotify.max_watches);
  if (used > *inotify.max_watches) {
    finding.level = problem;
    finding.text += ": too few, so some folders are polled";
  } else if (used > *inotify.max_watches / 10 * 8) {
    finding.level = note;
    finding.text += ": nearly all";
  }
  if (finding.level != ok)
    finding.remedy =
        raise_limit("fs.inotify.max_user_watches", doubled_until(*inotify.max_watches, 2 * used));
  return finding;
}

Finding judge_instances(const Facts& facts) {
  Finding finding{.subject = "inotify instances"};
  const InotifyFacts& inotify = facts.inotify;
  if (!inotify.max_instances)
    return {note, finding.subject, "the kernel tells no limit; specd polls where it meets one", ""};
  const int64_t needed = facts.is_polling_configured ? 0 : 1;
  finding.text = number(needed) + " for specd and " + number(inotify.used_instances) +
                 " of other programs, of " + number(*inotify.max_instances);
  if (needed + inotify.used_instances <= *inotify.max_instances) return finding;
  finding.level = problem;
  finding.text += ": too few, so specd polls";
  finding.remedy = raise_limit("fs.inotify.max_user_instances",
                               doubled_until(*inotify.max_instances, 2 * inotify.used_instances));
  return finding;
}

Finding judge_descriptors(const DescriptorFacts& descriptors) {
  Finding finding{.subject = "open files"};
  if (!descriptors.allowed) return {ok, finding.subject, "the kernel tells no limit", ""};
  finding.text =
      number(descriptors.needed) + " for what is configured, of " + number(*descriptors.allowed);
  if (descriptors.needed <= *descriptors.allowed) return finding;
  finding.level = note;
  finding.text += ": too few, so fewer connections are admitted";
  finding.remedy = "LimitNOFILE=" + number(descriptors.needed) +
                   " in the unit (systemctl --user edit specd), where it runs in a shell "
                   "ulimit -Hn; or a lower limits.connections";
  return finding;
}

struct Version {
  int major = 0;
  int minor = 0;
  int patch = 0;
  auto operator<=>(const Version&) const = default;
};

Finding judge_sqlite(const Facts& facts) {
  Finding finding{.subject = "sqlite", .text = facts.sqlite_version};
  if (!has_wal_reset_fault(facts.sqlite_version)) return finding;
  finding.level = note;
  finding.text +=
      ": has the WAL-reset fault, by which two programs that write and checkpoint one database at "
      "the same moment can damage it; very rare";
  finding.remedy =
      "Update SQLite to 3.51.3 or later, or to 3.50.7 or 3.44.6 of their series; until then let "
      "other programs only read the database (see sqlite.org/wal.html#walresetbug)";
  return finding;
}

// ---- specd itself

Finding judge_state(const StateFacts& state) {
  Finding finding{.subject = "state folder", .text = state.folder};
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
    finding.text = db.path + ": not there yet; the first `specd run` makes it";
    return finding;
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

// ---- Projects

std::string name_of(const ProjectFacts& project) {
  return project.slug.empty() ? project.root : project.slug;
}

Finding judge_root(const ProjectFacts& project) {
  Finding finding{.subject = name_of(project), .text = project.root};
  const std::string moved =
      "specd relink " + project.slug + " FOLDER, or specd remove " + project.slug;
  if (!project.is_there) {
    finding.level = problem;
    finding.text += ": is not there";
    finding.remedy = project.slug.empty() ? "Take it out of the configuration, or make it" : moved;
  } else if (!project.unreadable.empty()) {
    finding.level = problem;
    finding.text += ": " + project.unreadable;
    finding.remedy = "chmod u+rx " + quoted(project.root) + ", or ask its owner";
  } else if (!project.has_layout) {
    finding.level = problem;
    finding.text += ": holds neither openspec/ nor specs of LeanSpec";
    finding.remedy = project.slug.empty() ? "openspec init " + quoted(project.root) : moved;
  } else if (project.state == store::ProjectState::held) {
    finding.level = problem;
    finding.text += ": held, " + project.state_reason;
    finding.remedy = "Put back what is missing, or: " + moved;
  } else if (project.state == store::ProjectState::paused) {
    finding.level = note;
    finding.text += ": paused";
    finding.remedy = "specd resume " + project.slug;
  } else if (!project.is_writable) {
    finding.level = note;
    finding.text += ": cannot be written to; edits in the database stay there";
    finding.remedy = "chmod u+w " + quoted(project.root) + ", if edits are to reach it";
  }
  return finding;
}

std::string told(const std::string& what, const std::optional<bool>& can) {
  return !can ? "" : *can ? ", " + what : ", no " + what;
}

Finding judge_file_system(const ProjectFacts& project) {
  Finding finding{.subject = name_of(project) + ": disk"};
  const Abilities& can = project.abilities;
  finding.text =
      (project.file_system.empty() ? "unknown" : project.file_system) +
      (project.needs_polling ? ", polled" : ", " + number(project.folders) + " folders watched") +
      told("exchange", can.can_exchange) + told("leases", can.can_lease) +
      (project.is_beside_state ? ", with the state folder" : ", not with the state folder");
  if (!can.untried.empty()) finding.text += " (not tried: " + can.untried + ")";
  if (project.needs_polling) {
    finding.level = note;
    finding.remedy =
        "Nothing has to be done: the kernel does not tell what others change there, so specd looks "
        "every two seconds. Faster: keep the project on a local disk";
  } else if (can.can_lease == false) {
    finding.level = note;
    finding.remedy =
        "Nothing has to be done: where leases do not work, a file that nobody told of is read "
        "twice "
        "before it is believed. Faster: keep the project on ext4, xfs or btrfs";
  } else if (can.can_exchange == false) {
    finding.level = note;
    finding.remedy = "Nothing has to be done. Two names cannot be exchanged in one step there";
  }
  return finding;
}

void judge_archive_lock(const ProjectFacts& project, std::vector<Finding>& findings) {
  if (!project.archive_lock) return;
  const ArchiveLockFacts& lock = *project.archive_lock;
  Finding finding{.subject = name_of(project) + ": archive"};
  if (lock.is_alive) {
    finding.text = "`openspec archive` is at work (" + number(lock.pid) + ")";
  } else if (lock.pid == 0) {
    finding.level = note;
    finding.text = "a lock of `openspec archive` that names no process: " + lock.path;
    finding.remedy = "If no archive is running: rm " + quoted(lock.path);
  } else {
    finding.level = problem;
    finding.text = "a crashed `openspec archive` (" + number(lock.pid) +
                   ") left its lock; every later one is refused";
    finding.remedy = "If no archive is running on another machine or in a container: rm " +
                     quoted(lock.path) +
                     ", and look with git whether a main spec is empty or half merged";
  }
  findings.push_back(std::move(finding));
  for (const std::string& path : lock.empty_specs) {
    findings.push_back({problem, name_of(project) + ": archive", "left empty by it: " + path,
                        "git -C " + quoted(project.root) + " checkout -- " + quoted(path)});
  }
}

// "1 spec", "2 specs"
std::string counted(int64_t count, const std::string& thing) {
  return number(count) + " " + thing + (count == 1 ? "" : "s");
}

// By a daemon that runs, as docs/api.md asks it: the token is in no command line.
std::string ask(const DaemonFacts& daemon, const std::string& target) {
  if (!daemon.is_alive) return "Start specd, and run `specd doctor` again";
  const std::string address = quoted(daemon.url + target);
  if (daemon.token_file.empty()) return "curl -sf " + address;
  return "printf 'Authorization: Bearer %s' \"$(cat " + quoted(daemon.token_file) +
         ")\" | curl -sf -H @- " + address;
}

void judge_specs(const ProjectFacts& project, const DaemonFacts& daemon,
                 std::vector<Finding>& findings) {
  if (project.failing_specs > 0) {
    findings.push_back({note, name_of(project) + ": specs",
                        counted(project.failing_specs, "spec") +
                            " with a file that cannot be read or makes no sense",
                        daemon.is_alive ? "specd list --project " + project.slug +
                                              ", where lines with \"!\" say what to mend"
                                        : ask(daemon, "")});
  }
  if (project.open_conflicts > 0) {
    findings.push_back({note, name_of(project) + ": conflicts",
                        counted(project.open_conflicts, "open conflict") +
                            ": disk and database both changed; the text that was overruled is kept",
                        ask(daemon, "api/v1/conflicts?project=" + project.slug)});
  }
}

void judge_company(const ProjectFacts& project, std::vector<Finding>& findings) {
  if (!project.keepers.empty()) {
    findings.push_back({note, name_of(project) + ": keepers",
                        "another daemon keeps it, too: " + named(project.keepers),
                        "Only the first one writes to its files. Stop one, or `specd remove` it "
                        "from one of them"});
  }
  if (!project.watchers.empty()) {
    findings.push_back({ok, name_of(project) + ": company",
                        "watched by others, too: " + named(project.watchers), ""});
  }
}

}  // namespace

bool has_wal_reset_fault(const std::string& version) {
  Version is;
  if (std::sscanf(version.c_str(), "%d.%d.%d", &is.major, &is.minor, &is.patch) < 2) return false;
  if (is.major != 3 || is < Version{3, 7, 0} || is >= Version{3, 51, 3}) return false;
  const bool is_mended = (is.minor == 44 && is.patch >= 6) || (is.minor == 50 && is.patch >= 7);
  return !is_mended;
}

std::vector<Finding> judge(const Facts& facts) {
  std::vector<Finding> findings;
  if (!facts.config_failure.empty()) {
    findings.push_back({problem, "configuration", facts.config_failure,
                        "Mend it; `specd config check` tells whether it is good"});
  }
  findings.push_back(judge_daemon(facts));
  findings.push_back(judge_service(facts.service));
  findings.push_back(judge_state(facts.state));
  findings.push_back(judge_database(facts));
  judge_users(facts, findings);
  findings.push_back(judge_sqlite(facts));
  findings.push_back(judge_watches(facts));
  findings.push_back(judge_instances(facts));
  findings.push_back(judge_descriptors(facts.descriptors));
  for (const ProjectFacts& project : facts.projects) {
    findings.push_back(judge_root(project));
    judge_specs(project, facts.daemon, findings);
    if (!project.is_there || !project.unreadable.empty()) continue;
    findings.push_back(judge_file_system(project));
    judge_archive_lock(project, findings);
    judge_company(project, findings);
  }
  return findings;
}

}  // namespace specd::admin
