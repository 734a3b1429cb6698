// SPDX-License-Identifier: Apache-2.0
// Thin RAII over SQLite: transactions, statements, schema versions. No SQLite type leaves this folder.
//
//   Database db = Database::open("runs/adult/study.db");
//   db.migrate(std::array<std::string_view, 1>{"CREATE TABLE trials(id INTEGER PRIMARY KEY, system TEXT)"});
//   db.run("INSERT INTO trials(system) VALUES(?)", {std::string("trees")});
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace astrolabe {

using SqlValue = std::variant<std::monostate, std::int64_t, double, std::string>;
using SqlRow = std::vector<SqlValue>;

// One connection; not thread-safe. WAL, foreign keys, synchronous=FULL.
// Throws `failure` when the disk or the file is at fault, `try_again` when another process holds the lock too
// long, bad_input when the file is not a database or was written by a newer version.
class Database {
 public:
  // Creates it when absent. `patience`: how long to wait for the lock of another process.
  [[nodiscard]] static Database open(const std::filesystem::path& path,
                                     std::chrono::milliseconds patience = std::chrono::seconds(10));
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  // Applies the steps that this file has not seen yet, in one transaction each. The number of steps applied
  // is the schema version (PRAGMA user_version). Safe when several processes migrate one file at once.
  void migrate(std::span<const std::string_view> steps);

  // Runs one statement with bound values and returns its rows. A NaN is stored as NULL, as SQLite has none.
  std::vector<SqlRow> run(std::string_view sql, const SqlRow& values = {});
  // Everything in `body` happens or nothing does.
  template <class Body>
  void transaction(Body body) {
    run("BEGIN IMMEDIATE");
    try {
      body();
      run("COMMIT");  // inside: a commit that fails for a full disk must not leave the transaction open
    } catch (...) {
      roll_back();
      throw;
    }
  }
  // Folds the write-ahead log into the one file (before the folder is handed over).
  void checkpoint();

 private:
  struct State;
  explicit Database(std::unique_ptr<State> state);
  void roll_back() noexcept;
  [[nodiscard]] std::size_t schema_version();
  std::unique_ptr<State> state_;
};

}  // namespace astrolabe
