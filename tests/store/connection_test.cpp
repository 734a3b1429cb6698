// SPDX-License-Identifier: Apache-2.0
// What both databases promise.
#include "astrolabe/store/connection.h"

#include <array>
#include <atomic>
#include <cmath>
#include <filesystem>
#include <limits>
#include <thread>
#include <vector>

#include "tests/store/postgres_server.h"
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

constexpr std::array<std::string_view, 1> kSchema = {
    "CREATE TABLE t(id BIGINT PRIMARY KEY, x DOUBLE PRECISION, s TEXT);"
    "CREATE TABLE other(id BIGINT PRIMARY KEY, n BIGINT NOT NULL)"};
constexpr std::array<std::string_view, 2> kNewerSchema = {kSchema[0], "ALTER TABLE t ADD COLUMN more TEXT"};

class AnyConnection : public testing::TestWithParam<Dialect> {
 protected:
  void SetUp() override {
    if (GetParam() == Dialect::sqlite) {
      std::string name = testing::TempDir() + "astrolabe-connection-XXXXXX";
      ASSERT_NE(mkdtemp(name.data()), nullptr);
      folder_ = name;
      url_ = (folder_ / "a.db").string();
    } else {
      PostgresServer* server = PostgresServer::shared();
      if (server == nullptr) GTEST_SKIP() << PostgresServer::why_none();
      url_ = server->empty_database();
    }
  }
  void TearDown() override {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }
  [[nodiscard]] std::unique_ptr<Connection> open() const {
    auto connection = open_connection(url_, std::chrono::seconds(10));
    connection->migrate(kSchema);
    return connection;
  }
  [[nodiscard]] static std::int64_t count(Connection& db) {
    return std::get<std::int64_t>(db.run("SELECT count(*) FROM t").at(0).at(0));
  }

  std::filesystem::path folder_;
  std::string url_;
};

TEST_P(AnyConnection, gives_back_what_was_written) {
  const auto db = open();
  const double infinity = std::numeric_limits<double>::infinity();
  const std::vector<SqlRow> wanted = {
      {std::int64_t{INT64_MIN}, 0.1, std::string("it's a 'star' \"?\" \xe2\x98\x86\n")},
      {std::int64_t{-1}, -infinity, std::string()},
      {std::int64_t{0}, 5e-324, std::monostate{}},
      {std::int64_t{1}, std::monostate{}, std::string(100000, 'x')},
      {std::int64_t{2}, -0.0, std::string("?")},
      {std::int64_t{INT64_MAX}, infinity, std::string("\\x00")},
  };
  for (const SqlRow& row : wanted) db->run("INSERT INTO t(id, x, s) VALUES(?, ?, ?)", row);
  EXPECT_EQ(db->run("SELECT id, x, s FROM t ORDER BY id"), wanted);
  db->run("INSERT INTO t(id, x) VALUES(?, ?)", {std::int64_t{7}, std::nan("")});
  EXPECT_EQ(db->run("SELECT x FROM t WHERE id = ?", {std::int64_t{7}}), std::vector<SqlRow>{{SqlValue()}});
}

TEST_P(AnyConnection, undoes_a_transaction_that_throws) {
  const auto db = open();
  EXPECT_THROW(db->transaction([&] {
    db->run("INSERT INTO t(id) VALUES(1)");
    throw std::runtime_error("stop");
  }),
               std::runtime_error);
  EXPECT_EQ(count(*db), 0);
  EXPECT_EQ(db->transaction([&] {
    db->run("INSERT INTO t(id) VALUES(1)");
    return count(*db);
  }),
            1);
}

TEST_P(AnyConnection, goes_on_after_a_statement_that_failed) {
  const auto db = open();
  db->run("INSERT INTO t(id) VALUES(1)");
  EXPECT_THROW(db->run("INSERT INTO t(id) VALUES(1)"), Error);
  EXPECT_THROW(db->transaction([&] {
    db->run("INSERT INTO t(id) VALUES(2)");
    db->run("INSERT INTO t(id) VALUES(1)");
  }),
               Error);
  EXPECT_EQ(count(*db), 1);
}

TEST_P(AnyConnection, reads_one_state_throughout) {
  const auto db = open();
  const auto other = open();
  db->read([&] {
    EXPECT_EQ(count(*db), 0);
    other->run("INSERT INTO t(id) VALUES(1)");
    EXPECT_EQ(count(*db), 0);
  });
  EXPECT_EQ(count(*db), 1);
}

TEST_P(AnyConnection, migrates_once_and_only_forward) {
  const auto db = open();
  open()->migrate(kNewerSchema);
  open_connection(url_, std::chrono::seconds(10))->migrate(kNewerSchema);
  EXPECT_TRUE(db->run("SELECT more FROM t").empty());
  try {
    db->migrate(kSchema);
    FAIL() << "a newer schema was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    EXPECT_NE(std::string(error.what())
                  .find("expected schema version 1 or older, found version 2. Use the "
                        "Astrolabe that wrote it, or a newer one."),
              std::string::npos)
        << error.what();
  }
}

TEST_P(AnyConnection, lets_many_migrate_at_once) {
  std::atomic<int> done = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      open_connection(url_, std::chrono::seconds(10))->migrate(kNewerSchema);
      ++done;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done, 6);
}

TEST_P(AnyConnection, loses_no_change_of_many_that_count_at_once) {
  open()->run("INSERT INTO other(id, n) VALUES(1, 0), (2, 0)");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      const auto db = open();
      // Half of them in the other order: PostgreSQL sees deadlocks, ends one, and we run it again.
      for (int round = 0; round < 20; ++round) {
        db->transaction([&] {
          db->run("UPDATE other SET n = n + 1 WHERE id = ?", {std::int64_t{1 + i % 2}});
          db->run("UPDATE other SET n = n + 1 WHERE id = ?", {std::int64_t{2 - i % 2}});
        });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(open()->run("SELECT n FROM other ORDER BY id"),
            (std::vector<SqlRow>{{std::int64_t{80}}, {std::int64_t{80}}}));
}

TEST_P(AnyConnection, remembers_few_statements_however_many_texts_it_sees) {
  const auto db = open();
  for (int i = 0; i < 450; ++i)
    EXPECT_EQ(db->run("SELECT " + std::to_string(i) + " FROM other"), std::vector<SqlRow>{});
}

TEST(OpenConnection, refuses_other_addresses) {
  for (const std::string url : {"", "mysql://host/db", "file://x"}) {
    try {
      static_cast<void>(open_connection(url, std::chrono::seconds(1)));
      ADD_FAILURE() << url;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::usage);
      EXPECT_NE(std::string(error.what()).find("expected a path or postgresql://..."), std::string::npos);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Both, AnyConnection, testing::Values(Dialect::sqlite, Dialect::postgres),
                         [](const auto& of) { return of.param == Dialect::sqlite ? "sqlite" : "postgres"; });

}  // namespace
}  // namespace astrolabe
