#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/inspect.h"

/// What specd doctor has found out, before anybody says what it means (doctor_judge.h).
namespace specd::admin {

struct ProgramFacts {
  long pid = 0;
  std::string name;  ///< "node"
};

/// Limits of the kernel for this user, and what programs other than our daemon use of them.
struct InotifyFacts {
  std::optional<int64_t> max_watches;  ///< none: the kernel does not tell
  std::optional<int64_t> max_instances;
  int64_t used_watches = 0;
  int64_t used_instances = 0;
};

/// How many files a daemon may have open at a time, sockets among them.
struct DescriptorFacts {
  std::optional<int64_t> allowed;  ///< none: the kernel does not tell
  int64_t needed = 0;
};

struct StateFacts {
  std::string folder;
  bool is_there = false;
  bool is_default = true;  ///< not one that somebody named, and may share with others
  unsigned mode = 0;       ///< permission bits
  std::optional<int64_t> free_bytes;
};

struct DaemonFacts {
  std::string url;  ///< that it left for others; empty: it left none
  long pid = 0;
  bool is_alive = false;
  std::string version;     ///< its answer; empty: it gave none
  std::string token_file;  ///< empty: it wants no token
};

struct ServiceFacts {
  bool is_installed = false;
  bool lingers = false;
};

/// What files in one folder can do. None: not tried, see `untried`.
struct Abilities {
  std::optional<bool> can_exchange;  ///< renameat2(2), RENAME_EXCHANGE
  std::optional<bool> can_lease;     ///< fcntl(2), F_SETLEASE
  std::string untried{};             ///< why
};

/// The lock of `openspec archive`, which a crash leaves behind.
struct ArchiveLockFacts {
  std::string path;
  long pid = 0;  ///< 0: it does not say
  bool is_alive = false;
  std::vector<std::string> empty_specs{};  ///< main specs without a byte: a crash cut them off
};

struct ProjectFacts {
  std::string slug;  ///< empty: configured, and not registered yet
  std::string root;
  store::ProjectState state{};
  std::string state_reason;
  int64_t open_conflicts = 0;
  int64_t failing_specs = 0;  ///< that have a file with an error
  int64_t waiting_edits = 0;  ///< files whose rows were edited, and that are not on disk
  std::vector<std::string> waiting_for_spec{};  ///< the first of these whose spec is not there
  bool is_there = false;
  std::string unreadable;  ///< why its root cannot be listed; empty: it can
  bool is_writable = false;
  std::string file_system;       ///< "ext4"; empty: not known
  bool needs_polling = false;    ///< inotify is told nothing of what others change there
  bool has_layout = false;       ///< it holds specs as far as its names tell
  int64_t folders = 0;           ///< that are watched
  bool is_beside_state = false;  ///< on the same mount as the state folder
  Abilities abilities;
  std::optional<ArchiveLockFacts> archive_lock;
  std::vector<ProgramFacts> keepers;   ///< other daemons that have it locked
  std::vector<ProgramFacts> watchers;  ///< other programs that watch its folder of specs
};

struct Facts {
  std::string program_version;
  std::string sqlite_version;
  std::string config_failure;  ///< empty: what is configured can be used
  bool is_polling_configured = false;
  InotifyFacts inotify;
  DescriptorFacts descriptors;
  StateFacts state;
  store::Inspection database;
  std::vector<ProgramFacts> database_users;  ///< other than our daemon
  DaemonFacts daemon;
  ServiceFacts service;
  std::vector<ProjectFacts> projects;
};

}  // namespace specd::admin
