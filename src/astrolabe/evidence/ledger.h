// SPDX-License-Identifier: Apache-2.0
// The ledger of claims: everything that this machine proved, refuted, or could not decide. Append-only.
//
//   Ledger ledger = Ledger::open(ledger_path());
//   ledger.append({.slot = "activation", .finding = "silu", .baseline = "relu", .verdict = Verdict::better,
//   ...}); for (const LedgerEntry& entry : ledger.entries()) ...
//
// One SQLite file for the user. Rows can be added, not changed or removed: the database refuses both. Several
// processes may append at once. Not thread-safe: one Ledger for each thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "astrolabe/evidence/verdict.h"

namespace astrolabe {

class Connection;

// A claim with its conditions, so that it stays true whatever comes later.
struct LedgerEntry {
  std::uint64_t number = 0;  // from 1; given by append
  std::string written = {};  // UTC, "2026-11-26T05:30:00Z"
  std::string command = {};  // how it was asked
  std::string study = {};    // the run's folder
  std::string data = {};     // path
  std::string data_hash = {};
  std::string target = {};
  std::string slot = {};      // "activation"; "system" for all that was found together
  std::string finding = {};   // "mlp(activation=silu)"
  std::string baseline = {};  // "mlp(activation=relu)"
  std::string metric = {};
  Verdict verdict = Verdict::undecided;
  double effect = 0;  // in the metric's direction of better, shrunk
  double low = 0, high = 0;
  double rope = 0;
  double alpha = 0;
  std::uint64_t pairs = 0;  // of fresh seeds
  std::uint64_t rows = 0;   // sealed
  std::uint64_t look = 0;
  std::string protocol = {};  // in words
  std::string hardware = {};  // "2 cores, avx512"
  std::string version = {};
};

class Ledger {
 public:
  // Creates it, with its folder, when absent. Throws what store/sqlite.h throws.
  [[nodiscard]] static Ledger open(const std::filesystem::path& path);
  Ledger(Ledger&&) noexcept;
  Ledger& operator=(Ledger&&) noexcept;
  ~Ledger();

  // Durable when it returns. Returns its number.
  std::uint64_t append(const LedgerEntry& entry);
  // The newest `limit` of them, oldest first.
  [[nodiscard]] std::vector<LedgerEntry> entries(std::size_t limit = SIZE_MAX);

 private:
  explicit Ledger(std::unique_ptr<Connection> connection);
  std::unique_ptr<Connection> connection_;
};

// $ASTROLABE_CLAIMS, else astrolabe/claims.db under $XDG_DATA_HOME, else under ~/.local/share.
[[nodiscard]] std::filesystem::path ledger_path();

}  // namespace astrolabe
