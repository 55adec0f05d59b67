#pragma once

#include <string>

namespace specd::store {

/// A program with its own SQLite that edits the database beside us.
enum class Client { shell, better_sqlite3, node_sqlite };

struct Ran {
  bool ok = false;
  std::string output;  ///< both streams
};

/// Runs `script` in the client, in a process of its own. A missing tool fails the test.
[[nodiscard]] Ran run_foreign(Client client, const std::string& database,
                              const std::string& script);
[[nodiscard]] std::string name_of(Client client);

}  // namespace specd::store
