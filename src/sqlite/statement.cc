// Running statements: the cache, binding, stepping. Everything that SQLite may throw while a
// statement runs is caught here.

#include <sqlite3.h>

#include <climits>
#include <string_view>

#include "base/assert.h"
#include "sqlite/impl.h"

namespace specd::sqlite {
namespace {

/// The last one of `db` that was prepared from `sql`: SQLite names its statements newest first.
sqlite3_stmt* newest(sqlite3* db, std::string_view sql) {
  sqlite3_stmt* found = sqlite3_next_stmt(db, nullptr);
  for (; found != nullptr; found = sqlite3_next_stmt(db, found)) {
    const char* text = sqlite3_sql(found);
    if (text != nullptr && text == sql) break;
  }
  SPECD_ASSERT(found != nullptr);
  return found;
}

}  // namespace

Statement::Statement(SQLite::Database& db, const char* sql)
    : steps(db, sql), handle(newest(db.getHandle(), sql)) {}

class Database::Impl::Lease {
 public:
  Lease(Impl& impl, Sql sql) : idle_(impl.idle[sql.text()]) {
    if (idle_.empty()) {
      statement_ = std::make_unique<Statement>(impl.db, sql.text());
    } else {
      statement_ = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  ~Lease() {
    if (!statement_) return;
    // The return value repeats the failure of the last step, which was told already.
    (void)statement_->steps.tryReset();
    idle_.push_back(std::move(statement_));
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  SQLite::Statement& operator*() { return statement_->steps; }
  [[nodiscard]] sqlite3_stmt* handle() const { return statement_->handle; }

 private:
  std::vector<std::unique_ptr<Statement>>& idle_;
  std::unique_ptr<Statement> statement_;
};

namespace {

int bind(sqlite3_stmt* statement, int index, const Param& param) {
  SPECD_ASSERT(param.bytes.size() <= INT_MAX);
  // A null pointer would bind NULL where an empty value is meant.
  const char* data = param.bytes.empty() ? "" : param.bytes.data();
  const int size = static_cast<int>(param.bytes.size());
  switch (param.kind) {
    case Param::Kind::null:
      return sqlite3_bind_null(statement, index);
    case Param::Kind::integer:
      return sqlite3_bind_int64(statement, index, param.integer);
    case Param::Kind::text:
      return sqlite3_bind_text(statement, index, data, size, SQLITE_STATIC);
    case Param::Kind::blob:
      return sqlite3_bind_blob(statement, index, data, size, SQLITE_STATIC);
  }
  return SQLITE_MISUSE;
}

/// What is bound is borrowed until the statement is reset; the next lease binds anew.
void bind_all(sqlite3* db, sqlite3_stmt* statement, std::initializer_list<Param> params) {
  SPECD_ASSERT(sqlite3_bind_parameter_count(statement) == static_cast<int>(params.size()));
  int index = 0;
  for (const Param& param : params) {
    const int code = bind(statement, ++index, param);
    if (code != SQLITE_OK) throw SQLite::Exception(db, code);
  }
}

}  // namespace

Result<int64_t> Database::run_with(Sql sql, std::initializer_list<Param> params) {
  try {
    Impl::Lease statement(*impl_, sql);
    bind_all(impl_->db.getHandle(), statement.handle(), params);
    while ((*statement).executeStep()) continue;
    return (*statement).getChanges();
  } catch (const SQLite::Exception& exception) {
    return Failure(error_from(exception, impl_->db.getHandle()));
  }
}

Result<> Database::each_with(Sql sql, std::initializer_list<Param> params, OnRowCall call,
                             void* context) {
  try {
    Impl::Lease statement(*impl_, sql);
    bind_all(impl_->db.getHandle(), statement.handle(), params);
    while ((*statement).executeStep()) {
      Row row(statement.handle());
      if (!call(context, row)) break;
    }
    return {};
  } catch (const SQLite::Exception& exception) {
    return Failure(error_from(exception, impl_->db.getHandle()));
  }
}

}  // namespace specd::sqlite
