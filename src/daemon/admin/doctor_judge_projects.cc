#include "daemon/admin/doctor_judge_parts.h"
#include "daemon/admin/doctor_words.h"

namespace specd::admin {
namespace {

using enum Level;

std::string name_of(const ProjectFacts& project) {
  return project.slug.empty() ? project.root : project.slug;
}

Finding judge_root(const ProjectFacts& project) {
  Finding finding{.subject = name_of(project), .text = project.root};
  // The database may have the last copy of its files, so nothing less than force forgets it.
  const std::string moved =
      "specd relink " + project.slug + " FOLDER, or specd remove " + project.slug + " --force";
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
    finding.remedy = "Put back what is missing. `specd confirm " + project.slug +
                     " --list` tells what is held; without --list it is carried out, with --revert "
                     "taken back. Where the folder has moved: " +
                     moved;
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

// What a command tells that asks the daemon.
std::string by_daemon(const DaemonFacts& daemon, const std::string& remedy) {
  return daemon.is_alive ? remedy : "Start specd, and run `specd doctor` again";
}

void judge_specs(const ProjectFacts& project, const DaemonFacts& daemon,
                 std::vector<Finding>& findings) {
  if (project.failing_specs > 0) {
    findings.push_back({note, name_of(project) + ": specs",
                        counted(project.failing_specs, "spec") +
                            " with a file that cannot be read or makes no sense",
                        by_daemon(daemon, "specd list --project " + project.slug +
                                              ", where lines with \"!\" say what to mend")});
  }
  if (project.waiting_edits > 0) {
    findings.push_back(
        {note, name_of(project) + ": edits",
         counted(project.waiting_edits, "edit") +
             (project.waiting_edits == 1 ? " waits" : " wait") +
             " in the database, and not on disk",
         by_daemon(daemon, "specd show SPEC --project " + project.slug +
                               " tells which of its files; `specd confirm " + project.slug +
                               " --list` tells what is held until you decide")});
  }
  if (!project.waiting_for_spec.empty()) {
    findings.push_back(
        {note, name_of(project) + ": rows",
         "written by SQL where there is no spec: " + listed(project.waiting_for_spec),
         "They reach the disk when their spec is made (its folder, or `specd new "
         "--project " +
             project.slug + "`); or delete the rows"});
  }
  if (project.open_conflicts > 0) {
    findings.push_back({note, name_of(project) + ": conflicts",
                        counted(project.open_conflicts, "open conflict") +
                            ": disk and database both changed; the text that was overruled is kept",
                        by_daemon(daemon, "specd conflicts --project " + project.slug +
                                              ", then `specd conflicts merge`, `restore` or "
                                              "`dismiss`")});
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

void judge_project(const ProjectFacts& project, const DaemonFacts& daemon,
                   std::vector<Finding>& findings) {
  findings.push_back(judge_root(project));
  judge_specs(project, daemon, findings);
  if (!project.is_there || !project.unreadable.empty()) return;
  findings.push_back(judge_file_system(project));
  judge_archive_lock(project, findings);
  judge_company(project, findings);
}

}  // namespace specd::admin
