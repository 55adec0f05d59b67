#include "sqlite/migrations.h"

#include <chrono>
#include <string>

#include "base/assert.h"

namespace specd::sqlite {
namespace {

constexpr std::chrono::milliseconds kPatience{5'000};  // with another client's commit

// Whether the file may be ours at all. Only reads, so that a file that is not stays as it was.
Result<> check(Database& db, const Schema& schema, int64_t version) {
  const std::string what(schema.what);
  const auto application = db.integer("PRAGMA application_id");
  if (!application) return Failure(application.error());
  const auto tables = db.integer("SELECT count(*) FROM sqlite_schema");
  if (!tables) return Failure(tables.error());
  const bool empty = *application == 0 && version == 0 && *tables == 0;
  if (!empty && *application != schema.application_id) {
    return fail(Code::refused, "this is not a " + what + " but another program's file");
  }
  const int64_t newest = schema.migrations.back().version;
  if (version > newest) {
    return fail(Code::refused, "this " + what + " has version " + std::to_string(version) +
                                   " and was written by a newer specd; this one knows versions "
                                   "up to " +
                                   std::to_string(newest) + ". Update specd");
  }
  return {};
}

Result<> step(Database& db, const Schema& schema, const Migration& migration) {
  auto transaction = db.begin(Durability::full, kPatience);
  if (!transaction) return Failure(std::move(transaction.error()));
  const std::string numbers = "PRAGMA application_id=" + std::to_string(schema.application_id) +
                              ";PRAGMA user_version=" + std::to_string(migration.version);
  if (auto done = db.script(std::string(migration.sql)); !done) return done;
  if (auto done = db.script(numbers); !done) return done;
  return transaction->commit();
}

}  // namespace

Result<Migrated> migrate(Database& db, const Schema& schema) {
  SPECD_ASSERT(!schema.migrations.empty());
  const auto version = db.integer("PRAGMA user_version");
  if (!version) return Failure(version.error());
  if (auto ours = check(db, schema, *version); !ours) return Failure(std::move(ours.error()));
  if (auto wal = db.script("PRAGMA journal_mode=WAL"); !wal) return Failure(std::move(wal.error()));
  for (const Migration& migration : schema.migrations) {
    if (migration.version <= *version) continue;
    if (auto done = step(db, schema, migration); !done) {
      return fail_within("migrate to " + std::string(migration.name), std::move(done.error()));
    }
  }
  return Migrated{.from = *version, .to = schema.migrations.back().version};
}

}  // namespace specd::sqlite
