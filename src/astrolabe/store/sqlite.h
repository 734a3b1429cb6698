// SPDX-License-Identifier: Apache-2.0
// Thin RAII over SQLite: transactions, statements, schema versions. No SQLite type leaves this folder.
//
//   Database db = Database::create("runs/adult/study.db");
//   db.migrate({"CREATE TABLE trials(id INTEGER PRIMARY KEY, system TEXT NOT NULL)"});
//   db.run("INSERT INTO trials(system) VALUES(?)", {std::string("trees")});
#pragma once

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

// One connection; not thread-safe. WAL, foreign keys, busy timeout 10 s, synchronous=FULL.
// Throws `failure` when the disk or the file is at fault, `try_again` when another process holds the lock too
// long, bad_input when the file is not a database or was written by a newer version.
class Database {
 public:
  [[nodiscard]] static Database open(const std::filesystem::path& path);  // creates it when absent
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  // Applies the steps that this file has not seen yet, in one transaction each. The number of steps applied
  // is the schema version (PRAGMA user_version).
  void migrate(std::span<const std::string_view> steps);

  // Runs one statement with bound values and returns its rows.
  std::vector<SqlRow> run(std::string_view sql, const SqlRow& values = {});
  // Everything in `body` happens or nothing does.
  template <class Body>
  void transaction(Body body) {
    run("BEGIN IMMEDIATE");
    try {
      body();
    } catch (...) {
      roll_back();
      throw;
    }
    run("COMMIT");
  }
  // Folds the write-ahead log into the one file (before the folder is handed over).
  void checkpoint();

 private:
  struct State;
  explicit Database(std::unique_ptr<State> state);
  void roll_back() noexcept;
  std::unique_ptr<State> state_;
};

}  // namespace astrolabe
