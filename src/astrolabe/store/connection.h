// SPDX-License-Identifier: Apache-2.0
// A database as the rest of the house sees it: statements with bound values, transactions, schema steps.
// SQLite in a file (sqlite.h) and PostgreSQL (postgres.h) are the two there are.
//
//   std::unique_ptr<Connection> db = open_connection("runs/digits/study.db", std::chrono::seconds(10));
//   db->run("INSERT INTO t(x) VALUES(?)", {0.5});
//   const std::int64_t rows = db->transaction([&] {
//     db->run("DELETE FROM t WHERE x < ?", {0.1});
//     return std::get<std::int64_t>(db->run("SELECT count(*) FROM t").at(0).at(0));
//   });
//
// Text is UTF-8. A NaN is stored as NULL. One connection is for one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace astrolabe {

using SqlValue = std::variant<std::monostate, std::int64_t, double, std::string>;
using SqlRow = std::vector<SqlValue>;

enum class Dialect : std::uint8_t { sqlite, postgres };

class Connection {
 public:
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  virtual ~Connection() = default;

  [[nodiscard]] virtual Dialect dialect() const = 0;
  // Runs one statement, a `?` for each value, and returns its rows. Statements are prepared once per text, so
  // texts should be few: build none from data. Outside of a transaction it is one of its own.
  virtual std::vector<SqlRow> run(std::string_view sql, const SqlRow& values = {}) = 0;
  // Applies the steps that this database has not seen yet; the number of steps seen is its schema version.
  // Safe when several processes do so at once. Throws bad_input for a newer version.
  virtual void migrate(std::span<const std::string_view> steps) = 0;
  // Folds logs into the one file. Nothing to do on a server.
  virtual void checkpoint() = 0;

  // Everything in `body` happens, durably, or nothing does. `body` is run again when the database asks for
  // that (a conflict, a connection lost), so it may change nothing but the database and its own results.
  template <class Body>
  auto transaction(Body body) {
    return perform(Access::write, std::move(body));
  }
  // `body` sees one state of the database throughout, and changes nothing. Run again like the above.
  template <class Body>
  auto read(Body body) {
    return perform(Access::read, std::move(body));
  }

 protected:
  enum class Access : std::uint8_t { read, write };
  Connection(Connection&&) = default;
  Connection& operator=(Connection&&) = default;

 private:
  virtual void transact(Access access, const std::function<void()>& body) = 0;

  template <class Body>
  auto perform(Access access, Body body) {
    using Result = std::invoke_result_t<Body>;
    if constexpr (std::is_void_v<Result>) {
      transact(access, std::move(body));
    } else {
      std::optional<Result> result;
      transact(access, [&] { result.emplace(body()); });
      return Result(std::move(*result));
    }
  }
};

// postgresql:// or postgres://
[[nodiscard]] bool is_postgres_url(std::string_view url);

// A path or a PostgreSQL URL. `patience`: how long to wait for the locks of others and for a server that is
// away. Throws what Database::open and PostgresDatabase::open throw; usage_error for any other kind of URL.
[[nodiscard]] std::unique_ptr<Connection> open_connection(const std::string& url,
                                                          std::chrono::milliseconds patience);

}  // namespace astrolabe
