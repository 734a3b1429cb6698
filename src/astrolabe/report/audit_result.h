// SPDX-License-Identifier: Apache-2.0
// What `astrolabe audit` says of somebody's predictions, as plain data.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "astrolabe/evaluate/weak_slices.h"
#include "astrolabe/evidence/verdict.h"
#include "astrolabe/model/task.h"
#include "astrolabe/stats/interval.h"

namespace astrolabe {

// Ours against another prediction of the same rows; above 0 where ours are better.
struct AuditComparison {
  std::string name = {};  // of the column; "a constant"
  double score = 0;       // of the other
  Difference difference = {};
  double p_adjusted = 1;  // for the number of tries
  double shrunk = 0;      // what is left of the advantage when the best of so many tries was picked
  Verdict verdict = Verdict::undecided;
  double rows_to_settle = 0;  // of an undecided one: about so many rows would tell; infinite: none would
};

enum class AuditDecision : std::uint8_t { use, do_not_use, need_more };

struct AuditResult {
  std::string file;
  Task task;
  std::string predictions = {};  // "prediction", "probability:<class>"
  std::size_t rows = 0;
  std::size_t tries = 1;
  Estimate score = {};
  AuditComparison floor = {};  // a constant
  std::optional<AuditComparison> baseline = {};
  double calibration_error = 0;   // of probabilities: mean distance to what happened; NaN: none are given
  std::size_t repeated_rows = 0;  // equal in every feature to another row of the file
  std::optional<std::size_t> seen_rows = {};  // equal to a row of the training file
  std::optional<double> unseen_score = {};    // without those
  std::vector<std::string> leaks = {};        // in words
  std::string slice_loss = {};                // what slices are compared by: "squared error"
  std::vector<WeakSlice> slices = {};
  AuditDecision decision = AuditDecision::need_more;
  std::vector<std::string> reasons = {};  // for the decision, in words, the strongest first
};

}  // namespace astrolabe
