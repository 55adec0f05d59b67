#include "tests/store/foreign_client.h"

#include <gtest/gtest.h>
#include <stdio.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temp_dir.h"

namespace specd::store {
namespace {

const std::string kSource = SPECD_SOURCE_DIR;
const std::string kModules = kSource + "/tests/tools/node_modules";

std::string command(Client client, const std::string& database) {
  if (client == Client::shell) return "sqlite3 -batch -bail '" + database + "'";
  const std::string node = kModules + "/.bin/node";
  return "'" + node + "' --no-warnings '" + kSource + "/tests/store/run_sql.mjs' " +
         name_of(client) + " '" + database + "' '" + kModules + "'";
}

bool installed(Client client) {
  if (client == Client::shell) return std::system("command -v sqlite3 >/dev/null") == 0;
  return std::filesystem::exists(kModules + "/.bin/node") &&
         std::filesystem::exists(kModules + "/better-sqlite3");
}

}  // namespace

std::string name_of(Client client) {
  switch (client) {
    case Client::shell:
      return "sqlite3";
    case Client::better_sqlite3:
      return "better-sqlite3";
    case Client::node_sqlite:
      return "node:sqlite";
  }
  return {};
}

Ran run_foreign(Client client, const std::string& database, const std::string& script) {
  if (!installed(client)) {
    ADD_FAILURE() << name_of(client) << " is missing: run scripts/setup";
    return {};
  }
  const test::TempDir dir;
  const std::string input = dir.file("script.sql");
  std::ofstream(input) << script;
  FILE* pipe = ::popen((command(client, database) + " < '" + input + "' 2>&1").c_str(), "r");
  Ran ran;
  char buffer[4096];
  while (const size_t size = ::fread(buffer, 1, sizeof buffer, pipe))
    ran.output.append(buffer, size);
  const int status = ::pclose(pipe);
  ran.ok = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  return ran;
}

}  // namespace specd::store
