// SPDX-License-Identifier: Apache-2.0
// The proof of what a run's search has found, on rows that the search never read.
//
//   const EvidenceResult evidence = prove({.folder = "runs/digits", .seconds = 300}, progress);
//   evidence.findings[0].proof.verdict         // better, worse, tie or undecided
//
// Finding and baseline get the same tries of learning rates on open rows; then pair after pair is trained
// with fresh seeds and judged on the proof slice. The opening is counted in the study and its price paid
// (evidence/proof.h, docs/evidence.md). Leaves evidence.json and evidence.html in the folder, and a line for
// each finding in the ledger.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>

#include "astrolabe/base/progress.h"
#include "astrolabe/report/evidence_result.h"

namespace astrolabe {

struct ProveOptions {
  std::filesystem::path folder;
  double seconds = std::numeric_limits<double>::infinity();
  std::size_t threads = 0;  // 0: all cores
  std::size_t most_pairs = 30;
  std::size_t tries = 3;  // learning rates for either side, 1 to 5; 1: none is tuned
  std::size_t most_findings = 4;
  std::optional<double> rope =
      {};  // in the metric's unit; absent: a hundredth of what the baseline gains on a constant
  double alpha = 0.05;
  bool keeps_ledger = true;
  std::string command = {};
};

// Throws bad_input: no run there, other data than then, no rows that were sealed for a proof; nothing_fitted:
// no complete trial, no time for two pairs. Opens nothing before all of that is known. Seeds follow the run's
// seed and the number of the opening, so that a second proof sees fresh ones.
[[nodiscard]] EvidenceResult prove(const ProveOptions& options, Progress& progress);

}  // namespace astrolabe
