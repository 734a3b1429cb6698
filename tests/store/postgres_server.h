// SPDX-License-Identifier: Apache-2.0
// A PostgreSQL server of the test's own, in a temporary folder, reached by a socket in it; gone with the
// test, also when that is killed. As root it runs as the user postgres, since it refuses root.
//
//   PostgresServer* server = PostgresServer::shared();
//   if (server == nullptr) GTEST_SKIP() << PostgresServer::why_none();
//   Connection of server->url(); server->stop(); server->start();
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <sys/types.h>

namespace astrolabe {

class PostgresServer {
 public:
  // Started when first asked for; null when PostgreSQL is not installed.
  [[nodiscard]] static PostgresServer* shared();
  [[nodiscard]] static std::string why_none();

  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;
  ~PostgresServer();

  [[nodiscard]] std::string url(const std::string& database = "postgres") const;
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  // The one database that everybody uses, without what was in it; returns its URL.
  [[nodiscard]] std::string empty_database() const;
  // Returns when it answers. The server ends with the thread that called this: call it from the test's own.
  void start();
  void stop();  // at once, as after a crash

 private:
  PostgresServer(std::filesystem::path binaries, std::filesystem::path folder);
  std::filesystem::path binaries_, folder_;
  pid_t process_ = -1;
};

}  // namespace astrolabe
