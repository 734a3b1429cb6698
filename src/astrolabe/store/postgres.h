// SPDX-License-Identifier: Apache-2.0
// PostgreSQL as a Connection: reconnects, repeats what met a conflict, knows whether a commit that got no
// answer happened. No libpq type leaves this folder.
//
//   PostgresDatabase db = PostgresDatabase::open("postgresql://host/study");
//   db.transaction([&] { db.run("UPDATE studies SET last = last + 1 WHERE id = ?", {std::int64_t{1}}); });
//
// Everything lives in the schema `astrolabe` of the database. Read committed; whoever needs more takes locks
// (FOR UPDATE). Conflicts (40001, 40P01) and lost connections: the transaction runs again, after waits that
// double up to half a second. A commit in doubt is looked up in a row that every transaction changes, so that
// it happens exactly once (after migrate()). Sources: PostgreSQL 15, chapters 13 and 34 (libpq).
#pragma once

#include <memory>

#include "astrolabe/store/connection.h"

namespace astrolabe {

// Not thread-safe.
class PostgresDatabase final : public Connection {
 public:
  // Throws usage_error for an address that is none and for a server that will not have us, try_again when
  // there is no server within `patience`.
  [[nodiscard]] static PostgresDatabase open(const std::string& url,
                                             std::chrono::milliseconds patience = std::chrono::seconds(10));
  PostgresDatabase(PostgresDatabase&&) noexcept;
  PostgresDatabase& operator=(PostgresDatabase&&) noexcept;
  ~PostgresDatabase() override;

  [[nodiscard]] Dialect dialect() const override { return Dialect::postgres; }
  // Throws try_again when the server was away for longer than `patience`; whether the last commit happened is
  // not known then.
  std::vector<SqlRow> run(std::string_view sql, const SqlRow& values = {}) override;
  void migrate(std::span<const std::string_view> steps) override;
  void checkpoint() override {}

 private:
  struct State;
  explicit PostgresDatabase(std::unique_ptr<State> state);
  void transact(Access access, const std::function<void()>& body) override;
  std::unique_ptr<State> state_;
};

}  // namespace astrolabe
