#pragma once

#include <memory>
#include <string>
#include <vector>

namespace specd::bench {

/// The least that anybody would have to do: a table of paths, contents and SHA-256 in a WAL
/// database with synchronous=NORMAL (FULL where commits have to be durable), and nothing else.
class FloorDatabase {
 public:
  enum class Commits { in_order, durable };
  explicit FloorDatabase(const std::string& path, Commits commits = Commits::in_order);
  ~FloorDatabase();

  void begin();
  /// Hashes the content and writes its row.
  void put(const std::string& path, const std::string& content);
  void commit();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Every file below the folder, read, hashed and written in transactions of 1,000; how many.
size_t read_into(FloorDatabase& database, const std::string& folder);
/// The same for these files below `root`, in one transaction.
void read_into(FloorDatabase& database, const std::string& root,
               const std::vector<std::string>& paths);
/// Names and stats of everything below the folder; how many files there are.
[[nodiscard]] size_t stat_walk(const std::string& folder);

}  // namespace specd::bench
