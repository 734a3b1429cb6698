// SPDX-License-Identifier: Apache-2.0
// Rows with the scores that the trees so far give them.
//
//   ScoredRows train(features, labels, bins, Purpose::training, initial, pool);
//   add_scores(tree, train.matrix, train.rows, train.scores_of(output), pool);
//   train.predict(loss, pool);   // train.predictions_of(output)
#pragma once

#include <span>
#include <vector>

#include "astrolabe/learners/trees/binned_matrix.h"
#include "astrolabe/learners/trees/dart.h"
#include "astrolabe/learners/trees/loss.h"

namespace astrolabe::trees {

// What it is made of must outlive it. Not thread-safe.
struct ScoredRows {
  const Labels* labels = nullptr;
  BinnedMatrix matrix;
  std::vector<double> scores;       // [outputs, rows]
  std::vector<double> predictions;  // [outputs, rows]; empty until they are asked for
  std::vector<std::uint32_t> rows;  // those with a weight
  std::vector<double> targets;      // [rows] as an expression wants them; empty for the native losses

  ScoredRows(const FeatureMatrix& features, const Labels& all, const std::vector<FeatureBins>& bins,
             Purpose purpose, std::span<const double> initial, ThreadPool& pool)
      : labels(&all), matrix(features, bins, purpose, pool) {
    for (const double score : initial) scores.insert(scores.end(), all.rows(), score);
    for (std::uint32_t row = 0; row < all.rows(); ++row)
      if (all.weight(row) > 0) rows.push_back(row);
  }
  [[nodiscard]] std::span<double> scores_of(std::size_t output) {
    return std::span(scores).subspan(output * labels->rows(), labels->rows());
  }
  [[nodiscard]] std::span<const double> predictions_of(std::size_t output) const {
    return std::span(predictions).subspan(output * labels->rows(), labels->rows());
  }
  [[nodiscard]] RowScores row_scores() { return {matrix, rows, scores}; }
  void predict(Loss loss, ThreadPool& pool) { predict(loss, scores, pool); }
  // As if the scores were these.
  void predict(Loss loss, std::span<const double> of_scores, ThreadPool& pool) {
    predictions.resize(of_scores.size());
    apply_link(loss, labels->rows(), of_scores, predictions, pool);
  }
};

}  // namespace astrolabe::trees
