// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/study_store.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/hash.h"
#include "astrolabe/base/text.h"
#include "astrolabe/search/study_store_schema.h"
#include "astrolabe/search/study_store_state.h"

namespace astrolabe {

// ---- Between rows and values.

std::int64_t whole(const SqlValue& value) {
  return std::get<std::int64_t>(value);
}
std::uint64_t count_of(const SqlValue& value) {
  return static_cast<std::uint64_t>(whole(value));
}
double real(const SqlValue& value) {
  if (const auto* number = std::get_if<double>(&value)) return *number;
  return std::numeric_limits<double>::quiet_NaN();
}
std::string text(const SqlValue& value) {
  if (const auto* found = std::get_if<std::string>(&value)) return *found;
  return {};
}

std::string clean_text(std::string_view text) {
  std::string clean(text);
  std::ranges::replace(clean, '\0', '?');
  std::size_t from = 0;
  while (const auto bad = find_invalid_utf8(std::string_view(clean).substr(from))) {
    from += *bad;
    clean[from] = '?';
  }
  return clean;
}

std::string key_hash(std::string_view key) {
  return hash_to_hex(hash_text(key, 1)) + hash_to_hex(hash_text(key, 2));
}

// ---- What the parts share.

bool StudyAddress::is_server() const {
  return is_postgres_url(url);
}

std::vector<SqlRow> StudyStore::State::run(std::string_view sql, const SqlRow& values) {
  const bool file = is_file();
  // SQLite has locked the whole file already.
  return connection->run(
      fmt::format(fmt::runtime(sql),
                  fmt::arg("now", file ? "((julianday('now') - 2440587.5) * 86400.0)"
                                       : "CAST(extract(epoch FROM clock_timestamp()) AS DOUBLE PRECISION)"),
                  fmt::arg("lock", file ? "" : "FOR UPDATE"),
                  fmt::arg("skip", file ? "" : "FOR UPDATE SKIP LOCKED")),
      values);
}

std::optional<std::int64_t> StudyStore::State::find_study() {
  if (!known_study) {
    const auto rows = run("SELECT id FROM studies WHERE name = ?", {address.name});
    if (!rows.empty()) known_study = whole(rows[0][0]);
  }
  return known_study;
}

std::int64_t StudyStore::State::study() {
  if (const auto found = find_study()) return *found;
  throw usage_error({.attempted = "opening a study",
                     .expected = "one of the name " + address.name,
                     .found = "none there",
                     .remedy = "Check --name, or start the study first."});
}

double StudyStore::State::lease_seconds() const {
  return std::chrono::duration<double>(address.lease.value_or(kLease)).count();
}

// ---- The study.

StudyStore::StudyStore(std::unique_ptr<State> state) : state_(std::move(state)) {}
StudyStore::StudyStore(StudyStore&&) noexcept = default;
StudyStore& StudyStore::operator=(StudyStore&&) noexcept = default;
StudyStore::~StudyStore() = default;

StudyStore StudyStore::open(const StudyAddress& address) {
  auto state = std::make_unique<State>(
      State{.address = address, .connection = open_connection(address.url, address.patience)});
  state->connection->migrate(study_schema(state->connection->dialect()));
  return StudyStore(std::move(state));
}

namespace {

// Throws bad_input when a study that is there is about something else.
void require_equal(const StudyHead& there, const StudyHead& wanted, const std::string& name) {
  std::string differs;
  if (there.space != wanted.space) differs = "another space";
  if (there.data_hash != wanted.data_hash) differs = "other data";
  for (const auto* options : {&there.options, &wanted.options}) {
    for (const auto& [option, value] : *options) {
      const auto a = there.options.find(option);
      const auto b = wanted.options.find(option);
      if (a == there.options.end() || b == wanted.options.end() || a->second != b->second)
        differs = fmt::format("{} {}", option, a == there.options.end() ? "not given" : a->second);
    }
  }
  if (differs.empty()) return;
  throw bad_input({.attempted = "going on with the study " + name,
                   .expected = "the space, the data and the options that it was started with",
                   .found = differs,
                   .remedy = "Ask for the same as then, or start a study of another name."});
}

}  // namespace

void StudyStore::create(const StudyHead& wanted) {
  State& state = *state_;
  const std::string name = state.address.name;
  const StudyHead clean = [&] {
    StudyHead made{
        .space = clean_text(wanted.space), .data_hash = clean_text(wanted.data_hash), .options = {}};
    for (const auto& [option, value] : wanted.options) made.options[clean_text(option)] = clean_text(value);
    return made;
  }();
  // Two studies of other names that are made at once may ask for the same number: then again.
  for (;;) {
    if (const std::optional<StudyHead> there = head()) return require_equal(*there, clean, name);
    state.connection->transaction([&] {
      const auto made = state.run(
          "INSERT INTO studies(id, name, space, data_hash)"
          " SELECT coalesce(max(id), 0) + 1, CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT) FROM studies"
          " WHERE true ON CONFLICT DO NOTHING RETURNING id",
          {name, clean.space, clean.data_hash});
      if (made.empty()) return;
      for (const auto& [option, value] : clean.options) {
        state.run("INSERT INTO options(study, name, value) VALUES(?, ?, ?)", {made[0][0], option, value});
      }
    });
  }
}

std::optional<StudyHead> StudyStore::head() {
  State& state = *state_;
  return state.connection->read([&]() -> std::optional<StudyHead> {
    const auto study = state.find_study();
    if (!study) return std::nullopt;
    const auto rows = state.run("SELECT space, data_hash FROM studies WHERE id = ?", {*study});
    StudyHead head{.space = text(rows.at(0)[0]), .data_hash = text(rows.at(0)[1]), .options = {}};
    for (const SqlRow& row : state.run("SELECT name, value FROM options WHERE study = ?", {*study}))
      head.options[text(row[0])] = text(row[1]);
    return head;
  });
}

void StudyStore::set_note(std::string_view name, std::string_view value) {
  state_->connection->transaction([&] {
    state_->run(
        "INSERT INTO notes(study, name, value) VALUES(?, ?, ?)"
        " ON CONFLICT(study, name) DO UPDATE SET value = excluded.value",
        {state_->study(), clean_text(name), clean_text(value)});
  });
}

std::map<std::string, std::string> StudyStore::notes() {
  return state_->connection->read([&] {
    std::map<std::string, std::string> notes;
    for (const SqlRow& row : state_->run("SELECT name, value FROM notes WHERE study = ?", {state_->study()}))
      notes[text(row[0])] = text(row[1]);
    return notes;
  });
}

void StudyStore::add_to_counter(std::string_view name, std::int64_t amount) {
  state_->connection->transaction([&] {
    state_->run(
        "INSERT INTO counters(study, name, value) VALUES(?, ?, ?)"
        " ON CONFLICT(study, name) DO UPDATE SET value = counters.value + excluded.value",
        {state_->study(), clean_text(name), amount});
  });
}

std::map<std::string, std::int64_t> StudyStore::counters() {
  return state_->connection->read([&] {
    std::map<std::string, std::int64_t> counters;
    for (const SqlRow& row :
         state_->run("SELECT name, value FROM counters WHERE study = ?", {state_->study()}))
      counters[text(row[0])] = whole(row[1]);
    return counters;
  });
}

std::uint64_t StudyStore::record_opening(std::string_view slice, std::string_view purpose) {
  return state_->connection->transaction([&] {
    const std::int64_t study = state_->study();
    // The study's row is the queue: two openings at once must not get one number.
    state_->run("SELECT id FROM studies WHERE id = ? {lock}", {study});
    const auto rows = state_->run(
        "INSERT INTO openings(study, slice, number, purpose, at)"
        " SELECT CAST(? AS BIGINT), CAST(? AS TEXT), coalesce(max(number), 0) + 1, CAST(? AS TEXT), {now}"
        " FROM openings WHERE study = ? AND slice = ? RETURNING number",
        {study, clean_text(slice), clean_text(purpose), study, clean_text(slice)});
    return count_of(rows.at(0)[0]);
  });
}

void StudyStore::checkpoint() {
  try {
    state_->connection->checkpoint();
  } catch (const Error& error) {
    // Somebody reads it just now: the log stays beside the file, and nothing is lost.
    if (error.kind() != ErrorKind::try_again) throw;
  }
}

}  // namespace astrolabe
