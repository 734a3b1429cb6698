// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/store/sqlite.h"

#include <array>
#include <atomic>
#include <barrier>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

class Sqlite : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        std::filesystem::temp_directory_path() /
        ("astrolabe-store-" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string path() const { return (folder_ / "a.db").string(); }

  std::filesystem::path folder_;
  const std::array<std::string_view, 1> schema_ = {"CREATE TABLE t(id INTEGER PRIMARY KEY, x REAL, s TEXT)"};
};

ErrorKind kind_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.kind();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorKind::failure;
}

void expect_error(ErrorKind kind, const std::string& message, const std::function<void()>& action) {
  try {
    action();
    ADD_FAILURE() << "expected: " << message;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind);
    EXPECT_EQ(error.what(), message);
  }
}

TEST_F(Sqlite, gives_back_what_was_written) {
  Database db = Database::open(folder_ / "a.db");
  db.migrate(schema_);
  db.run("INSERT INTO t(x, s) VALUES(?, ?)", {0.1, std::string("it's \0 here", 11)});
  db.run("INSERT INTO t(x, s) VALUES(?, ?)", {std::monostate{}, std::monostate{}});
  const auto rows = db.run("SELECT id, x, s FROM t ORDER BY id");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(std::get<std::int64_t>(rows[0][0]), 1);
  EXPECT_EQ(std::get<double>(rows[0][1]), 0.1);
  EXPECT_EQ(std::get<std::string>(rows[0][2]), std::string("it's \0 here", 11));
  EXPECT_TRUE(std::holds_alternative<std::monostate>(rows[1][1]));
}

TEST_F(Sqlite, opened_to_read_sees_what_was_folded_in_and_writes_nothing) {
  {
    Database db = Database::open(path());
    db.migrate(schema_);
    db.run("INSERT INTO t(x) VALUES(?)", {1.5});
    db.checkpoint();
  }
  std::filesystem::rename(path(), folder_ / "100% odd?#.db");
  Database db = Database::open_to_read(folder_ / "100% odd?#.db");
  EXPECT_EQ(db.schema_version(), 1U);
  EXPECT_EQ(std::get<double>(db.run("SELECT x FROM t").at(0).at(0)), 1.5);
  EXPECT_THROW(db.run("DELETE FROM t"), Error);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
  EXPECT_THROW(static_cast<void>(Database::open_to_read(folder_ / "absent.db")), Error);
}

TEST_F(Sqlite, migrates_once_and_only_forward) {
  const std::array<std::string_view, 2> newer = {schema_[0], "ALTER TABLE t ADD COLUMN more TEXT"};
  Database::open(folder_ / "a.db").migrate(schema_);
  Database::open(folder_ / "a.db").migrate(schema_);
  Database db = Database::open(folder_ / "a.db");
  db.migrate(newer);
  EXPECT_EQ(std::get<std::int64_t>(db.run("PRAGMA user_version")[0][0]), 2);
  EXPECT_EQ(kind_of([&] { db.migrate(schema_); }), ErrorKind::bad_input);
}

TEST_F(Sqlite, undoes_a_transaction_that_throws) {
  Database db = Database::open(folder_ / "a.db");
  db.migrate(schema_);
  EXPECT_THROW(db.transaction([&] {
    db.run("INSERT INTO t(x) VALUES(1)");
    throw std::runtime_error("stop");
  }),
               std::runtime_error);
  EXPECT_EQ(std::get<std::int64_t>(db.run("SELECT count(*) FROM t")[0][0]), 0);
}

TEST_F(Sqlite, undoes_a_transaction_whose_commit_fails) {
  Database db = Database::open(folder_ / "a.db");
  db.migrate(std::array<std::string_view, 2>{
      "CREATE TABLE parent(id INTEGER PRIMARY KEY)",
      "CREATE TABLE child(of INTEGER REFERENCES parent(id) DEFERRABLE INITIALLY DEFERRED)"});
  EXPECT_EQ(kind_of([&] { db.transaction([&] { db.run("INSERT INTO child(of) VALUES(1)"); }); }),
            ErrorKind::failure);
  db.transaction([&] { db.run("INSERT INTO parent(id) VALUES(1)"); });
  EXPECT_EQ(std::get<std::int64_t>(db.run("SELECT count(*) FROM child")[0][0]), 0);
}

TEST_F(Sqlite, undoes_a_migration_step_that_fails_half_way) {
  Database db = Database::open(folder_ / "a.db");
  const std::array<std::string_view, 2> broken = {schema_[0],
                                                  "CREATE TABLE more(id INTEGER); SELECT nonsense"};
  EXPECT_THROW(db.migrate(broken), Error);
  EXPECT_EQ(std::get<std::int64_t>(db.run("PRAGMA user_version")[0][0]), 1);
  EXPECT_TRUE(db.run("SELECT name FROM sqlite_schema WHERE name = 'more'").empty());
}

TEST_F(Sqlite, lets_many_processes_migrate_one_file_at_once) {
  std::atomic<int> done = 0;
  std::vector<std::thread> processes;
  for (int i = 0; i < 4; ++i) {
    processes.emplace_back([&] {
      Database::open(folder_ / "a.db").migrate(schema_);
      ++done;
    });
  }
  for (std::thread& process : processes) process.join();
  EXPECT_EQ(done, 4);
}

TEST_F(Sqlite, lets_two_make_one_file_at_once) {
  // That both look at the empty file before either writes is a matter of luck, so there are many files.
  constexpr int kFiles = 40;
  std::barrier start(2);
  std::atomic<int> opened = 0;
  const auto make_all = [&] {
    for (int file = 0; file < kFiles; ++file) {
      start.arrive_and_wait();
      try {
        Database::open((folder_ / (std::to_string(file) + ".db")).string()).migrate(schema_);
        ++opened;
      } catch (const Error& error) {
        ADD_FAILURE() << error.what();
      }
    }
  };
  std::thread other(make_all);
  make_all();
  other.join();
  EXPECT_EQ(opened, 2 * kFiles);
}

TEST_F(Sqlite, keeps_a_write_ahead_log_and_foreign_keys) {
  Database db = Database::open(folder_ / "a.db");
  EXPECT_EQ(std::get<std::string>(db.run("PRAGMA journal_mode")[0][0]), "wal");
  EXPECT_EQ(std::get<std::int64_t>(db.run("PRAGMA foreign_keys")[0][0]), 1);
  EXPECT_EQ(std::get<std::int64_t>(db.run("PRAGMA synchronous")[0][0]), 2);
}

TEST_F(Sqlite, runs_one_statement_at_a_time) {
  Database db = Database::open(folder_ / "a.db");
  EXPECT_NO_THROW(db.run("SELECT 1 ;\n"));
  EXPECT_THROW(db.run("SELECT 1; SELECT 2"), InternalError);
}

TEST_F(Sqlite, asks_to_try_again_while_another_process_writes) {
  Database writer = Database::open(folder_ / "a.db");
  writer.migrate(schema_);
  Database other = Database::open(folder_ / "a.db", std::chrono::milliseconds(20));
  writer.transaction([&] {
    expect_error(
        ErrorKind::try_again,
        "writing " + path() + ": database is locked. Another process is writing; try again in a moment.",
        [&] { other.run("INSERT INTO t(x) VALUES(1)"); });
  });
  EXPECT_NO_THROW(other.run("INSERT INTO t(x) VALUES(1)"));
}

TEST_F(Sqlite, refuses_a_file_of_a_newer_version) {
  Database db = Database::open(folder_ / "a.db");
  db.migrate(std::array<std::string_view, 2>{schema_[0], "CREATE TABLE more(id INTEGER)"});
  expect_error(
      ErrorKind::bad_input,
      "opening " + path() +
          ": expected schema version 1 or older, found version 2. Use the Astrolabe that wrote it, or a "
          "newer one.",
      [&] { db.migrate(schema_); });
}

TEST_F(Sqlite, refuses_a_file_that_is_no_database) {
  std::ofstream(folder_ / "a.db") << std::string(4096, 'x');
  expect_error(
      ErrorKind::bad_input,
      "opening " + path() +
          ": expected a study that Astrolabe wrote, found file is not a database. Restore the file, or "
          "start a new run.",
      [&] { static_cast<void>(Database::open(folder_ / "a.db")); });
}

TEST_F(Sqlite, fails_where_nothing_can_be_written) {
  expect_error(ErrorKind::failure,
               "opening " + (folder_ / "none" / "a.db").string() +
                   ": unable to open database file. Check the folder, its permissions and the free space.",
               [&] { static_cast<void>(Database::open(folder_ / "none" / "a.db")); });
}

TEST_F(Sqlite, leaves_one_file_after_a_checkpoint) {
  Database db = Database::open(folder_ / "a.db");
  db.migrate(schema_);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "a.db-wal"));
  db.checkpoint();
  EXPECT_FALSE(std::filesystem::exists(folder_ / "a.db-wal"));
}

}  // namespace
}  // namespace astrolabe
