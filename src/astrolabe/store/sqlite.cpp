// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/store/sqlite.h"

#include <map>
#include <thread>

#include <fmt/format.h>
#include <sqlite3.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/store/file_system.h"

namespace astrolabe {
namespace {

// The kind of error that a result code of SQLite stands for.
Error error_of(int code, const std::string& attempted, const char* message) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return try_again({.attempted = attempted,
                        .found = message,
                        .remedy = "Another process is writing; try again in a moment."});
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return bad_input({.attempted = attempted,
                        .expected = "a study that Astrolabe wrote",
                        .found = message,
                        .remedy = "Restore the file, or start a new run."});
    default:
      return failure({.attempted = attempted,
                      .found = message,
                      .remedy = "Check the folder, its permissions and the free space."});
  }
}

constexpr std::size_t kMaxStatements = 200;  // texts are few; a caller who builds them must not fill memory

struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

// Ends the use of a cached statement: it lets go of its locks and of the values.
struct ResetStatement {
  void operator()(sqlite3_stmt* statement) const {
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
  }
};

// The values outlive the statement's use, so none is copied.
int bind(sqlite3_stmt* statement, int at, const SqlValue& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return sqlite3_bind_int64(statement, at, *whole);
  if (const auto* real = std::get_if<double>(&value)) return sqlite3_bind_double(statement, at, *real);
  if (const auto* text = std::get_if<std::string>(&value)) {
    return sqlite3_bind_text64(statement, at, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  return sqlite3_bind_null(statement, at);
}

SqlValue column_value(sqlite3_stmt* statement, int at) {
  switch (sqlite3_column_type(statement, at)) {
    case SQLITE_NULL:
      return std::monostate{};
    case SQLITE_INTEGER:
      return static_cast<std::int64_t>(sqlite3_column_int64(statement, at));
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement, at);
    default: {
      const void* bytes = sqlite3_column_blob(statement, at);
      const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, at));
      return bytes == nullptr ? std::string() : std::string(static_cast<const char*>(bytes), size);
    }
  }
}

}  // namespace

struct Database::State {
  sqlite3* handle = nullptr;
  std::string path;
  std::chrono::milliseconds patience{};
  std::chrono::steady_clock::time_point waiting_since;
  std::map<std::string, Statement, std::less<>> statements;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    statements.clear();
    sqlite3_close(handle);
  }

  void require(int code, std::string_view action) const {
    if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) return;
    throw error_of(code, fmt::format("{} {}", action, path), sqlite3_errmsg(handle));
  }
  void execute(std::string_view script, std::string_view action = "writing") const {
    require(sqlite3_exec(handle, std::string(script).c_str(), nullptr, nullptr, nullptr), action);
  }
  void keep_a_log() const;
  sqlite3_stmt* prepared(std::string_view sql);
};

namespace {

// SQLite's own waiting sleeps up to 100 ms between looks, while a writer holds the lock for a fraction of
// one: two busy writers would starve each other. `count` is how often this lock was looked at.
template <class State>
int wait_for_lock(void* of, int count) {
  auto& state = *static_cast<State*>(of);
  const auto now = std::chrono::steady_clock::now();
  if (count == 0) state.waiting_since = now;
  if (now - state.waiting_since >= state.patience) return 0;
  std::this_thread::sleep_for(std::chrono::microseconds(count < 200 ? 100 : 2000));
  return 1;
}

}  // namespace

// Two who make a new file at once both read it before either may write. SQLite refuses one of them at once,
// for waiting would be a deadlock: it has to let go of what it read, and to ask again.
void Database::State::keep_a_log() const {
  const auto since = std::chrono::steady_clock::now();
  for (;;) {
    const int code = sqlite3_exec(handle, "PRAGMA journal_mode = WAL;", nullptr, nullptr, nullptr);
    if ((code & 0xff) != SQLITE_BUSY || std::chrono::steady_clock::now() - since >= patience)
      return require(code, "opening");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

sqlite3_stmt* Database::State::prepared(std::string_view sql) {
  const auto known = statements.find(sql);
  if (known != statements.end()) return known->second.get();
  sqlite3_stmt* made = nullptr;
  const char* rest = nullptr;
  const int code = sqlite3_prepare_v3(handle, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &made, &rest);
  Statement statement(made);
  require(code, "preparing a statement for");
  ASTROLABE_CHECK(trim(std::string_view(rest, sql.data() + sql.size())).empty(),
                  "more than one statement; the rest would be dropped silently");
  if (statements.size() >= kMaxStatements) statements.clear();
  return statements.emplace(sql, std::move(statement)).first->second.get();
}

Database::Database(std::unique_ptr<State> state) : state_(std::move(state)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Database Database::open(const std::filesystem::path& path, std::chrono::milliseconds patience) {
  auto state = std::make_unique<State>();
  state->path = path.string();
  state->patience = patience;
  require_local_file_system(path);
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  state->require(sqlite3_open_v2(state->path.c_str(), &state->handle, flags, nullptr), "opening");
  sqlite3_busy_handler(state->handle, &wait_for_lock<State>, state.get());
  state->keep_a_log();
  state->execute("PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL;", "opening");
  return Database(std::move(state));
}

Database Database::open_to_read(const std::filesystem::path& path) {
  auto state = std::make_unique<State>();
  state->path = path.string();
  // As a URI, for `immutable`: no lock is taken and no log is looked for.
  std::string uri = "file:";
  for (const char each : state->path) {
    if (each == '%' || each == '?' || each == '#')
      uri += fmt::format("%{:02X}", each);
    else
      uri += each;
  }
  const int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
  state->require(sqlite3_open_v2((uri + "?immutable=1").c_str(), &state->handle, flags, nullptr), "opening");
  return Database(std::move(state));
}

std::size_t Database::schema_version() {
  return static_cast<std::size_t>(std::get<std::int64_t>(run("PRAGMA user_version").at(0).at(0)));
}

void Database::migrate(std::span<const std::string_view> steps) {
  const std::size_t version = schema_version();
  if (version > steps.size()) {
    throw bad_input({.attempted = "opening " + state_->path,
                     .expected = fmt::format("schema version {} or older", steps.size()),
                     .found = fmt::format("version {}", version),
                     .remedy = "Use the Astrolabe that wrote it, or a newer one."});
  }
  for (std::size_t step = version; step < steps.size(); ++step) {
    transaction([&] {
      // Another process may have taken this step while we waited for the lock.
      if (schema_version() > step) return;
      state_->execute(steps[step]);
      state_->execute(fmt::format("PRAGMA user_version = {}", step + 1));
    });
  }
}

std::vector<SqlRow> Database::run(std::string_view sql, const SqlRow& values) {
  const std::unique_ptr<sqlite3_stmt, ResetStatement> statement(state_->prepared(sql));
  for (std::size_t i = 0; i < values.size(); ++i) {
    state_->require(bind(statement.get(), static_cast<int>(i) + 1, values[i]), "binding a value for");
  }
  std::vector<SqlRow> rows;
  for (;;) {
    const int code = sqlite3_step(statement.get());
    state_->require(code, "writing");
    if (code != SQLITE_ROW) return rows;
    SqlRow& row = rows.emplace_back();
    for (int i = 0; i < sqlite3_column_count(statement.get()); ++i) {
      row.push_back(column_value(statement.get(), i));
    }
  }
}

void Database::transact(Access access, const std::function<void()>& body) {
  run(access == Access::write ? "BEGIN IMMEDIATE" : "BEGIN");
  try {
    body();
    run("COMMIT");  // inside: a commit that fails for a full disk must not leave the transaction open
  } catch (...) {
    roll_back();
    throw;
  }
}

void Database::checkpoint() {
  state_->execute("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE;");
}

void Database::roll_back() noexcept {
  // A failed COMMIT or a full disk may have rolled back already.
  if (sqlite3_get_autocommit(state_->handle) == 0) {
    sqlite3_exec(state_->handle, "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

}  // namespace astrolabe
