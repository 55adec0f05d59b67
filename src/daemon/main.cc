#include "base/memory.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/project.h"
#include "daemon/run.h"
#include "daemon/signals.h"

int main(int argc, char** argv) {
  using specd::cli::Command;
  int exit_code = 0;
  auto args = specd::cli::parse_args(argc, argv, exit_code);
  if (!args) return exit_code;
  auto ask = specd::cli::with_slug(std::move(args->ask));
  if (!ask) return specd::cli::give_up(ask.error());
  args->ask = std::move(*ask);
  switch (args->command) {
    case Command::run:
      specd::keep_few_heaps();
      specd::daemon::block_signals();
      return specd::daemon::run(args->run);
    case Command::add:
      return specd::cli::add(args->ask, args->project);
    case Command::remove:
      return specd::cli::remove(args->ask, args->project);
    case Command::relink:
      return specd::cli::relink(args->ask, args->project);
    case Command::projects:
      return specd::cli::projects(args->ask);
    case Command::pause:
      return specd::cli::pause(args->ask, args->project);
    case Command::resume:
      return specd::cli::resume(args->ask, args->project);
    case Command::status:
      return specd::cli::status(args->ask);
    case Command::confirm:
      return specd::cli::confirm(args->ask, args->project);
    case Command::list:
      return specd::cli::list(args->ask);
    case Command::show:
      return specd::cli::show(args->ask, args->find);
    case Command::search:
      return specd::cli::search(args->ask, args->find);
    case Command::history:
      return specd::cli::history(args->ask);
    case Command::set:
      return specd::cli::set(args->ask, args->change);
    case Command::tick:
      return specd::cli::tick(args->ask, args->change);
    case Command::create:
      return specd::cli::create(args->ask, args->create);
    case Command::archive:
      return specd::cli::archive(args->ask, args->tool);
    case Command::validate:
      return specd::cli::validate(args->ask, args->tool);
    case Command::edit:
      return specd::cli::edit(args->ask, args->edit);
    case Command::versions:
      return specd::cli::versions(args->ask, args->versions);
    case Command::restore:
      return specd::cli::restore(args->ask, args->versions);
    case Command::next:
      return specd::cli::next(args->ask);
    case Command::claim:
      return specd::cli::claim(args->ask, args->work);
    case Command::release:
      return specd::cli::release(args->ask, args->work);
    case Command::complete:
      return specd::cli::complete(args->ask, args->work);
    case Command::conflicts:
      return specd::cli::conflicts(args->ask, args->conflicts);
    case Command::sync:
      return specd::cli::sync(args->ask);
    case Command::verify:
      return specd::cli::verify(args->ask);
    case Command::config:
      return specd::daemon::config(args->config);
    case Command::doctor:
      return specd::cli::doctor(args->ask, specd::daemon::setting(args->run));
    case Command::open:
      return specd::cli::open_browser(args->ask, args->open);
    case Command::version:
      return specd::cli::version(args->ask);
    case Command::completions:
      return specd::cli::completions(args->completions);
    case Command::service:
      return specd::cli::service(args->service);
  }
  return 2;
}
