// SPDX-License-Identifier: Apache-2.0
// What may go wrong around a study: old and newer files, a full disk, a server that goes away.
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "tests/search/study_backends.h"
#include "tests/store/postgres_server.h"
#include "tests/support/patience.h"
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "astrolabe/base/error.h"
#include "astrolabe/search/study_store.h"
#include "astrolabe/store/connection.h"

namespace astrolabe {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

ErrorKind kind_of(const std::function<void()>& action, const std::string& part) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    return error.kind();
  }
  ADD_FAILURE() << "nothing was thrown; expected: " << part;
  return ErrorKind::cancelled;
}

class StudyFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "astrolabe-study-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    path_ = folder_ / "study.db";
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path folder_, path_;
};

TEST_F(StudyFile, of_version_1_keeps_its_rows_and_becomes_a_study) {
  fs::copy_file(fs::path(ASTROLABE_SEARCH_FIXTURES) / "study_version_1.db", path_);
  {
    StudyStore store = StudyStore::open({.url = path_.string()});
    EXPECT_FALSE(store.head());
    store.create({.space = "s", .data_hash = "d", .options = {}});
    EXPECT_TRUE(store.start(numbered_trial(1), "me"));
    // Its seal was opened once before there were studies.
    EXPECT_EQ(store.record_opening("score", "again"), 2U);
  }
  const auto db = open_connection(path_.string(), milliseconds(100));
  EXPECT_EQ(db->run("SELECT learner FROM run_trials ORDER BY id"),
            (std::vector<SqlRow>{{std::string("linear")}, {std::string("baseline")}}));
  EXPECT_EQ(db->run("SELECT value FROM run_options WHERE name = 'target'"),
            (std::vector<SqlRow>{{std::string("target")}}));
  const auto openings = db->run("SELECT number, at FROM openings WHERE slice = 'score' ORDER BY number");
  ASSERT_EQ(openings.size(), 2U);
  EXPECT_GT(std::get<double>(openings[0][1]), 1.7e9);
}

TEST_F(StudyFile, of_a_newer_version_is_bad_input) {
  static_cast<void>(StudyStore::open({.url = path_.string()}));
  open_connection(path_.string(), milliseconds(100))->run("PRAGMA user_version = 3");
  EXPECT_EQ(kind_of([&] { static_cast<void>(StudyStore::open({.url = path_.string()})); },
                    "expected schema version 2 or older, found version 3. Use the Astrolabe that wrote it"),
            ErrorKind::bad_input);
}

TEST_F(StudyFile, that_is_no_database_is_bad_input) {
  std::ofstream(path_) << std::string(5000, 'x');
  EXPECT_EQ(kind_of([&] { static_cast<void>(StudyStore::open({.url = path_.string()})); },
                    "file is not a database"),
            ErrorKind::bad_input);
}

TEST_F(StudyFile, is_one_file_after_a_checkpoint_and_goes_on_after_it) {
  StudyStore store = StudyStore::open({.url = path_.string()});
  store.create({.space = "s", .data_hash = "d", .options = {}});
  EXPECT_TRUE(store.start(numbered_trial(1), "me"));
  store.checkpoint();
  EXPECT_FALSE(fs::exists(path_.string() + "-wal"));
  EXPECT_TRUE(store.start(numbered_trial(2), "me"));
  EXPECT_EQ(StudyStore::open({.url = path_.string()}).counts().total, 2U);
}

// Files may not grow beyond a size, as on a full disk, while this lives.
class FullDisk {
 public:
  explicit FullDisk(rlim_t size) {
    // Nobody may lower a soft limit for others by this: it is undone, and the signal would end the test.
    old_handler_ = std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit{.rlim_cur = size, .rlim_max = old_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_{};
  void (*old_handler_)(int) = nullptr;
};

TEST_F(StudyFile, on_a_disk_that_fills_keeps_what_it_acknowledged_and_goes_on_when_there_is_room) {
  StudyStore store = StudyStore::open({.url = path_.string()});
  store.create({.space = "s", .data_hash = "d", .options = {}});
  std::uint64_t acknowledged = 0;
  std::string message;
  {
    const FullDisk full(1500000);
    try {
      for (std::uint64_t i = 1; i < 2000; ++i) {
        const std::optional<Claim> claim = store.start(numbered_trial(i), "me");
        if (claim && store.finish(*claim, {.cost = 1, .outcome = std::string(500, 'x')})) ++acknowledged;
      }
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::failure);
      message = error.what();
    }
  }
  EXPECT_NE(message.find("Check the folder, its permissions and the free space."), std::string::npos)
      << message;
  EXPECT_GT(acknowledged, 10U);
  EXPECT_EQ(store.counts().complete, acknowledged);
  EXPECT_TRUE(store.start(numbered_trial(9000), "me"));
  StudyStore again = StudyStore::open({.url = path_.string()});
  EXPECT_EQ(again.counts().complete, acknowledged);
  EXPECT_EQ(again.finished_after(0, SIZE_MAX).size(), acknowledged);
}

TEST(StudyUrl, of_another_kind_is_a_usage_error) {
  EXPECT_EQ(kind_of([] { static_cast<void>(StudyStore::open({.url = "mysql://host/db"})); },
                    "expected a path or postgresql://..."),
            ErrorKind::usage);
  EXPECT_TRUE(StudyAddress{.url = "postgres://host/db"}.is_server());
  EXPECT_TRUE(StudyAddress{.url = "postgresql://host/db"}.is_server());
  EXPECT_FALSE(StudyAddress{.url = "runs/postgresql/study.db"}.is_server());
}

class StudyServer : public testing::Test {
 protected:
  void SetUp() override {
    server_ = PostgresServer::shared();
    if (server_ == nullptr) GTEST_SKIP() << PostgresServer::why_none();
    address_.url = server_->empty_database();
  }
  PostgresServer* server_ = nullptr;
  StudyAddress address_;
};

TEST_F(StudyServer, that_goes_away_loses_nothing_that_was_acknowledged) {
  address_.patience = std::chrono::seconds(2 * kPatience);
  StudyStore store = StudyStore::open(address_);
  store.create({.space = "s", .data_hash = "d", .options = {}});
  const Claim claim = store.start(numbered_trial(1), "me").value();
  server_->stop();
  EXPECT_EQ(
      kind_of([&] { static_cast<void>(store.finish(claim, {.cost = 1})); }, "Start the database server"),
      ErrorKind::try_again);
  server_->start();
  EXPECT_TRUE(store.finish(claim, {.cost = 1}));
  EXPECT_EQ(store.counts().complete, 1U);
}

TEST_F(StudyServer, that_comes_back_is_waited_for) {
  address_.patience = std::chrono::seconds(20 * kPatience);
  StudyStore store = StudyStore::open(address_);
  store.create({.space = "s", .data_hash = "d", .options = {}});
  std::vector<Claim> claims;
  for (std::uint64_t i = 0; i < 200; ++i) claims.push_back(store.start(numbered_trial(i), "me").value());
  std::thread worker([&] {
    EXPECT_NO_THROW({
      for (const Claim& claim : claims) EXPECT_TRUE(store.finish(claim, {.cost = 1}));
    });
  });
  for (int i = 0; i < 3; ++i) {
    std::this_thread::sleep_for(milliseconds(15));
    server_->stop();
    server_->start();
  }
  worker.join();
  EXPECT_EQ(store.counts().complete, claims.size());
  EXPECT_EQ(store.finished_after(0, 1000).back().finished, claims.size());
}

TEST_F(StudyServer, of_a_newer_version_is_bad_input) {
  static_cast<void>(StudyStore::open(address_));
  open_connection(address_.url, milliseconds(1000))->run("INSERT INTO schema_version VALUES(2)");
  EXPECT_EQ(kind_of([&] { static_cast<void>(StudyStore::open(address_)); },
                    "expected schema version 1 or older, found version 2"),
            ErrorKind::bad_input);
  static_cast<void>(server_->empty_database());
}

}  // namespace
}  // namespace astrolabe
