// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/store/sqlite.h"

#include <array>
#include <filesystem>
#include <fstream>

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

TEST_F(Sqlite, refuses_a_file_that_is_no_database) {
  std::ofstream(folder_ / "a.db") << std::string(4096, 'x');
  EXPECT_EQ(kind_of([&] { static_cast<void>(Database::open(folder_ / "a.db")); }), ErrorKind::bad_input);
}

TEST_F(Sqlite, fails_where_nothing_can_be_written) {
  EXPECT_EQ(kind_of([&] { static_cast<void>(Database::open(folder_ / "none" / "a.db")); }),
            ErrorKind::failure);
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
