// SPDX-License-Identifier: Apache-2.0
// One connection of libpq: statements prepared once per text, answers awaited no longer than `silence`.
// Reconnecting and transactions are postgres.h's. For this folder only.
//
//   PostgresLink link(url, std::chrono::seconds(10));
//   link.connect();
//   link.run("SELECT count(*) FROM trials WHERE state = ?", {std::int64_t{2}});
#pragma once

#include <chrono>
#include <exception>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/store/connection.h"

struct pg_conn;
struct pg_result;

namespace astrolabe {

// What may go well when it is done again. Never leaves this folder.
struct Interrupted : std::exception {
  Interrupted(bool lost, std::string message) : connection_lost(lost), why(std::move(message)) {}
  [[nodiscard]] const char* what() const noexcept override { return why.c_str(); }

  bool connection_lost;  // otherwise a conflict with another transaction
  std::string why;
};

class PostgresLink {
 public:
  // Throws usage_error for what is no PostgreSQL URL. Connects to nothing yet.
  PostgresLink(std::string url, std::chrono::milliseconds silence);

  [[nodiscard]] bool is_open() const;
  // Throws Interrupted while there is no server, usage_error when it will not have us.
  void connect();
  void close();

  // Both throw Interrupted, or `failure` for what would fail again.
  std::vector<SqlRow> run(std::string_view sql, const SqlRow& values);
  // Several statements without values; the rows of the last.
  std::vector<SqlRow> script(const std::string& sql);

  [[nodiscard]] const std::string& name() const { return name_; }  // postgresql://host/db, no password

 private:
  struct CloseConnection {
    void operator()(pg_conn* connection) const;
  };
  struct ClearResult {
    void operator()(pg_result* result) const;
  };
  using Result = std::unique_ptr<pg_result, ClearResult>;

  const std::string& prepared(std::string_view sql);
  // Waits for the answer of what was sent (`sent` is libpq's 1 or 0).
  Result answer(int sent);
  void wait_for_socket();
  void require(pg_result* result);
  [[noreturn]] void lose(const std::string& why);

  std::string url_, name_;
  std::chrono::milliseconds silence_;
  std::unique_ptr<pg_conn, CloseConnection> connection_;
  std::map<std::string, std::string, std::less<>> statements_;  // text -> name on the server
};

}  // namespace astrolabe
