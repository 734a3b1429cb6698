// SPDX-License-Identifier: Apache-2.0
// What `astrolabe explain` found out, as plain data: for the page, explain.json and the terminal. Scores are
// in the metric's own direction; gains are above 0 where the change is better.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "astrolabe/evaluate/learning_curve.h"
#include "astrolabe/report/certificate_text.h"
#include "astrolabe/report/experiment_text.h"
#include "astrolabe/report/search_result.h"
#include "astrolabe/search/pair_importance.h"

namespace astrolabe {

// A change of a system that was trained: both sides on the same open rows, seed by seed.
struct TrainedChange {
  std::string what;                            // "sigmoid(1.5*x)"; "activation"
  std::string instead;                         // "its mean, 0.5"; "x*sigmoid(1.5*x)"
  std::string text;                            // what stands in the slot then; empty: `instead` says it
  double before = kUnknown, after = kUnknown;  // mean scores
  Estimate gain;
  std::size_t pairs = 0;
  std::size_t others = 0;  // of a step of the path: settings that could have come next, and gained less
};

// A part that was found, against what it replaces.
struct PartExplanation {
  FoundFormula formula;
  std::string simplified;  // canonical; empty: as it is written
  std::string baseline;    // what it is compared with: "relu"
  CertifiedPart certified;
  std::vector<ExperimentReport> experiments;
  std::vector<TrainedChange> knock_outs;
  std::vector<TrainedChange> knock_ins;  // what = node, instead = baseline
};

// Scores against what was spent, and what more would bring.
struct SpentCurve {
  std::string unit;  // "rows", "trials"
  std::vector<CurvePoint> points;
  LearningCurve curve;
};

struct ExplainResult {
  std::string folder, command, version;
  std::string data_path, target;
  std::uint64_t data_hash = 0, seed = 0;
  std::string metric;
  std::size_t open_rows = 0, pairs = 0, tries = 0;
  std::string system, baseline;  // "mlp(activation=silu)", "mlp(activation=relu)"

  std::optional<TrainedChange> whole;  // the defaults against everything that was found
  std::vector<TrainedChange> path;     // from the defaults on, one setting after the other
  SearchResult search;                 // with the importance of its settings
  std::vector<PairImportance> pairs_of_settings;
  std::vector<PartExplanation> parts;
  std::vector<std::string> model;  // what the run's report says of what ships, with its numbers
  std::optional<SpentCurve> rows, trials;
  std::vector<std::string> left_out;  // and why
  std::string page_path;
  double seconds = 0;
};

}  // namespace astrolabe
