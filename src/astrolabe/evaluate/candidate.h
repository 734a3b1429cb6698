// SPDX-License-Identifier: Apache-2.0
// A candidate: one learner with settings, with its encoder, as one thing that fits on table rows and predicts
// them.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "astrolabe/data/table.h"
#include "astrolabe/features/encoder.h"
#include "astrolabe/model/learner.h"

namespace astrolabe {

struct FittedCandidate;

// The encoder of what is gone on from is extended by columns and categories that it does not know.
struct Transfer {
  std::vector<std::size_t> class_of = {};  // [old classes] which class of the task each is; empty for numbers
};

struct Candidate {
  const Learner* learner = nullptr;
  SettingValues settings = {};
  std::string name;  // "trees", "trees (deep)": unique within a run
  // Fits that its own fits go on from, in turn, with the encoder of the one that they go on from. Null: none.
  std::shared_ptr<const std::vector<FittedCandidate>> from = {};
  // How those may read more than they did, and answer more; null: they read and answer as they stand.
  std::shared_ptr<const Transfer> transfer = {};
  // What a teacher says of every row of the table, [table rows * outputs]; null: nobody teaches.
  std::shared_ptr<const std::vector<double>> taught = {};
};

// Encoder and model together: what a fold or the final fit leaves.
struct FittedCandidate {
  std::shared_ptr<const Encoder> encoder;
  std::shared_ptr<const Model> model;

  // [rows * outputs] row-major.
  [[nodiscard]] std::vector<double> predict(const Table& table, std::span<const RowIndex> rows,
                                            ThreadPool& pool) const;
};

// Target and weight of a table's rows; made once per task (labels of all rows, aligned with the table).
[[nodiscard]] Labels take_labels(const Labels& all, std::span<const RowIndex> rows);

struct CandidateFit {
  const Table& table;    // feature columns only
  const Labels& labels;  // [table rows]
  std::span<const RowIndex> train;
  std::span<const RowIndex> watch = {};  // for early stopping; empty: none
  Key key;
  ThreadPool& pool;
  const Budget& budget;
  std::function<void(double)> progress = {};
  std::function<void(std::string_view)> tell = {};  // of the learner, as in FitRequest
  const Model* start = nullptr;                     // to begin with, as in FitRequest
  std::size_t turn = 0;                             // which of candidate.from it goes on from
};
[[nodiscard]] FittedCandidate fit_candidate(const Candidate& candidate, const CandidateFit& fit);

}  // namespace astrolabe
