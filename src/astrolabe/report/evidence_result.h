// SPDX-License-Identifier: Apache-2.0
// What `astrolabe prove` found out, as plain data: for the evidence page, evidence.json and the terminal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "astrolabe/evidence/proof.h"

namespace astrolabe {

// One finding of a study and what became of it.
struct ProvedFinding {
  std::string slot;      // "activation"; "system": everything that was found together; "learner"
  std::string finding;   // "mlp(activation=silu)"
  std::string baseline;  // "mlp(activation=relu)"
  std::string finding_settings, baseline_settings;  // as tuned
  double finding_score = 0, baseline_score = 0;     // metric of the mean predictions on the sealed rows
  double rope = 0;                                  // in the metric's unit
  std::vector<double> differences;                  // [pairs], above 0: the finding is better
  Proof proof;
};

struct EvidenceResult {
  std::string folder, command, version;
  std::string data_path, target;
  std::uint64_t data_hash = 0;
  std::string metric;
  std::size_t open_rows = 0, sealed_rows = 0;
  std::uint64_t look = 0;  // which opening of the sealed rows this was
  double alpha = 0.05;     // over all looks and findings
  std::size_t most_pairs = 0;
  std::size_t tries = 0;  // learning rates tried for either side
  std::string protocol;   // in words
  std::string hardware;
  std::string ledger_path;  // empty: nothing was written there
  std::string page_path;
  double seconds = 0;
  std::vector<ProvedFinding> findings;
  std::vector<std::string> notes;
};

}  // namespace astrolabe
