// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evidence/ledger.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <system_error>

#include "astrolabe/store/connection.h"
#include "astrolabe/store/sqlite.h"

namespace astrolabe {
namespace {

constexpr std::array<std::string_view, 3> kSchema = {
    "CREATE TABLE claims(number INTEGER PRIMARY KEY AUTOINCREMENT, written TEXT NOT NULL, command TEXT NOT "
    "NULL,"
    " study TEXT NOT NULL, data TEXT NOT NULL, data_hash TEXT NOT NULL, target TEXT NOT NULL, slot TEXT NOT "
    "NULL,"
    " finding TEXT NOT NULL, baseline TEXT NOT NULL, metric TEXT NOT NULL, verdict TEXT NOT NULL, effect "
    "REAL,"
    " low REAL, high REAL, rope REAL, alpha REAL, pairs INTEGER NOT NULL, row_count INTEGER NOT NULL,"
    " look INTEGER NOT NULL, protocol TEXT NOT NULL, hardware TEXT NOT NULL, version TEXT NOT NULL)",
    "CREATE TRIGGER claims_stay BEFORE UPDATE ON claims BEGIN SELECT RAISE(ABORT, 'claims are never "
    "changed');"
    " END",
    "CREATE TRIGGER claims_last BEFORE DELETE ON claims BEGIN SELECT RAISE(ABORT, 'claims are never "
    "removed');"
    " END"};

double number_of(const SqlValue& value) {
  if (const auto* real = std::get_if<double>(&value)) return *real;
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  return std::numeric_limits<double>::quiet_NaN();
}

std::uint64_t count_of(const SqlValue& value) {
  return static_cast<std::uint64_t>(std::get<std::int64_t>(value));
}

LedgerEntry entry_of(const SqlRow& row) {
  const auto text = [&](std::size_t column) { return std::get<std::string>(row.at(column)); };
  return {.number = count_of(row.at(0)),
          .written = text(1),
          .command = text(2),
          .study = text(3),
          .data = text(4),
          .data_hash = text(5),
          .target = text(6),
          .slot = text(7),
          .finding = text(8),
          .baseline = text(9),
          .metric = text(10),
          .verdict = find_verdict(text(11)).value_or(Verdict::undecided),
          .effect = number_of(row.at(12)),
          .low = number_of(row.at(13)),
          .high = number_of(row.at(14)),
          .rope = number_of(row.at(15)),
          .alpha = number_of(row.at(16)),
          .pairs = count_of(row.at(17)),
          .rows = count_of(row.at(18)),
          .look = count_of(row.at(19)),
          .protocol = text(20),
          .hardware = text(21),
          .version = text(22)};
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

Ledger::Ledger(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
Ledger::Ledger(Ledger&&) noexcept = default;
Ledger& Ledger::operator=(Ledger&&) noexcept = default;
Ledger::~Ledger() = default;

Ledger Ledger::open(const std::filesystem::path& path) {
  std::error_code ignored;  // opening says what is wrong
  std::filesystem::create_directories(path.parent_path(), ignored);
  auto connection = std::make_unique<Database>(Database::open(path));
  connection->migrate(kSchema);
  return Ledger(std::move(connection));
}

std::uint64_t Ledger::append(const LedgerEntry& entry) {
  const auto whole = [](std::uint64_t value) { return static_cast<std::int64_t>(value); };
  return connection_->transaction([&] {
    connection_->run(
        "INSERT INTO claims(written, command, study, data, data_hash, target, slot, finding, baseline, "
        "metric,"
        " verdict, effect, low, high, rope, alpha, pairs, row_count, look, protocol, hardware, version)"
        " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {entry.written,
         entry.command,
         entry.study,
         entry.data,
         entry.data_hash,
         entry.target,
         entry.slot,
         entry.finding,
         entry.baseline,
         entry.metric,
         std::string(verdict_name(entry.verdict)),
         entry.effect,
         entry.low,
         entry.high,
         entry.rope,
         entry.alpha,
         whole(entry.pairs),
         whole(entry.rows),
         whole(entry.look),
         entry.protocol,
         entry.hardware,
         entry.version});
    return count_of(connection_->run("SELECT last_insert_rowid()").at(0).at(0));
  });
}

std::vector<LedgerEntry> Ledger::entries(std::size_t limit) {
  const auto most =
      static_cast<std::int64_t>(std::min<std::size_t>(limit, std::numeric_limits<std::int64_t>::max()));
  std::vector<LedgerEntry> entries;
  for (const SqlRow& row :
       connection_->run("SELECT number, written, command, study, data, data_hash, target, slot,"
                        " finding, baseline, metric, verdict, effect, low, high, rope, alpha,"
                        " pairs, row_count, look, protocol, hardware, version"
                        " FROM claims ORDER BY number DESC LIMIT ?",
                        {most}))
    entries.push_back(entry_of(row));
  std::ranges::reverse(entries);
  return entries;
}

std::filesystem::path ledger_path() {
  if (const std::string path = variable("ASTROLABE_CLAIMS"); !path.empty()) return path;
  std::filesystem::path data = variable("XDG_DATA_HOME");
  if (data.empty()) data = std::filesystem::path(variable("HOME")) / ".local" / "share";
  return data / "astrolabe" / "claims.db";
}

}  // namespace astrolabe
