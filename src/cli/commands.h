#pragma once

#include "base/result.h"
#include "cli/args.h"
#include "daemon/admin/doctor.h"

/// One function per command: asks the daemon, prints to stdout, returns the exit code. 0: done, and
/// all is well; 1: done, and something is not (told); 2: could not be done (told on stderr).
namespace specd::cli {

int add(const AskArgs& ask, const ProjectArgs& args);
int remove(const AskArgs& ask, const ProjectArgs& args);
int relink(const AskArgs& ask, const ProjectArgs& args);
int projects(const AskArgs& ask);
int pause(const AskArgs& ask, const ProjectArgs& args);
int resume(const AskArgs& ask, const ProjectArgs& args);
int status(const AskArgs& ask);
int confirm(const AskArgs& ask, const ProjectArgs& args);
int list(const AskArgs& ask);
int show(const AskArgs& ask, const FindArgs& args);
int search(const AskArgs& ask, const FindArgs& args);
int history(const AskArgs& ask);
int set(const AskArgs& ask, const ChangeArgs& args);
int tick(const AskArgs& ask, const ChangeArgs& args);
int create(const AskArgs& ask, const NewArgs& args);
int archive(const AskArgs& ask, const ToolArgs& args);
int validate(const AskArgs& ask, const ToolArgs& args);
int edit(const AskArgs& ask, const EditArgs& args);
int versions(const AskArgs& ask, const VersionsArgs& args);
int restore(const AskArgs& ask, const VersionsArgs& args);
int next(const AskArgs& ask);
int claim(const AskArgs& ask, const WorkArgs& args);
int release(const AskArgs& ask, const WorkArgs& args);
int complete(const AskArgs& ask, const WorkArgs& args);
int conflicts(const AskArgs& ask, const ConflictsArgs& args);
int sync(const AskArgs& ask);
int verify(const AskArgs& ask);
int doctor(const AskArgs& ask, const Result<admin::Setting>& setting);
int open_browser(const AskArgs& ask, const OpenArgs& args);
int completions(const CompletionsArgs& args);
int version(const AskArgs& ask);
int service(const ServiceArgs& args);

}  // namespace specd::cli
