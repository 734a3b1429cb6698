// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/store/postgres.h"

#include <algorithm>
#include <random>
#include <thread>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/store/postgres_link.h"

namespace astrolabe {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMaxConflicts = 50;
constexpr std::chrono::milliseconds kLongestWait{500};
constexpr std::chrono::milliseconds kLeastSilence{5000};

// The n-th wait, from 0: 5 ms, 10, 20, ... The same each time: whoever waited longest is not pushed back.
std::chrono::milliseconds nth_wait(std::size_t n) {
  return std::min(kLongestWait, std::chrono::milliseconds(5LL << std::min<std::size_t>(n, 10)));
}

// A name that no other connection has. No result depends on it.
std::string unique_name() {
  std::random_device device;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", device(), device(), device(), device());
}

}  // namespace

// Every transaction that writes leaves its number in the session's row, so whether a commit that got no
// answer happened can be read there. (pg_xact_status would do without, but a server that crashed may give the
// number of a transaction that was lost to another one.)
struct PostgresDatabase::State {
  PostgresLink link;
  std::chrono::milliseconds patience;
  std::string session = unique_name();
  std::uint64_t newest = 0;   // number of the newest transaction that writes
  bool has_sessions = false;  // the table is there: migrate() was called
  bool in_transaction = false;

  void begin(Access access) {
    if (access == Access::read) {
      link.script("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
      return;
    }
    ++newest;
    std::string begin = "BEGIN ISOLATION LEVEL READ COMMITTED;";
    if (has_sessions) {
      begin += fmt::format(
          "INSERT INTO sessions(id, newest, at) VALUES('{}', {}, now())"
          " ON CONFLICT(id) DO UPDATE SET newest = excluded.newest, at = excluded.at",
          session, newest);
    }
    link.script(begin);
  }
  void roll_back() noexcept {
    try {
      if (link.is_open()) link.script("ROLLBACK");
    } catch (...) {
      link.close();  // the server undoes what is left open
    }
  }
  // Whether the newest transaction happened, whose commit got no answer. Waits for the old session, which may
  // still be at it: the row is locked until it ends.
  [[nodiscard]] bool newest_was_committed() {
    if (!has_sessions) return false;  // only migrate() comes here, which may be repeated
    const auto rows =
        link.script(fmt::format("BEGIN; INSERT INTO sessions(id, newest, at) VALUES('{}', 0, now())"
                                " ON CONFLICT(id) DO UPDATE SET newest = sessions.newest RETURNING newest",
                                session));
    link.script("ROLLBACK");
    return std::get<std::int64_t>(rows.at(0).at(0)) == static_cast<std::int64_t>(newest);
  }
  // Takes our row away, and those of sessions that were killed a month ago.
  void forget_session() noexcept {
    if (!has_sessions || newest == 0 || !link.is_open()) return;
    try {
      link.script(
          fmt::format("DELETE FROM sessions WHERE id = '{}' OR at < now() - interval '30 days'", session));
    } catch (...) {
      link.close();  // somebody else will
    }
  }
  [[nodiscard]] Error away(const std::string& why) const {
    return try_again(
        {.attempted = "using " + link.name(),
         .found = why,
         .remedy = "Start the database server, or wait for it; nothing that was written is lost."});
  }
};

PostgresDatabase::PostgresDatabase(std::unique_ptr<State> state) : state_(std::move(state)) {}
PostgresDatabase::PostgresDatabase(PostgresDatabase&&) noexcept = default;
PostgresDatabase& PostgresDatabase::operator=(PostgresDatabase&&) noexcept = default;
PostgresDatabase::~PostgresDatabase() {
  if (state_ != nullptr) state_->forget_session();
}

PostgresDatabase PostgresDatabase::open(const std::string& url, std::chrono::milliseconds patience) {
  auto state = std::make_unique<State>(
      State{.link = PostgresLink(url, std::max(patience, kLeastSilence)), .patience = patience});
  PostgresDatabase database(std::move(state));
  database.read([] {});
  return database;
}

std::vector<SqlRow> PostgresDatabase::run(std::string_view sql, const SqlRow& values) {
  if (state_->in_transaction) return state_->link.run(sql, values);
  return transaction([&] { return state_->link.run(sql, values); });
}

void PostgresDatabase::transact(Access access, const std::function<void()>& body) {
  State& state = *state_;
  ASTROLABE_CHECK(!state.in_transaction, "transactions do not nest");
  struct Inside {
    bool& flag;
    explicit Inside(bool& inside) : flag(inside) { flag = true; }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;
    ~Inside() { flag = false; }
  };
  const Inside inside(state.in_transaction);

  bool in_doubt = false;  // the commit was sent, and not answered
  std::optional<Clock::time_point> away_since;
  std::size_t waits = 0, conflicts = 0;
  for (;;) {
    try {
      if (!state.link.is_open()) state.link.connect();
      if (in_doubt && state.newest_was_committed()) return;
      in_doubt = false;
      state.begin(access);
      body();
      in_doubt = access == Access::write;
      state.link.script("COMMIT");
      return;
    } catch (const Interrupted& interruption) {
      state.roll_back();
      const auto now = Clock::now();
      if (interruption.connection_lost) {
        if (!away_since) away_since = now;
        if (now - *away_since >= state.patience) throw state.away(interruption.why);
      } else {
        in_doubt = false;  // the server has said that nothing happened
        if (++conflicts > kMaxConflicts) throw state.away(interruption.why);
      }
      std::this_thread::sleep_for(nth_wait(waits++));
    } catch (...) {
      state.roll_back();
      throw;
    }
  }
}

void PostgresDatabase::migrate(std::span<const std::string_view> steps) {
  constexpr std::string_view kVersion = "SELECT coalesce(max(version), 0) FROM schema_version";
  const auto version_of = [&]() -> std::size_t {
    const auto found = run("SELECT to_regclass('astrolabe.schema_version')::text");
    if (std::holds_alternative<std::monostate>(found.at(0).at(0))) return 0;
    return static_cast<std::size_t>(std::get<std::int64_t>(run(kVersion).at(0).at(0)));
  };
  const std::size_t version = read(version_of);
  if (version > steps.size()) {
    throw bad_input({.attempted = "opening " + state_->link.name(),
                     .expected = fmt::format("schema version {} or older", steps.size()),
                     .found = fmt::format("version {}", version),
                     .remedy = "Use the Astrolabe that wrote it, or a newer one."});
  }
  if (version == steps.size()) {
    state_->has_sessions = true;
    return;
  }
  transaction([&] {
    // One at a time: creating what exists is an error even with IF NOT EXISTS when two do it at once.
    state_->link.script(
        "SELECT pg_advisory_xact_lock(4702111234474983745);"
        "CREATE SCHEMA IF NOT EXISTS astrolabe;"
        "CREATE TABLE IF NOT EXISTS schema_version(version BIGINT NOT NULL);"
        "CREATE TABLE IF NOT EXISTS sessions(id TEXT PRIMARY KEY, newest BIGINT NOT NULL,"
        "  at TIMESTAMPTZ NOT NULL)");
    for (std::size_t step = version_of(); step < steps.size(); ++step) {
      state_->link.script(std::string(steps[step]));
      state_->link.script(fmt::format("INSERT INTO schema_version VALUES({})", step + 1));
    }
  });
  state_->has_sessions = true;
}

}  // namespace astrolabe
