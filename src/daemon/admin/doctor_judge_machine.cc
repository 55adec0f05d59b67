#include <cstdio>

#include "daemon/admin/doctor_judge.h"
#include "daemon/admin/doctor_judge_parts.h"
#include "daemon/admin/doctor_words.h"

namespace specd::admin {
namespace {

using enum Level;

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

}  // namespace

bool has_wal_reset_fault(const std::string& version) {
  Version is;
  if (std::sscanf(version.c_str(), "%d.%d.%d", &is.major, &is.minor, &is.patch) < 2) return false;
  if (is.major != 3 || is < Version{3, 7, 0} || is >= Version{3, 51, 3}) return false;
  const bool is_mended = (is.minor == 44 && is.patch >= 6) || (is.minor == 50 && is.patch >= 7);
  return !is_mended;
}

void judge_machine(const Facts& facts, std::vector<Finding>& findings) {
  findings.push_back(judge_sqlite(facts));
  findings.push_back(judge_watches(facts));
  findings.push_back(judge_instances(facts));
  findings.push_back(judge_descriptors(facts.descriptors));
}

}  // namespace specd::admin
