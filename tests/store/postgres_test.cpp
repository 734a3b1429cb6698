// SPDX-License-Identifier: Apache-2.0
// What only a server can do: go away, come back, say no, be cut off at the worst moment.
#include "astrolabe/store/postgres.h"

#include <array>
#include <chrono>
#include <functional>
#include <thread>

#include "tests/store/dropping_proxy.h"
#include "tests/store/postgres_server.h"
#include "tests/support/patience.h"
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::array<std::string_view, 1> kSchema = {
    "CREATE TABLE t(id BIGINT PRIMARY KEY, n BIGINT NOT NULL)"};

class Postgres : public testing::Test {
 protected:
  void SetUp() override {
    server_ = PostgresServer::shared();
    if (server_ == nullptr) GTEST_SKIP() << PostgresServer::why_none();
    url_ = server_->empty_database();
    PostgresDatabase db = PostgresDatabase::open(url_);
    db.migrate(kSchema);
    db.run("INSERT INTO t VALUES(1, 0)");
  }
  static void add(Connection& db) {
    db.transaction([&] { db.run("UPDATE t SET n = n + 1 WHERE id = 1"); });
  }
  static std::int64_t sum(Connection& db) {
    return std::get<std::int64_t>(db.run("SELECT n FROM t").at(0).at(0));
  }
  static ErrorKind kind_of(const std::function<void()>& action, const std::string& part) {
    try {
      action();
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
      return error.kind();
    }
    ADD_FAILURE() << "nothing was thrown";
    return ErrorKind::failure;
  }

  PostgresServer* server_ = nullptr;
  std::string url_;
};

TEST_F(Postgres, that_went_away_is_told_after_the_patience_and_used_again_when_back) {
  PostgresDatabase db = PostgresDatabase::open(url_, milliseconds(150 * kPatience));
  add(db);
  server_->stop();
  EXPECT_EQ(kind_of([&] { add(db); }, "Start the database server"), ErrorKind::try_again);
  EXPECT_EQ(kind_of([&] { static_cast<void>(PostgresDatabase::open(url_, milliseconds(50))); },
                    "connection to server on socket"),
            ErrorKind::try_again);
  server_->start();
  add(db);
  EXPECT_EQ(sum(db), 2);
}

TEST_F(Postgres, that_comes_back_in_time_is_waited_for) {
  PostgresDatabase db = PostgresDatabase::open(url_, seconds(20));
  add(db);
  server_->stop();
  // The server is started by this thread: it ends with the thread that started it.
  std::thread waiting([&] { EXPECT_NO_THROW(add(db)); });
  std::this_thread::sleep_for(milliseconds(200));
  server_->start();
  waiting.join();
  EXPECT_EQ(sum(db), 2);
}

TEST_F(Postgres, connection_cut_after_a_commit_does_not_do_it_twice) {
  DroppingProxy proxy(server_->folder());
  PostgresDatabase db = PostgresDatabase::open(proxy.url());
  db.migrate(kSchema);
  for (int round = 1; round <= 5; ++round) {
    proxy.drop_next(DroppingProxy::Drop::after_commit);
    add(db);
    EXPECT_EQ(proxy.dropped(), round);
    EXPECT_EQ(sum(db), round);
  }
}

TEST_F(Postgres, connection_cut_before_a_commit_does_it_once_more) {
  DroppingProxy proxy(server_->folder());
  PostgresDatabase db = PostgresDatabase::open(proxy.url());
  db.migrate(kSchema);
  for (int round = 1; round <= 5; ++round) {
    proxy.drop_next(DroppingProxy::Drop::before_commit);
    add(db);
    EXPECT_EQ(proxy.dropped(), round);
    EXPECT_EQ(sum(db), round);
  }
}

TEST_F(Postgres, says_at_once_when_it_will_not_have_us) {
  EXPECT_EQ(kind_of([&] { static_cast<void>(PostgresDatabase::open(server_->url("nothing"))); },
                    "database \"nothing\" does not exist. Check the name"),
            ErrorKind::usage);
}

TEST_F(Postgres, keeps_passwords_out_of_messages) {
  const std::string url = "postgresql://astrolabe:hunter2@/nothing?host=" + server_->folder().string();
  try {
    static_cast<void>(PostgresDatabase::open(url));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find("hunter2"), std::string::npos) << error.what();
  }
}

TEST(PostgresAddress, that_is_none_is_refused) {
  for (const std::string url : {"postgresql://host:port/db", "postgresql://a b%zz/"}) {
    try {
      static_cast<void>(PostgresDatabase::open(url));
      ADD_FAILURE() << url;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::usage) << error.what();
    }
  }
}

}  // namespace
}  // namespace astrolabe
