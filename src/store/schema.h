#pragma once

#include <cstdint>
#include <span>

#include "sqlite/migrations.h"

namespace specd::store {

/// What a file of ours has as its `application_id`: "spcd".
inline constexpr int64_t kMainApplicationId = 0x73706364;

/// schema/NN-name.sql, oldest first; embedded by cmake/EmbedSql.cmake.
[[nodiscard]] std::span<const sqlite::Migration> main_migrations();
/// schema/search-NN-name.sql, oldest first.
[[nodiscard]] std::span<const sqlite::Migration> search_migrations();

}  // namespace specd::store
