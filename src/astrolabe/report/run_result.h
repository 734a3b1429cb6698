// SPDX-License-Identifier: Apache-2.0
// Everything a run found out, as plain data: what the report, result.json, leaderboard.csv and the terminal
// show.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "astrolabe/data/pixels.h"
#include "astrolabe/data/profile.h"
#include "astrolabe/data/reader.h"
#include "astrolabe/evaluate/leakage.h"
#include "astrolabe/evaluate/permutation_importance.h"
#include "astrolabe/model/fit_curve.h"
#include "astrolabe/model/settings.h"
#include "astrolabe/model/task.h"
#include "astrolabe/report/column_effects.h"
#include "astrolabe/report/search_result.h"
#include "astrolabe/report/start_result.h"
#include "astrolabe/stats/class_scores.h"
#include "astrolabe/stats/curve.h"
#include "astrolabe/stats/interval.h"

namespace astrolabe {

struct LeaderboardRow {
  std::string system;   // "trees", "mean of trees and linear"
  std::string learner;  // empty for a mean
  SettingValues settings;
  Estimate validation;                // out of fold
  std::optional<Difference> to_best;  // this minus the best; absent for the best
  bool is_best = false;
  bool is_tie = false;  // not distinguishable from the best (Holm-adjusted, 5 %)
  std::size_t folds_done = 0, folds = 0;
  bool was_cut_short = false;  // by the deadline or a signal: it could do better with more time
  double seconds = 0;
  std::string note;  // "cut short: 2 of 5 folds done"; "312 trees of at most 31 leaves"
};

// Probabilities against what happened, of class 1; of several classes: that of the likeliest one, against
// whether it was right.
struct Reliability {
  std::vector<CalibrationBin> bins;    // as the model says it
  std::vector<CalibrationBin> before;  // as its members' mean says it; empty where nothing was calibrated
  std::vector<double> histogram;       // weight of the rows by twentieths of their probability
  double brier = std::nan(""), brier_before = std::nan("");
};

// How often the truth lay in the range around a prediction.
struct CoverageSlice {
  double low = 0, high = 0;  // of the predictions in it
  std::size_t rows = 0;
  Estimate share;  // weights are left out
};
struct Coverage {
  double promised = 0;
  CoverageSlice all;
  std::vector<CoverageSlice> slices;  // by ascending prediction, of about as many rows each
};

// The score that counts, on rows that nothing before had read.
struct HonestScore {
  std::string label;  // "sealed", "test file", "test part", "resampled"
  std::size_t rows = 0;
  std::size_t groups = 0;     // of a ranking
  std::uint64_t opening = 1;  // 2 and more: the seal had been opened before
  Estimate primary;
  std::vector<std::pair<std::string, Estimate>> others;  // other metrics by name
  // On the same rows, to draw. Which are filled depends on the task.
  std::vector<RocPoint> roc;                // binary
  double average_precision = std::nan("");  // binary
  std::vector<ThresholdScore> thresholds;   // binary
  std::optional<Reliability> reliability;   // binary, multiclass
  std::optional<Confusion> confusion;       // binary, multiclass
  std::vector<ClassScore> classes;          // binary, multiclass
  std::optional<Coverage> coverage;         // regression with a range
  // regression: (share, what |truth - prediction| is at most for that share of the rows)
  std::vector<std::pair<double, double>> error_quantiles;
  std::vector<std::pair<double, double>>
      residuals;  // regression: (prediction, truth - prediction), at most 1,000 rows
};

// How the probabilities of what ships were calibrated; log losses are out of fold.
struct CalibrationSummary {
  std::string kind;  // "temperature", "isotonic"; empty: they were not
  double power = 1;  // of a temperature
  double log_loss_before = 0, log_loss_after = 0;
};

// What ships, by systems: each is a mean of the fits of its folds.
struct EnsembleMember {
  std::string system, learner;
  double weight = 0;                // of a mean they sum to 1
  Estimate validation;              // out of fold
  std::vector<double> fold_scores;  // of its fits
};
struct Ensemble {
  std::vector<EnsembleMember> members;  // heaviest first
  bool is_stack = false;                // weights count on the scale of scores; else it is their mean
  std::vector<double> correlation;      // [members, members] of their out-of-fold errors
  std::size_t rows = 0;                 // out of fold
};

// How the fits of a system went, a curve for each fold that recorded one.
struct FitCurves {
  std::string system;
  std::vector<FitCurve> folds;
};

// A picture of a row, to be shown.
struct ShownPicture {
  ImageShape shape = {};
  std::vector<std::uint8_t> bytes = {};  // [height, width, channels]
  std::string label = {};
  std::string predicted = {};  // of a mistake: the class that it was taken for
  double probability = 0;      // that it was given
};

struct RunResult {
  // What was asked.
  std::string command;  // as it can be typed again
  std::string version;
  std::string data_path;
  std::string data_format;
  std::uint64_t data_hash = 0;
  std::uint64_t seed = 0;
  std::size_t threads = 1;
  double time_limit = 0;  // seconds; infinity: none
  std::string split;      // "random", "group:patient_nbr"

  // What was found in the data.
  Task task;
  std::string task_reason;  // "income has 2 text values: binary; --task changes it"
  std::size_t rows = 0, rows_used = 0, rows_sealed = 0;
  std::size_t rows_of_test_part = 0;  // of a set of pictures that brings one; not among the rows
  std::size_t rows_for_proof = 0;     // sealed for `prove`, beside the others
  std::vector<ColumnProfile> profiles;
  std::vector<ColumnReading> readings;
  std::vector<Leak> leaks;
  std::vector<ShownPicture> pictures = {};  // of open rows, by class
  std::vector<ShownPicture> mistakes = {};  // of the rows of the honest score, the surest first
  std::vector<std::string> notes;           // said, harmless
  std::vector<std::string> warnings;        // the reader of the score should know

  // What came out.
  std::vector<LeaderboardRow> leaderboard;  // best first
  std::string system;                       // what ships
  std::string system_summary;
  Estimate validation;  // before calibration
  CalibrationSummary calibration;
  std::optional<HonestScore> honest;
  std::optional<Ensemble> ensemble;
  std::vector<FitCurves> fits;  // of what ships, then of the best others
  std::string fitted_on;
  std::vector<std::pair<std::string, double>> importance;  // by the model itself: column, share
  std::vector<ColumnImportance> permutation;               // on out-of-seal rows
  std::optional<ColumnEffects> effects;                    // on open rows, of a model of trees
  std::optional<SearchResult> search;                      // when there was a star
  std::optional<StartResult> start;                        // when it went on from a model
  double seconds = 0;
  bool was_interrupted = false;

  // Where it went; relative to nothing, as given by the user.
  std::string model_path, report_path, folder;
};

}  // namespace astrolabe
