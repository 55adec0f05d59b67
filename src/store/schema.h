#pragma once

#include <span>

#include "sqlite/migrations.h"

namespace specd::store {

/// schema/NN-name.sql, oldest first; embedded by cmake/EmbedSql.cmake.
[[nodiscard]] std::span<const sqlite::Migration> main_migrations();
/// schema/search-NN-name.sql, oldest first.
[[nodiscard]] std::span<const sqlite::Migration> search_migrations();

}  // namespace specd::store
