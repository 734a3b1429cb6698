// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/store/postgres_link.h"

#include <array>
#include <cerrno>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/store/postgres_text.h"

namespace astrolabe {
namespace {

constexpr std::size_t kMaxStatements =
    200;  // texts are few; a caller who builds them must not fill the server

// Types of pg_type.dat, which never change.
constexpr Oid kBool = 16, kInt8 = 20, kInt2 = 21, kInt4 = 23, kFloat4 = 700, kFloat8 = 701;

// The session: our own corner of the database, commits that are on disk, no lock kept by a client that froze
// or whose machine is gone, and no plan that reads a whole table: one that was made while the table was small
// would stay when it has a million rows. Without jit, which compiles for 150 ms whatever looks dear.
constexpr const char* kSession =
    "SET search_path = astrolabe; SET synchronous_commit = on; SET client_min_messages = warning;"
    "SET enable_seqscan = off; SET jit = off; SET idle_in_transaction_session_timeout = '20s';"
    "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3";

SqlValue cell(const PGresult* result, int row, int column) {
  if (PQgetisnull(result, row, column) != 0) return std::monostate{};
  const char* text = PQgetvalue(result, row, column);
  switch (PQftype(result, column)) {
    case kInt2:
    case kInt4:
    case kInt8:
      return static_cast<std::int64_t>(std::strtoll(text, nullptr, 10));
    case kBool:
      return std::int64_t{text[0] == 't'};
    case kFloat4:
    case kFloat8:
      return parse_number(text).value_or(std::nan(""));
    default:
      return std::string(text, static_cast<std::size_t>(PQgetlength(result, row, column)));
  }
}

std::vector<SqlRow> rows_of(const PGresult* result) {
  std::vector<SqlRow> rows(static_cast<std::size_t>(PQntuples(result)));
  const int columns = PQnfields(result);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (int column = 0; column < columns; ++column)
      rows[i].push_back(cell(result, static_cast<int>(i), column));
  }
  return rows;
}

// The value as PostgreSQL reads it; nothing for NULL.
std::optional<std::string> text_of(const SqlValue& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return std::to_string(*whole);
  if (const auto* real = std::get_if<double>(&value)) {
    return std::isnan(*real) ? std::nullopt : std::optional(fmt::format("{}", *real));
  }
  if (const auto* text = std::get_if<std::string>(&value)) {
    ASTROLABE_CHECK(text->find('\0') == std::string::npos, "PostgreSQL's texts hold no zero byte");
    return *text;
  }
  return std::nullopt;
}

// postgresql://host:port/database: what people may see of a URL.
std::string shown_url(const PQconninfoOption* options) {
  std::string host, port, database;
  for (const PQconninfoOption* option = options; option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    const std::string_view keyword = option->keyword;
    if (keyword == "host") host = option->val;
    if (keyword == "port") port = std::string(":") + option->val;
    if (keyword == "dbname") database = std::string("/") + option->val;
  }
  return "postgresql://" + host + port + database;
}

}  // namespace

void PostgresLink::CloseConnection::operator()(pg_conn* connection) const {
  PQfinish(connection);
}
void PostgresLink::ClearResult::operator()(pg_result* result) const {
  PQclear(result);
}

PostgresLink::PostgresLink(std::string url, std::chrono::milliseconds silence)
    : url_(std::move(url)), silence_(silence) {
  char* complaint = nullptr;
  PQconninfoOption* options = PQconninfoParse(url_.c_str(), &complaint);
  if (options == nullptr) {
    const std::string found = first_line(complaint == nullptr ? "nothing" : complaint);
    PQfreemem(complaint);
    throw usage_error({.attempted = "reading the address of a database",
                       .expected = "postgresql://[user@]host[:port]/database",
                       .found = found,
                       .remedy = "Characters such as @ or / in a password are written as %40 and %2F."});
  }
  name_ = shown_url(options);
  PQconninfoFree(options);
}

bool PostgresLink::is_open() const {
  return connection_ != nullptr && PQstatus(connection_.get()) == CONNECTION_OK;
}

void PostgresLink::close() {
  connection_.reset();
  statements_.clear();
}

void PostgresLink::connect() {
  close();
  // What the URL says comes last, so it wins.
  const std::array<const char*, 10> words = {"connect_timeout",  "keepalives",
                                             "keepalives_idle",  "keepalives_interval",
                                             "keepalives_count", "tcp_user_timeout",
                                             "client_encoding",  "application_name",
                                             "dbname",           nullptr};
  const std::string user_timeout = std::to_string(silence_.count());
  const std::array<const char*, 10> values = {
      "5", "1", "10", "5", "3", user_timeout.c_str(), "UTF8", "astrolabe", url_.c_str(), nullptr};
  connection_.reset(PQconnectdbParams(words.data(), values.data(), 1));
  if (!is_open()) {
    const std::string why =
        first_line(connection_ == nullptr ? "no memory" : PQerrorMessage(connection_.get()));
    close();
    if (may_connect_later(why)) throw Interrupted(true, why);
    throw usage_error({.attempted = "opening " + name_,
                       .expected = "a database that lets us in",
                       .found = why,
                       .remedy = "Check the name of the database, the user and the password."});
  }
  PQsetNoticeProcessor(connection_.get(), [](void*, const char*) {}, nullptr);
  PQsetnonblocking(connection_.get(), 1);
  script(kSession);
}

void PostgresLink::lose(const std::string& why) {
  close();
  throw Interrupted(true, why);
}

void PostgresLink::wait_for_socket() {
  pollfd entry{.fd = PQsocket(connection_.get()), .events = POLLIN, .revents = 0};
  if (PQflush(connection_.get()) == 1) entry.events |= POLLOUT;
  const int ready = poll(&entry, 1, static_cast<int>(silence_.count()));
  if (ready == 0) lose("no answer for " + format_duration(static_cast<double>(silence_.count()) / 1000));
  if (ready < 0 && errno != EINTR) lose("the connection broke");
}

PostgresLink::Result PostgresLink::answer(int sent) {
  if (sent != 1) lose(first_line(PQerrorMessage(connection_.get())));
  Result last;
  for (;;) {
    while (PQflush(connection_.get()) == 1 || PQisBusy(connection_.get()) == 1) {
      wait_for_socket();
      if (PQconsumeInput(connection_.get()) == 0) lose(first_line(PQerrorMessage(connection_.get())));
    }
    Result next(PQgetResult(connection_.get()));
    if (next == nullptr) break;
    // Of several, the first error tells the cause.
    if (last == nullptr || PQresultStatus(last.get()) != PGRES_FATAL_ERROR) last = std::move(next);
  }
  if (!is_open())
    lose(last == nullptr ? "the connection broke" : first_line(PQresultErrorMessage(last.get())));
  require(last.get());
  return last;
}

void PostgresLink::require(pg_result* result) {
  const ExecStatusType status = PQresultStatus(result);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return;
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const std::string why = first_line(PQresultErrorMessage(result));
  switch (blame_of(state == nullptr ? "08006" : state)) {
    case Blame::conflict:
      throw Interrupted(false, why);
    case Blame::connection:
      lose(why);
    case Blame::disk:
      throw failure({.attempted = "writing " + name_,
                     .found = why,
                     .remedy = "Check the disk of the database server, then go on."});
    case Blame::rights:
      throw failure({.attempted = "writing " + name_,
                     .found = why,
                     .remedy = "Ask for the right to create and to write in that database."});
    case Blame::other:
      break;
  }
  throw failure({.attempted = "using " + name_,
                 .found = why,
                 .remedy = "Somebody else may have changed the schema astrolabe of that database."});
}

const std::string& PostgresLink::prepared(std::string_view sql) {
  const auto known = statements_.find(sql);
  if (known != statements_.end()) return known->second;
  if (statements_.size() >= kMaxStatements) {
    script("DEALLOCATE ALL");
    statements_.clear();
  }
  const std::string name = fmt::format("s{}", statements_.size());
  answer(PQsendPrepare(connection_.get(), name.c_str(), numbered_placeholders(sql).c_str(), 0, nullptr));
  return statements_.emplace(sql, name).first->second;
}

std::vector<SqlRow> PostgresLink::run(std::string_view sql, const SqlRow& values) {
  if (!is_open()) lose("the connection broke");
  const std::string& name = prepared(sql);
  std::vector<std::optional<std::string>> texts;
  std::vector<const char*> pointers;
  texts.reserve(values.size());
  for (const SqlValue& value : values) {
    texts.push_back(text_of(value));
    pointers.push_back(texts.back() ? texts.back()->c_str() : nullptr);
  }
  const Result result =
      answer(PQsendQueryPrepared(connection_.get(), name.c_str(), static_cast<int>(values.size()),
                                 pointers.data(), nullptr, nullptr, 0));
  return rows_of(result.get());
}

std::vector<SqlRow> PostgresLink::script(const std::string& sql) {
  if (!is_open()) lose("the connection broke");
  const Result result = answer(PQsendQuery(connection_.get(), sql.c_str()));
  return rows_of(result.get());
}

}  // namespace astrolabe
