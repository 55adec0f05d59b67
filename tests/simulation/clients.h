#pragma once

#include <string>
#include <vector>

#include "tests/simulation/world.h"

namespace specd::simulation {

/// A world with people, agents and SQL clients, who edit through the engine and the database. Each
/// call is one of them doing one thing by chance, and says what.
class Clients : protected World {
 protected:
  using World::World;

  std::string act_through_engine();
  std::string act_by_sql();
  std::string resume();

 private:
  std::string edit();
  std::string create();
  std::string restore();
  std::string resolve();
  std::string set_fields();
  std::string claim();
  std::string pause();

  [[nodiscard]] sync::FileEdit edit_of(const std::string& path, const std::string& content);
  [[nodiscard]] SteadyTime some_deadline();
  void answered(const std::vector<std::string>& texts, const Result<sync::EditAnswer>& answer);
  [[nodiscard]] std::string some_spec(bool is_deleted);

  std::string sql_update(const std::string& path);
  std::string sql_insert(const std::string& path);
  std::string sql_view(const std::string& spec);
  std::string sql_remove(const std::string& path);
};

}  // namespace specd::simulation
