// Running statements: the cache, binding, stepping. Everything that SQLite may throw while a
// statement runs is caught here.

#include <climits>

#include "base/assert.h"
#include "sqlite/impl.h"

namespace specd::sqlite {

class Database::Impl::Lease {
 public:
  Lease(Impl& impl, Sql sql) : idle_(impl.idle[sql.text()]) {
    if (idle_.empty()) {
      statement_ = std::make_unique<SQLite::Statement>(impl.db, sql.text());
    } else {
      statement_ = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  ~Lease() {
    if (!statement_) return;
    // The return value repeats the failure of the last step, which was told already.
    (void)statement_->tryReset();
    idle_.push_back(std::move(statement_));
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  SQLite::Statement& operator*() { return *statement_; }

 private:
  std::vector<std::unique_ptr<SQLite::Statement>>& idle_;
  std::unique_ptr<SQLite::Statement> statement_;
};

namespace {

void bind(SQLite::Statement& statement, int index, const Param& param) {
  SPECD_ASSERT(param.bytes.size() <= INT_MAX);
  switch (param.kind) {
    case Param::Kind::null:
      return statement.bind(index);
    case Param::Kind::integer:
      return statement.bind(index, param.integer);
    case Param::Kind::text:
      return statement.bind(index, std::string(param.bytes));
    case Param::Kind::blob:
      // A null pointer would bind NULL where an empty BLOB is meant.
      return statement.bindNoCopy(index, param.bytes.empty() ? "" : param.bytes.data(),
                                  static_cast<int>(param.bytes.size()));
  }
}

void bind_all(SQLite::Statement& statement, std::initializer_list<Param> params) {
  SPECD_ASSERT(statement.getBindParameterCount() == static_cast<int>(params.size()));
  int index = 0;
  for (const Param& param : params) bind(statement, ++index, param);
}

}  // namespace

Result<int64_t> Database::run_with(Sql sql, std::initializer_list<Param> params) {
  try {
    Impl::Lease statement(*impl_, sql);
    bind_all(*statement, params);
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
    bind_all(*statement, params);
    while ((*statement).executeStep()) {
      Row row(&*statement);
      if (!call(context, row)) break;
    }
    return {};
  } catch (const SQLite::Exception& exception) {
    return Failure(error_from(exception, impl_->db.getHandle()));
  }
}

}  // namespace specd::sqlite
