// SPDX-License-Identifier: Apache-2.0
// What a StudyStore keeps, and what its parts share. Only study_store*.cpp include it.
//
//   state.connection->transaction([&] { state.run("UPDATE trials SET lease_until = {now} WHERE ...", {}); });
//
// Locks are always taken in the order trial, then study, so that two workers never wait for each other.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/search/study_store.h"
#include "astrolabe/store/connection.h"

namespace astrolabe {

struct StudyStore::State {
  StudyAddress address;
  std::unique_ptr<Connection> connection;
  std::optional<std::int64_t> known_study = {};

  // Runs one statement. {now}: the database's clock, seconds since 1970; {lock}: takes the rows for this
  // transaction; {skip}: the same, and passes over rows that others have taken.
  std::vector<SqlRow> run(std::string_view sql, const SqlRow& values);
  // The study's number; inside of a transaction. Throws usage_error when there is no such study.
  std::int64_t study();
  // Nothing when there is no such study.
  std::optional<std::int64_t> find_study();
  [[nodiscard]] double lease_seconds() const;
  [[nodiscard]] bool is_file() const { return connection->dialect() == Dialect::sqlite; }

  // ---- Parts of transactions (study_store_trials.cpp).
  std::optional<Claim> insert(const NewTrial& trial, TrialState state, std::string_view worker);
  bool end(const Claim& claim, const TrialEnd& end);
  void write_end(std::int64_t trial, const TrialEnd& end);
  std::vector<std::string> dead_workers(std::string_view worker);
  std::optional<Claim> take_next(const std::vector<std::string>& dead, std::string_view worker);

  // ---- Reading (study_store_reading.cpp). Trials of `FROM trials WHERE study = ? AND <tail>`, whose values
  // are `values`.
  std::vector<TrialRecord> records(std::string_view tail, const SqlRow& values);
};

// ---- Between rows and values.
[[nodiscard]] std::int64_t whole(const SqlValue& value);
[[nodiscard]] std::uint64_t count_of(const SqlValue& value);
[[nodiscard]] double real(const SqlValue& value);       // NULL is NaN
[[nodiscard]] std::string text(const SqlValue& value);  // NULL is empty
// Bytes that are no UTF-8, and zero bytes, become '?': a program's last words must not break its study.
[[nodiscard]] std::string clean_text(std::string_view text);
// What trials_key holds: 128 bits of the key.
[[nodiscard]] std::string key_hash(std::string_view key);

}  // namespace astrolabe
