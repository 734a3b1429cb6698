// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/runtime/schedule_database.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <fmt/format.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

// Never change a step that was released: add one.
constexpr std::array<std::string_view, 1> kSchema{
    "CREATE TABLE schedules(machine TEXT NOT NULL, kind TEXT NOT NULL, shape TEXT NOT NULL, "
    "threads INTEGER NOT NULL, schedule TEXT NOT NULL, before REAL NOT NULL, after REAL NOT NULL, "
    "gain REAL NOT NULL, low REAL NOT NULL, high REAL NOT NULL, "
    "PRIMARY KEY(machine, kind, shape, threads)) WITHOUT ROWID"};

// As enumerated.
constexpr std::array<std::string_view, 3> kKinds{"product", "convolution", "nest"};

constexpr std::string_view kSelect =
    "SELECT kind, shape, threads, schedule, before, after, gain, low, high FROM schedules "
    "WHERE machine = ? ORDER BY kind DESC, shape, threads";

std::string text_of(const SqlValue& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? std::string() : *text;
}

double number_of(const SqlValue& value) {
  if (const auto* real = std::get_if<double>(&value)) return *real;
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  return 0;
}

std::vector<TunedRow> select_rows(Database& database, const std::string& machine) {
  std::vector<TunedRow> rows;
  for (const SqlRow& row : database.run(kSelect, {machine})) {
    const std::string kind = text_of(row[0]);
    const auto known = std::ranges::find(kKinds, kind);
    if (known == kKinds.end()) continue;  // of a newer build
    rows.push_back({.kind = static_cast<ScheduleKind>(known - kKinds.begin()),
                    .shape = text_of(row[1]),
                    .threads = static_cast<std::size_t>(number_of(row[2])),
                    .schedule = text_of(row[3]),
                    .before = number_of(row[4]),
                    .after = number_of(row[5]),
                    .gain = {.value = number_of(row[6]),
                             .low = number_of(row[7]),
                             .high = number_of(row[8]),
                             .method = "paired t"}});
  }
  return rows;
}

// What SQLite could not read is no study here.
template <class Action>
auto as_schedules(const std::filesystem::path& path, const Action& action) {
  try {
    return action();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::bad_input) throw;
    throw bad_input({.attempted = "reading schedules from " + path.string(),
                     .expected = "a database that `astrolabe tune` wrote",
                     .found = "something else, or a broken one",
                     .remedy = "Remove the file and tune again."});
  }
}

Database open_to_write(const std::filesystem::path& path) {
  if (path.empty())
    throw usage_error({.attempted = "keeping schedules",
                       .expected = "a file to keep them in",
                       .found = "no home and no cache folder, or ASTROLABE_SCHEDULES=off",
                       .remedy = "Give --database FILE, or set XDG_CACHE_HOME."});
  std::error_code error;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
  if (error)
    throw failure({.attempted = "making the folder " + path.parent_path().string(),
                   .found = error.message(),
                   .remedy = "Give --database FILE in a folder that can be written."});
  return as_schedules(path, [&] { return Database::open(path); });
}

}  // namespace

std::string_view schedule_kind_name(ScheduleKind kind) {
  return kKinds[static_cast<std::size_t>(kind)];
}

std::filesystem::path schedule_database_path() {
  const char* const asked = std::getenv("ASTROLABE_SCHEDULES");
  if (asked != nullptr && *asked != '\0') return std::string_view(asked) == "off" ? "" : asked;
  constexpr std::string_view kFile = "astrolabe/schedules.db";
  const char* const cache = std::getenv("XDG_CACHE_HOME");
  // A relative folder is to be ignored (XDG Base Directory Specification).
  if (cache != nullptr && std::filesystem::path(cache).is_absolute())
    return std::filesystem::path(cache) / kFile;
  const char* const home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') return {};
  return std::filesystem::path(home) / ".cache" / kFile;
}

ScheduleDatabase::ScheduleDatabase(const std::filesystem::path& path) : database_(open_to_write(path)) {
  database_.migrate(kSchema);
}

void ScheduleDatabase::keep(const std::string& machine, const TunedRow& row) {
  database_.run(
      "INSERT OR REPLACE INTO schedules VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {machine, std::string(schedule_kind_name(row.kind)), row.shape, static_cast<std::int64_t>(row.threads),
       row.schedule, row.before, row.after, row.gain.value, row.gain.low, row.gain.high});
}

std::vector<TunedRow> ScheduleDatabase::rows(const std::string& machine) {
  return select_rows(database_, machine);
}

std::size_t ScheduleDatabase::rows_of_other_machines(const std::string& machine) {
  return static_cast<std::size_t>(std::get<std::int64_t>(
      database_.run("SELECT count(*) FROM schedules WHERE machine <> ?", {machine}).at(0).at(0)));
}

std::size_t ScheduleDatabase::clear(const std::string& machine) {
  return database_.transaction([&] {
    const std::size_t count = select_rows(database_, machine).size();
    database_.run("DELETE FROM schedules WHERE machine = ?", {machine});
    return count;
  });
}

void ScheduleDatabase::checkpoint() {
  database_.checkpoint();
}

std::vector<TunedRow> read_schedules(const std::filesystem::path& path, const std::string& machine) {
  Database database = Database::open_to_read(path);
  const std::size_t version = as_schedules(path, [&] { return database.schema_version(); });
  if (version == 0 || version > kSchema.size())
    throw bad_input({.attempted = "reading schedules from " + path.string(),
                     .expected = fmt::format("version {} of their schema", kSchema.size()),
                     .found = version == 0 ? "no schedules" : fmt::format("version {}", version),
                     .remedy = "Remove the file and tune again."});
  return as_schedules(path, [&] { return select_rows(database, machine); });
}

}  // namespace astrolabe
