// SPDX-License-Identifier: Apache-2.0
// The rows of a fit: those that weigh something, then encoded, with targets on the net's scale.
//
//   const UsedRows used(request.train);
//   const InputPlan plan = InputPlan::fit(used.features(), used.weights(), pool);
//   const PreparedRows prepared(used, plan, target.answer);
//   Trainer trainer({.rows = prepared.view(), ...});
#pragma once

#include <optional>
#include <vector>

#include "astrolabe/learners/neural/input_plan.h"
#include "astrolabe/learners/neural/mlp_design.h"
#include "astrolabe/model/learner.h"
#include "astrolabe/train/trainer.h"

namespace astrolabe::neural {

// Rows that weigh something; rows that all weigh nothing count alike. Looks at the data, which must outlive
// it, and copies features only where rows are left out.
class UsedRows {
 public:
  explicit UsedRows(const TrainingData& data);

  [[nodiscard]] const FeatureMatrix& features() const { return kept_ ? *kept_ : all_; }
  [[nodiscard]] const Labels& labels() const { return labels_; }                 // without weights
  [[nodiscard]] const std::vector<double>& weights() const { return weights_; }  // [rows], above 0
  // Which rows of the data these are, ascending.
  [[nodiscard]] const std::vector<std::uint32_t>& rows() const { return rows_; }
  // Weights scaled to a mean of 1; empty when all rows count alike.
  [[nodiscard]] std::vector<float> scaled_weights() const;

 private:
  const FeatureMatrix& all_;
  std::optional<FeatureMatrix> kept_;
  Labels labels_;
  std::vector<double> weights_;
  std::vector<std::uint32_t> rows_;
  bool is_weighted_ = false;
};

// Encoded rows with their targets and weights. Looks at the pictures of `rows`, which must outlive it.
class PreparedRows {
 public:
  PreparedRows(const UsedRows& rows, const InputPlan& plan, const Answer& answer,
               const PictureInput& picture = {});

  [[nodiscard]] const EncodedRows& encoded() const { return encoded_; }
  // As `train` takes them; looks at this object.
  [[nodiscard]] TrainingRows view() const;

 private:
  EncodedRows encoded_;
  std::vector<float> y_;
  std::vector<float> weights_;
  PictureRows pictures_;
};

}  // namespace astrolabe::neural
