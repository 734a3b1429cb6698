// SPDX-License-Identifier: Apache-2.0
#include "tests/search/study_backends.h"

#include "tests/store/postgres_server.h"

namespace astrolabe {

void AnyStudy::SetUp() {
  std::string name = testing::TempDir() + "astrolabe-study-XXXXXX";
  ASSERT_NE(mkdtemp(name.data()), nullptr);
  folder_ = name;
  if (GetParam() == Backend::sqlite) {
    address_.url = (folder_ / "study.db").string();
    return;
  }
  PostgresServer* server = PostgresServer::shared();
  if (server == nullptr) GTEST_SKIP() << PostgresServer::why_none();
  address_.url = server->url();
  // All tests share one database, as studies do.
  address_.name = testing::UnitTest::GetInstance()->current_test_info()->name() + folder_.filename().string();
}

void AnyStudy::TearDown() {
  std::filesystem::remove_all(folder_);
}

StudyStore AnyStudy::new_study(std::chrono::milliseconds lease) const {
  StudyAddress address = address_;
  if (lease.count() != 0) address.lease = lease;
  StudyStore store = StudyStore::open(address);
  store.create({.space = "x in 0..1", .data_hash = "9f", .options = {{"seed", "1"}}});
  return store;
}

NewTrial numbered_trial(std::uint64_t number) {
  const std::string text = std::to_string(number);
  return {.point = R"({"x":)" + text + "}", .key = "k" + text, .by = "random"};
}

}  // namespace astrolabe
