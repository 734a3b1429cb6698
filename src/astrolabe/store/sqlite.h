// SPDX-License-Identifier: Apache-2.0
// Thin RAII over SQLite: transactions, statements, schema versions. No SQLite type leaves this folder.
//
//   Database db = Database::open("runs/adult/study.db");
//   db.migrate(std::array<std::string_view, 1>{"CREATE TABLE trials(id INTEGER PRIMARY KEY, system TEXT)"});
//   db.run("INSERT INTO trials(system) VALUES(?)", {std::string("trees")});
#pragma once

#include <filesystem>

#include "astrolabe/store/connection.h"

namespace astrolabe {

// One connection; not thread-safe. WAL, foreign keys, synchronous=FULL.
// Throws `failure` when the disk or the file is at fault, `try_again` when another process holds the lock too
// long, bad_input when the file is not a database or was written by a newer version, usage_error for a file
// on a network file system.
class Database final : public Connection {
 public:
  // Creates it when absent. `patience`: how long to wait for the lock of another process.
  [[nodiscard]] static Database open(const std::filesystem::path& path,
                                     std::chrono::milliseconds patience = std::chrono::seconds(10));
  // Only to read, and only what was folded into the one file: nothing is written beside it, so that a folder
  // may be read-only. Throws what open() throws, `failure` when it is absent.
  [[nodiscard]] static Database open_to_read(const std::filesystem::path& path);
  // How many steps of a schema it has seen.
  [[nodiscard]] std::size_t schema_version();
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database() override;

  [[nodiscard]] Dialect dialect() const override { return Dialect::sqlite; }
  // A NaN is stored as NULL, as SQLite has none.
  std::vector<SqlRow> run(std::string_view sql, const SqlRow& values = {}) override;
  // One transaction for each step. The version is PRAGMA user_version.
  void migrate(std::span<const std::string_view> steps) override;
  // Folds the write-ahead log into the one file (before the folder is handed over). Throws try_again while
  // another process has the file open.
  void checkpoint() override;

 private:
  struct State;
  explicit Database(std::unique_ptr<State> state);
  // Writers take their turn at BEGIN, so that no body runs twice.
  void transact(Access access, const std::function<void()>& body) override;
  void roll_back() noexcept;
  std::unique_ptr<State> state_;
};

}  // namespace astrolabe
