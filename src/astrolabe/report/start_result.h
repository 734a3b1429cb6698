// SPDX-License-Identifier: Apache-2.0
// Where a run started, when it went on from a model: what was kept, the proof that nothing was lost before
// the first step, and what it was worth.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "astrolabe/stats/interval.h"

namespace astrolabe {

// Rows of earlier runs, kept beside the model (`--grow`).
struct OldRowsResult {
  std::size_t trained = 0;         // rehearsed: mixed into the training rows
  std::size_t judged = 0;          // never trained on: what measures whether something is forgotten
  Estimate before, after;          // the metric on them, of the old model and of the one that ships
  std::optional<Estimate> change;  // after - before, paired
  bool fell = false;               // beyond its interval
};

struct StartResult {
  std::string model, data_name;                             // what it went on from
  std::uint64_t rows = 0;                                   // that it was fitted on
  std::vector<std::string> kept, added, gone;               // columns
  std::vector<std::pair<std::string, std::size_t>> levels;  // of kept columns: so many new categories
  std::vector<std::string> old_classes, new_classes;
  // The best system that went on.
  std::string system;
  std::string was, is;  // its net, then and now; empty: no net
  std::size_t fits = 0, warm_fits = 0, compared_rows = 0;
  double difference = 0, answer_scale = 1;
  bool is_exact = false;
  std::string why;  // a fit is not exact, or cold
  double slope = 1, shift = 0;
  // The same system from nothing.
  std::string scratch;
  std::optional<Estimate> gain;  // of the metric, positive: going on is better
  double score = 0, scratch_score = 0;
  double seconds = 0, scratch_seconds = 0;
  std::optional<double> epoch_share;  // of the epochs from nothing, until as good on the watched rows
  std::uint64_t epochs = 0, scratch_epochs = 0;  // of all fits, those on all rows included; 0: no nets
  std::optional<OldRowsResult> old_rows = {};
};

}  // namespace astrolabe
