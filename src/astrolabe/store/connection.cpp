// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/store/connection.h"

#include "astrolabe/base/error.h"
#include "astrolabe/store/postgres.h"
#include "astrolabe/store/sqlite.h"

namespace astrolabe {

bool is_postgres_url(std::string_view url) {
  return url.starts_with("postgresql://") || url.starts_with("postgres://");
}

std::unique_ptr<Connection> open_connection(const std::string& url, std::chrono::milliseconds patience) {
  if (is_postgres_url(url)) return std::make_unique<PostgresDatabase>(PostgresDatabase::open(url, patience));
  if (url.empty() || url.find("://") != std::string::npos) {
    const std::string scheme = url.substr(0, url.find("://"));
    throw usage_error({.attempted = "opening a study",
                       .expected = "a path or postgresql://...",
                       .found = url.empty() ? "nothing" : scheme + "://...",
                       .remedy = "Name a file, or a PostgreSQL database."});
  }
  return std::make_unique<Database>(Database::open(url, patience));
}

}  // namespace astrolabe
